{#-
    What each customer did after each of some dates: one row per date and customer who had ordered by
    then (or had a contract). dates: a relation of as_of and run_as_of, the last day that is known.
    Nothing is said of days that are not over: such an outcome is null.
-#}
{% macro customer_outcomes(dates) %}
{%- set rules = churn_rules() -%}
{%- set contracts = churn_contracts() -%}
{%- set horizons = [28, 30, 90, 365] -%}
with dates as (
    select distinct
        as_of,
        run_as_of
    from {{ dates }}
),

around as (
    select
        days.customer_id,
        dates.as_of,
        dates.run_as_of,
        {{ days_between('dates.as_of', 'days.order_date') }} as days_after,
        days.orders,
        days.sales_usd
    from {{ ref('unified_customer_days') }} as days
    inner join dates
        on days.order_date <= {{ add_days('dates.as_of', [horizons | last, rules.known_after_days] | max) }}
        and days.order_date <= dates.run_as_of
    where {{ in_slice('days.customer_id') }}
),

purchases as (
    select
        customer_id,
        as_of,
        min(case when days_after <= 0 then -days_after end) as silent_days,
        max(case when days_after <= 0 then -days_after end) as known_days,
        sum(case when days_after <= 0 then 1 else 0 end) as order_days,
        min(case when days_after > 0 then days_after end) as returns_after_days
        {%- for days in horizons %},
        sum(case when days_after > 0 and days_after <= {{ days }} then orders else 0 end)
            as orders_{{ days }}d,
        sum(case when days_after > 0 and days_after <= {{ days }} then sales_usd else 0 end)
            as spend_{{ days }}d
        {%- endfor %},
        sum(case when days_after > 0 and days_after <= {{ rules.known_after_days }}
            then sales_usd else 0 end) as spend_window
    from around
    group by customer_id, as_of
    having sum(case when days_after <= 0 then 1 else 0 end) > 0
),
{% if contracts %}
-- A customer has one foot in the door while any contract runs.
contracts as (
    select
        contracts.customer_id,
        dates.as_of,
        max(coalesce(contracts.cancelled_on, date '9999-12-31')) as cancelled_on
    from {{ contracts }} as contracts
    inner join dates
        on contracts.started_on <= dates.as_of
        and coalesce(contracts.cancelled_on > dates.as_of, true)
    where {{ in_slice('contracts.customer_id') }}
    group by contracts.customer_id, dates.as_of
),
{% endif %}
known as (
    select
        {% if contracts -%}
        coalesce(purchases.customer_id, contracts.customer_id) as customer_id,
        coalesce(purchases.as_of, contracts.as_of) as as_of,
        contracts.as_of is not null as has_contract,
        contracts.cancelled_on
            <= {{ add_days('contracts.as_of', rules.window_days) }} as is_cancelled,
        {%- else -%}
        purchases.customer_id,
        purchases.as_of,
        false as has_contract,
        cast(null as boolean) as is_cancelled,
        {%- endif %}
        purchases.silent_days,
        purchases.returns_after_days,
        {%- for days in horizons %}
        coalesce(purchases.orders_{{ days }}d, 0) as orders_{{ days }}d,
        coalesce(purchases.spend_{{ days }}d, 0) as spend_{{ days }}d,
        {%- endfor %}
        coalesce(purchases.spend_window, 0) as spend_window,
        -- Who ordered on one day only has no rhythm yet: the window of all stands in.
        cast(least(greatest(
            coalesce(
                ceil({{ rules.rhythm_gaps }} * {{ as_ratio(
                    'purchases.known_days - purchases.silent_days', 'purchases.order_days - 1'
                ) }}),
                {{ rules.window_days }}
            ),
            {{ rules.rhythm_least_days }}
        ), {{ rules.rhythm_most_days }}) as bigint) as rhythm_window_days
    from purchases
    {% if contracts -%}
    full outer join contracts
        on purchases.customer_id = contracts.customer_id
        and purchases.as_of = contracts.as_of
    {%- endif %}
),

ended as (
    select
        known.*,
        {{ days_between('known.as_of', 'dates.run_as_of') }} as ended_days,
        {% if rules.definition == 'contract' -%}
        known.has_contract as is_active
        {%- else -%}
        coalesce(known.silent_days < {{ rules.active_windows }} * {{
            'known.rhythm_window_days' if rules.definition == 'rhythm' else rules.window_days
        }}, false) as is_active
        {%- endif %}
    from known
    inner join dates on known.as_of = dates.as_of
),

judged as (
    select
        *,
        case when ended_days >= {{ rules.window_days }}
            then coalesce(returns_after_days > {{ rules.window_days }}, true)
        end as is_churned_window,
        case when ended_days >= {{ rules.rhythm_most_days }}
            then coalesce(returns_after_days > rhythm_window_days, true)
        end as is_churned_rhythm,
        case when ended_days >= {{ rules.window_days }} then is_cancelled end as is_churned_contract
    from ended
),

outcomes as (
    select
        customer_id,
        as_of,
        is_active,
        case when is_active then is_churned_{{ rules.definition }} end as is_churned,
        cast({{ rules.known_after_days }} as bigint) as churn_known_after_days,
        is_churned_window,
        is_churned_rhythm,
        is_churned_contract,
        rhythm_window_days,
        case when ended_days >= {{ rules.known_after_days }}
            then cast(spend_window as decimal(18, 2))
        end as spend_next_window_usd
        {%- for days in horizons %},
        case when ended_days >= {{ days }} then cast(orders_{{ days }}d as bigint) end
            as orders_next_{{ days }}d,
        case when ended_days >= {{ days }} then cast(spend_{{ days }}d as decimal(18, 2)) end
            as spend_next_{{ days }}d_usd
        {%- endfor %}
    from judged
)

select * from outcomes
order by as_of, customer_id
{% endmacro %}
