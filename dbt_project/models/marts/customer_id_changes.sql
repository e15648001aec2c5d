-- What became of ids, night by night: whoever keeps a customer_id can follow it.
with events as (
    select * from {{ source('identity', 'events') }}
),

changes as (
    select
        as_of as changed_on,
        event as change,
        case when event = 'vanished' then customer_id else other_customer_id end as old_customer_id,
        case when event <> 'vanished' then customer_id end as new_customer_id,
        record_count as records
    from events
),

keyed as (
    select
        {{ as_text('changed_on') }} || '|' || change || '|' || coalesce(old_customer_id, '') || '|'
            || coalesce(new_customer_id, '') as change_id,
        changed_on,
        change,
        old_customer_id,
        new_customer_id,
        records
    from changes
)

select * from keyed
order by changed_on, change, old_customer_id nulls last, new_customer_id nulls last
