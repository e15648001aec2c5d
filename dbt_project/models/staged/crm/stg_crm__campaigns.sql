with newest_rows as (
    {{ newest_version('crm', 'campaigns', key=['campaign_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        campaign_id,
        {{ clean_text('campaign_type') }} as campaign_type,
        start_date,
        end_date,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
