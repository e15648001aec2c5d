{{ config(materialized=built_by_customer(), meta={'dates': 'unified_feature_dates'}) }}
-- What customers did after each feature date: what models learn and are judged by.
{{ customer_outcomes(ref('unified_feature_dates')) }}
