{{ config(materialized=built_by_customer(), meta={'dates': 'unified_feature_dates'}) }}
-- Features of tonight and of nine earlier dates; what they are is in the macro, for any dates.
{{ customer_features(ref('unified_feature_dates')) }}
