with newest_rows as (
    {{ newest_version('bureau', 'demographics', key=['card_number']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'third' as party_data_class,
        'loyalty' as account_system,
        card_number as account_key,
        {{ clean_text('age') }} as age_band,
        {{ clean_text('income') }} as income_band,
        {{ clean_text('home_ownership') }} as home_ownership,
        {{ clean_text('marital_status') }} as marital_status,
        {{ clean_text('household_size') }} as household_size,
        {{ clean_text('household_comp') }} as household_composition,
        {{ clean_text('kids_count') }} as kids_count,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
