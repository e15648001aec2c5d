with newest_rows as (
    {{ newest_version('helpdesk', 'tickets', key=['ticket_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        ticket_id,
        'helpdesk' as account_system,
        user_id as account_key,
        {{ clean_text('subject') }} as subject,
        {{ clean_text('body') }} as body,
        {{ clean_text('category') }} as category,
        {{ clean_text('priority') }} as priority,
        {{ clean_text('status') }} as status,
        {{ clean_text('agent') }} as agent,
        {{ parse_timestamp('created_at') }} as occurred_at,
        {{ raw_if_unread('created_at', parse_timestamp) }} as occurred_at_raw,
        {{ parse_timestamp('first_response_at') }} as first_response_at,
        {{ raw_if_unread('first_response_at', parse_timestamp) }} as first_response_at_raw,
        {{ parse_timestamp('resolved_at') }} as resolved_at,
        {{ raw_if_unread('resolved_at', parse_timestamp) }} as resolved_at_raw,
        {{ to_integer('satisfaction') }} as satisfaction,
        {{ raw_if_unread('satisfaction', to_integer) }} as satisfaction_raw,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ not_given('text') }} as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
