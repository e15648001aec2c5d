{{ config(materialized='table') }}

-- Zero-party data: what people chose to tell us.
with responses as (
    {{ all_sources('survey_responses') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        responses.record_key,
        responses.source_system,
        responses.source_key,
        responses.has_source_key,
        responses.party_data_class,
        responses.response_id,
        responses.account_key as card_number,
        responses.email,
        customer_records.record_key as customer_record_key,
        lower(responses.survey) as survey,
        responses.question,
        responses.score,
        responses.score_raw,
        case lower(responses.survey)
            when 'nps' then responses.score between 0 and 10
            when 'csat' then responses.score between 1 and 5
        end as is_score_on_scale,
        responses.comment,
        responses.occurred_at,
        responses.occurred_at_raw,
        {{ is_later_than_a_day_after('responses.occurred_at', 'responses.loaded_at') }}
            as is_from_the_future,
        responses.unreadable_line
    from responses
    left join customer_records on responses.account_record_key = customer_records.record_key
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(['comment']) }} as has_damaged_text,
        {{ has_placeholder_text(['comment', 'email']) }} as has_placeholder_text,
        {{ is_well_formed_email('email') }} as has_well_formed_email,
        {{ comes_twice(
            ['coalesce(card_number, email)', 'survey', 'question', 'occurred_at']
        ) }} as comes_twice,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
