-- Features of tonight and of nine earlier dates; what they are is in the macro, for any dates.
{{ customer_features(ref('unified_feature_dates')) }}
