with campaigns as (
    select * from {{ ref('stg_crm__campaigns') }}
),

conformed as (
    select
        {{ record_key('crm', 'source_key') }} as record_key,
        'crm' as source_system,
        source_key,
        has_source_key,
        'first' as party_data_class,
        campaign_id,
        campaign_type,
        start_date,
        end_date,
        updated_at,
        unreadable_line
    from campaigns
)

select * from conformed
