-- Age, income and household of customers as ordinal numbers (the lower end of the band), with the day
-- from which each was known. What the first delivery of the bureau said counts as known all along:
-- there is no older one that could say otherwise; what a later one changed, from its day on.
with customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

first_delivery as (
    select min(updated_at) as updated_at from {{ ref('validated_demographics') }}
),

bureau as (
    select
        customers.customer_id,
        case
            when cast(demographics.updated_at as date) > cast(first_delivery.updated_at as date)
                then cast(demographics.updated_at as date)
            else cast('{{ var("company_founded") }}' as date)
        end as known_on,
        {{ first_number('demographics.age_band') }} as age_from_years,
        {{ first_number('demographics.income_band') }} as income_from_kusd,
        {{ first_number('demographics.household_size') }} as household_size,
        {{ first_number('demographics.kids_count') }} as kids_count
    from {{ ref('validated_demographics') }} as demographics
    inner join customers on demographics.customer_record_key = customers.record_key
    cross join first_delivery
),

facts as (
    {%- for fact in ['age_from_years', 'income_from_kusd', 'household_size', 'kids_count'] %}
    select
        customer_id,
        '{{ fact }}' as fact,
        known_on,
        {{ fact }} as number
    from bureau
    where {{ fact }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

-- Two cards of one customer that say different things on one day: the lower number, always.
select
    customer_id,
    fact,
    known_on,
    cast(min(number) as bigint) as number
from facts
group by customer_id, fact, known_on
