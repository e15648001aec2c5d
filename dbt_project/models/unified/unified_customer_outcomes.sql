-- What customers did after each feature date: what models learn and are judged by.
{{ customer_outcomes(ref('unified_feature_dates')) }}
