-- Zero-party data: what people chose to tell us.
with responses as (
    select
        *,
        {{ record_key('loyalty', 'card_number') }} as card_record_key
    from {{ ref('stg_survey__responses') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        {{ record_key('survey', 'responses.source_key') }} as record_key,
        'survey' as source_system,
        responses.source_key,
        responses.has_source_key,
        'zero' as party_data_class,
        responses.response_id,
        responses.card_number,
        responses.email,
        customer_records.record_key as customer_record_key,
        responses.survey,
        responses.question,
        responses.score,
        responses.score_raw,
        case
            when responses.survey = 'nps' then responses.score between 0 and 10
            when responses.survey = 'csat' then responses.score between 1 and 5
        end as is_score_on_scale,
        responses.comment,
        responses.answered_at as occurred_at,
        responses.answered_at_raw as occurred_at_raw,
        {{ is_later_than_a_day_after('responses.answered_at', 'responses.loaded_at') }}
            as is_from_the_future,
        responses.unreadable_line
    from responses
    left join customer_records on responses.card_record_key = customer_records.record_key
)

select * from conformed
