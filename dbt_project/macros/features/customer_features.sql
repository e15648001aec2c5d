{#-
    What was known of each customer at the end of each date of `dates` (a relation with a column
    `as_of`): one row per customer who had ordered by then. The one place where features are put
    together, whatever the dates are for; the parts are in the macros feature_*.

    Every part joins its events to the dates by the day of the event, and by the day it became known
    where that is another, and keeps those up to as_of: nothing here can see the future.

    A share of nothing is 0, and so is a change from nothing to nothing. What nobody ever did (a
    visit, an answer, a second order) has no days, score or gap: these stay empty.
-#}
{% macro customer_features(dates) %}
with feature_dates as (
    select distinct as_of from {{ dates }}
),

{{ feature_purchases() }},

{{ feature_categories() }},

{{ feature_activities() }},

{{ feature_demographics() }},

features as (
    select
        purchases.customer_id,
        purchases.as_of,
        {{ purchase_features() | indent(8) }},
        {{ category_features() | indent(8) }},
        {{ activity_features() | indent(8) }},
        {{ demographic_features() | indent(8) }}
    from purchases
    left join categories
        on purchases.customer_id = categories.customer_id
        and purchases.as_of = categories.as_of
    left join activities
        on purchases.customer_id = activities.customer_id
        and purchases.as_of = activities.as_of
    left join demographics
        on purchases.customer_id = demographics.customer_id
        and purchases.as_of = demographics.as_of
)

select * from features
order by as_of, customer_id
{% endmacro %}
