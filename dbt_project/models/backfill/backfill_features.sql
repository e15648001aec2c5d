{{ config(materialized=built_by_customer(), meta={'dates': 'backfill_dates'}) }}
-- What was known of each customer at the end of each date of a backfill.
{{ customer_features(ref('backfill_dates')) }}
