{{ config(materialized=built_by_customer(), meta={'dates': 'unified_due_dates'}) }}
-- What became of the customers that models spoke of: outcomes on the dates that are due for a grade.
{{ customer_outcomes(ref('unified_due_dates')) }}
