-- What was known of each customer at the end of each date of a backfill.
{{ customer_features(ref('backfill_dates')) }}
