{#-
    The shop's `count` departments with most sales up to the first date of `dates`, numbered from 1:
    known at every one of the dates, so that a share of department 1 means the same thing at all of
    them. Equal sales go by name.
-#}
{% macro top_departments(dates, count=5) %}
    select
        department_rank,
        department
    from (
        select
            days.department,
            row_number() over (order by sum(days.bought_usd) desc, days.department)
                as department_rank
        from {{ ref('unified_category_days') }} as days
        where days.order_date <= (select min(first.as_of) from {{ dates }} as first)
        group by days.department
    ) as ranked
    where department_rank <= {{ count }}
{% endmacro %}
