{#-
    What kinds of goods were bought in the 84 days up to each date, by money; goods brought back
    take nothing away from the kinds that were bought.

    Entropy (Shannon 1948, natural logarithm) is written so that one pass gives it:
    -sum(p ln p) with p = s / S is ln S - sum(s ln s) / S. The products are rounded to decimals
    before they are added, because decimals add up to the same in any order.
-#}
{% macro feature_categories() %}
top_departments as (
    {{ top_departments('feature_dates') }}
),

category_days as (
    select
        days.customer_id,
        days.order_date,
        days.product_category,
        {%- for rank in range(1, 6) %}
        case when top_departments.department_rank = {{ rank }} then days.bought_usd else 0 end
            as department_{{ rank }}_usd,
        {%- endfor %}
        days.bought_usd
    from {{ ref('unified_category_days') }} as days
    left join top_departments on days.department = top_departments.department
    where {{ in_slice('days.customer_id') }}
),

category_windows as (
    select
        category_days.customer_id,
        feature_dates.as_of,
        category_days.product_category,
        {%- for rank in range(1, 6) %}
        sum(category_days.department_{{ rank }}_usd) as department_{{ rank }}_usd,
        {%- endfor %}
        sum(category_days.bought_usd) as bought_usd
    from category_days
    inner join feature_dates
        on category_days.order_date <= feature_dates.as_of
        and category_days.order_date > {{ add_days('feature_dates.as_of', -84) }}
    group by category_days.customer_id, feature_dates.as_of, category_days.product_category
),

categories as (
    select
        customer_id,
        as_of,
        count(*) as distinct_categories,
        sum(bought_usd) as bought_usd,
        max(bought_usd) as most_bought_usd,
        {%- for rank in range(1, 6) %}
        sum(department_{{ rank }}_usd) as department_{{ rank }}_usd,
        {%- endfor %}
        sum(case
            when bought_usd > 0
                then cast(
                    cast(bought_usd as double) * ln(cast(bought_usd as double)) as decimal(18, 6)
                )
            else 0
        end) as weighted_logarithms
    from category_windows
    group by customer_id, as_of
)
{%- endmacro %}

{% macro category_features() %}
cast(coalesce(categories.distinct_categories, 0) as double) as distinct_categories_84d,
{{ as_share('categories.most_bought_usd', 'categories.bought_usd') }} as top_category_share_84d,
coalesce(case
    when categories.bought_usd > 0
        then round(abs(
            ln(cast(categories.bought_usd as double))
            - {{ as_ratio('categories.weighted_logarithms', 'categories.bought_usd') }}
        ), 5)
end, 0) as category_entropy_84d,
{%- for rank in range(1, 6) %}
{{ as_share('categories.department_' ~ rank ~ '_usd', 'categories.bought_usd') }}
    as department_{{ rank }}_share_84d{{ ',' if not loop.last }}
{%- endfor %}
{%- endmacro %}
