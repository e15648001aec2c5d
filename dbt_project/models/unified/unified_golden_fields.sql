-- The value of each field of a customer that survives, with its source, the rule that decided and
-- what the other records say. The rules are in macros/golden/survivorship.sql. Holds direct
-- identifiers: never leaves the warehouse.
{%- set rules = survivorship() %}
{%- set ranks = survivorship_rules() %}
{%- set deepest = rules.fields | map(attribute='rules') | map('length') | max %}

with judged as (
    {{ records_to_choose_from(rules) }}
),

-- One row per record and field it says something about. grade: 0 usable, 1 ill-formed, 2 no answer.
candidates as (
    {%- for field in rules.fields %}
    select
        customer_id,
        '{{ field.name }}' as field_group,
        record_key,
        source_system,
        created_at,
        updated_at,
        {{ alike_kinds()[field.alike] | replace('value_text', all_text(field.columns)) }}
            as standard_value,
        lower({{ all_text(field.columns) }}) as written,
        case
            when {{ field.no_answer_when }} then 2
            when {{ field.ill_formed_when }} then 1
            else 0
        end as grade,
        trust_rank,
        party_data_rank,
        recency_rank,
        0
        {%- for column in field.columns %}
        - case when {{ column }} is null then 0 else 1 end
        {%- endfor %} as completeness_rank
    from judged
    where {{ field.columns | join(' is not null or ') }} is not null
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

agreement as (
    select
        customer_id,
        field_group,
        standard_value,
        count(*) as agreeing_records,
        count(distinct source_system) as agreeing_systems,
        min(created_at) as valid_since
    from candidates
    group by customer_id, field_group, standard_value
),

compared as (
    select
        candidates.*,
        agreement.agreeing_records,
        agreement.agreeing_systems,
        agreement.valid_since,
        -agreement.agreeing_systems as agreement_rank,
        {#- Counted twice, so that being written like the standard only decides between equals. #}
        -2 * count(*) over (
            partition by candidates.customer_id, candidates.field_group, candidates.written
        ) - case when candidates.written = candidates.standard_value then 1 else 0 end
            as spelling_rank
    from candidates
    inner join agreement
        on candidates.customer_id = agreement.customer_id
        and candidates.field_group = agreement.field_group
        and candidates.standard_value = agreement.standard_value
),

-- The declared rules as columns to sort by, in the order of each field.
weighed as (
    select
        *,
        {%- for number in range(deepest) %}
        case field_group
            {%- for field in rules.fields if field.rules | length > number %}
            {%- set rank = ranks[field.rules[number]][0] %}
            when '{{ field.name }}'
                then {{ rank }}
            {%- endfor %}
            else 0
        end as rank_{{ number + 1 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from compared
),

placed as (
    select
        *,
        row_number() over (
            partition by customer_id, field_group
            order by grade,
                {%- for number in range(deepest) %} rank_{{ number + 1 }},{% endfor %} record_key
        ) as place
    from weighed
),

winners as (
    select * from placed where place = 1
),

-- The best record that says something else: what the winner had to beat.
rivals as (
    select
        customer_id,
        field_group,
        grade,
        {%- for number in range(deepest) %}
        rank_{{ number + 1 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            placed.*,
            row_number() over (
                partition by placed.customer_id, placed.field_group order by placed.place
            ) as rival_number
        from placed
        inner join winners
            on placed.customer_id = winners.customer_id
            and placed.field_group = winners.field_group
            and placed.standard_value <> winners.standard_value
    ) as others
    where rival_number = 1
),

decided as (
    select
        winners.*,
        case
            when winners.grade = 2 then 'no record gives an answer'
            when rivals.customer_id is null and winners.agreeing_records > 1
                then 'all records agree'
            when rivals.customer_id is null then 'only one record says it'
            when rivals.grade > winners.grade then 'the others are not usable'
            {%- for number in range(deepest) %}
            when rivals.rank_{{ number + 1 }} <> winners.rank_{{ number + 1 }}
                then case winners.field_group
                {%- for field in rules.fields if field.rules | length > number %}
                when '{{ field.name }}' then '{{ ranks[field.rules[number]][1] }}'
                {%- endfor %}
            end
            {%- endfor %}
            else 'smaller key, all else being equal'
        end as deciding_rule
    from winners
    left join rivals
        on winners.customer_id = rivals.customer_id
        and winners.field_group = rivals.field_group
),

-- Back to single columns: every record's value of every field.
said as (
    {%- for field in rules.fields %}{%- set entry = loop %}
    {%- for column in field.columns %}
    select
        customer_id,
        record_key,
        '{{ field.name }}' as field_group,
        '{{ column }}' as field,
        {{ 'true' if column in field.filled else 'false' }} as may_be_filled,
        {{ column }} as value
    from judged
    where {{ column }} is not null
    {{- '\n    union all' if not (loop.last and entry.last) }}
    {%- endfor %}
    {%- endfor %}
),

values_placed as (
    select
        said.customer_id,
        said.field,
        said.value,
        said.record_key,
        placed.source_system,
        placed.updated_at,
        placed.grade,
        placed.place,
        decided.deciding_rule,
        decided.agreeing_records,
        decided.agreeing_systems,
        decided.valid_since,
        placed.standard_value <> decided.standard_value as says_something_else,
        decided.grade < 2
            and (
                placed.place = 1
                or (said.may_be_filled and placed.standard_value = decided.standard_value)
            ) as may_win
    from said
    inner join placed
        on said.record_key = placed.record_key and said.field_group = placed.field_group
    inner join decided
        on said.customer_id = decided.customer_id and said.field_group = decided.field_group
),

numbered as (
    select
        *,
        row_number() over (
            partition by customer_id, field order by case when may_win then 0 else 1 end, place
        ) as preference
    from values_placed
),

golden as (
    select
        customer_id,
        field,
        value,
        source_system,
        record_key,
        updated_at
    from numbered
    where preference = 1 and may_win
)

select
    numbered.customer_id,
    numbered.field,
    golden.value,
    golden.source_system,
    golden.record_key,
    golden.updated_at,
    case when golden.value is not null then min(numbered.valid_since) end as valid_since,
    case
        when golden.value is not null or max(numbered.deciding_rule) = 'no record gives an answer'
            then max(numbered.deciding_rule)
        else 'left out by the record that was chosen'
    end as deciding_rule,
    cast(
        case when golden.value is not null then max(numbered.agreeing_records) else 0 end as bigint
    ) as agreeing_records,
    cast(
        case when golden.value is not null then max(numbered.agreeing_systems) else 0 end as bigint
    ) as agreeing_systems,
    cast(count(distinct case
        when numbered.grade < 2
            and numbered.says_something_else
            and lower(numbered.value) <> lower(golden.value)
            then lower(numbered.value)
    end) as bigint) as other_values,
    {{ json_rows(
        {
            'place': 'numbered.place',
            'value': 'numbered.value',
            'source_system': 'numbered.source_system',
            'record_key': 'numbered.record_key',
            'updated_at': 'numbered.updated_at',
            'is_usable': 'numbered.grade = 0',
        },
        having='golden.value is null or numbered.value <> golden.value'
    ) }} as losing_values
from numbered
left join golden
    on numbered.customer_id = golden.customer_id and numbered.field = golden.field
group by
    numbered.customer_id,
    numbered.field,
    golden.value,
    golden.source_system,
    golden.record_key,
    golden.updated_at
