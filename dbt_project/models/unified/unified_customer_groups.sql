-- One row per customer as of the run's day: how often they buy, what is known of their home, and
-- what they buy for. Groups by rules; those found by behaviour are made by models/segments.
{%- set groups = var('groups') %}
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

view_360 as (
    select
        people.customer_id,
        people.as_of,
        people.orders,
        people.age_band,
        {{ to_integer("substr(people.age_band, 1, 2)") }} as age_from,
        case
            when lower(people.income_band) like 'under%' then 0
            else {{ to_integer(re_replace('people.income_band', '[^0-9].*$', '')) }}
        end as income_from,
        {{ to_integer("substr(people.household_size, 1, 1)") }} as people_at_home,
        {{ to_integer("substr(households.kids_count, 1, 1)") }} as kids
    from {{ ref('unified_customer_360') }} as people
    left join {{ ref('unified_households') }} as households
        on people.household_id = households.household_id
),

order_days as (
    select
        days.customer_id,
        sum(case
            when days.order_date > {{ add_days('run_date.as_of', -groups.frequent.within_days) }} then 1
            else 0
        end) as recent_order_days,
        max(days.order_date) > {{ add_days('max(run_date.as_of)', -groups.former_after_days) }}
            as is_buying
    from {{ ref('unified_customer_days') }} as days
    inner join run_date on days.order_date <= run_date.as_of
    group by days.customer_id
),

described as (
    select
        view_360.customer_id,
        view_360.as_of,
        case
            when order_days.customer_id is null then 'never'
            when order_days.recent_order_days >= {{ groups.frequent.order_days }} then 'frequent'
            when order_days.is_buying then 'occasional'
            else 'former'
        end as frequency_group,
        case
            when view_360.age_from is null then ''
            when view_360.age_from < {{ groups.middle_age_from }} then 'young '
            when view_360.age_from < {{ groups.older_from }} then 'middle-aged '
            else 'older '
        end as age_words,
        case
            when view_360.kids > 0 then 'family'
            when view_360.people_at_home = 1 then 'single'
            when view_360.people_at_home > 1 then 'couple or adults'
            when view_360.age_from is not null then 'adult, home unknown'
        end as home_words,
        case
            when view_360.income_from is null then 'unknown'
            when view_360.income_from < {{ groups.lower_income_below }} then 'lower'
            when view_360.income_from < {{ groups.upper_income_from }} then 'middle'
            else 'upper'
        end as income_level
    from view_360
    left join order_days on view_360.customer_id = order_days.customer_id
),

interests as (
    select
        customer_id,
        max(case when spend_rank = 1 then product_category end) as category_segment,
        max(case when interest_rank = 1 then product_category end) as interest_segment
    from {{ ref('unified_customer_interests') }}
    group by customer_id
),

grouped as (
    select
        described.customer_id,
        described.as_of,
        described.frequency_group,
        coalesce(described.age_words || described.home_words, 'unknown') as demographic_segment,
        described.income_level,
        interests.category_segment,
        interests.interest_segment
    from described
    left join interests on described.customer_id = interests.customer_id
)

select * from grouped
order by customer_id
