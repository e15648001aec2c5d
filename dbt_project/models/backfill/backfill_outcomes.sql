{{ config(materialized=built_by_customer(), meta={'dates': 'backfill_dates'}) }}
-- What customers did after each date of a backfill. Whoever speaks for one of them looks at what had
-- ended by then and at nothing else.
{{ customer_outcomes(ref('backfill_dates')) }}
