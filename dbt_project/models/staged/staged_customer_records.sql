-- One row per system's view of a person. Values as the system holds them, only trimmed: what makes
-- two spellings equal is decided once, in models/identity.
{%- set columns = [
    'full_name', 'given_name', 'family_name', 'email', 'phone', 'street', 'city', 'postcode',
    'country', 'birth_date', 'birth_date_raw', 'gender', 'language', 'loyalty_card', 'device_id',
    'company', 'created_at', 'updated_at'
] %}
{%- set types = {'birth_date': 'date', 'created_at': 'timestamp', 'updated_at': 'timestamp'} %}
{#- What each system holds, by the name it has there; what it lacks is null. -#}
{%- set contact_point = ['email', 'phone'] %}
{%- set address = ['street', 'city', 'postcode'] %}
{%- set systems = [
    {
        'model': 'stg_erp__accounts', 'source_system': 'erp', 'record_kind': 'customer',
        'has': contact_point + address + [
            'full_name', 'country', 'birth_date', 'loyalty_card', 'created_at', 'updated_at'
        ],
    },
    {
        'model': 'stg_crm__contacts', 'source_system': 'crm', 'record_kind': 'contact',
        'has': contact_point + address + [
            'given_name', 'family_name', 'country', 'birth_date', 'birth_date_raw', 'gender',
            'language', 'created_at', 'updated_at'
        ],
    },
    {
        'model': 'stg_crm__leads', 'source_system': 'crm', 'record_kind': 'lead',
        'has': contact_point + ['full_name', 'company', 'created_at', 'updated_at'],
        'source_key': "'lead:' || source_key",
    },
    {
        'model': 'stg_helpdesk__users', 'source_system': 'helpdesk', 'record_kind': 'contact',
        'has': contact_point + ['full_name', 'created_at', 'updated_at'],
        'named': {'language': 'locale'},
    },
    {
        'model': 'stg_web__accounts', 'source_system': 'web', 'record_kind': 'contact',
        'has': contact_point + ['full_name', 'device_id', 'updated_at'],
        'named': {'created_at': 'registered_at'},
    },
    {
        'model': 'stg_loyalty__members', 'source_system': 'loyalty', 'record_kind': 'customer',
        'has': contact_point + address + [
            'full_name', 'birth_date', 'birth_date_raw', 'updated_at'
        ],
        'named': {'created_at': 'joined_at', 'loyalty_card': 'card_number'},
    },
] %}

with all_systems as (
    {%- for system in systems %}
    select
        '{{ system.source_system }}' as source_system,
        {{ system.get('source_key', 'source_key') }} as source_key,
        has_source_key,
        '{{ system.record_kind }}' as record_kind,
        {%- for column in columns %}
        {%- if column in system.has %}
        {{ column }},
        {%- elif column in system.get('named', {}) %}
        {{ system.named[column] }} as {{ column }},
        {%- else %}
        cast(null as {{ types.get(column, dbt.type_string()) }}) as {{ column }},
        {%- endif %}
        {%- endfor %}
        unreadable_line
    from {{ ref(system.model) }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

conformed as (
    select
        md5(source_system || '|' || source_key) as record_key,
        source_system,
        source_key,
        has_source_key,
        'first' as party_data_class,
        record_kind,
        {{ columns | join(',\n        ') }},
        unreadable_line
    from all_systems
)

select * from conformed
