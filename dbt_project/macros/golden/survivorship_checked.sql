{#-
    The rules of survivorship.sql, complete: {trust, party_data, fields: [{name, columns, alike,
    no_answer_when, ill_formed_when, rules, filled}]}. A mistake in the file stops dbt as it parses,
    with one line that says where.
-#}
{% macro survivorship() %}
    {% set told = survivorship_declared() %}
    {% if told is not mapping %}
        {% do _survivorship_mistake('it is not YAML: look at its indentation, colons and quotes') %}
    {% endif %}
    {% do _survivorship_names('keys', told, ['trust', 'party_data', 'fields']) %}
    {% do _survivorship_list('trust', told.get('trust')) %}
    {% if '*' not in told.trust %}
        {% do _survivorship_mistake('trust: "*" is missing, the place of all other systems') %}
    {% endif %}
    {% do _survivorship_list(
        'party_data', told.get('party_data'), ['zero', 'first', 'second', 'third']
    ) %}
    {% if told.get('fields') is not mapping %}
        {% do _survivorship_mistake('fields: names of fields with their rules are expected') %}
    {% endif %}
    {% set fields = [] %}
    {% set seen = [] %}
    {% for name, said in told.fields.items() %}
        {% do fields.append(_survivorship_field(name, said)) %}
        {% for column in fields[-1].columns %}
            {% if column in seen %}
                {% do _survivorship_mistake(
                'fields.' ~ name ~ ': ' ~ column ~ ' is decided twice'
            ) %}
            {% endif %}
            {% do seen.append(column) %}
        {% endfor %}
    {% endfor %}
    {% for column in golden_columns() if column not in seen %}
        {% do _survivorship_mistake('fields: nothing decides ' ~ column) %}
    {% endfor %}
    {{ return({'trust': told.trust, 'party_data': told.party_data, 'fields': fields}) }}
{% endmacro %}

{#- The columns of unified.customers that are chosen among records, in order. -#}
{% macro golden_columns() %}
    {{ return([
        'full_name', 'given_name', 'family_name', 'email', 'phone', 'street', 'city', 'postcode',
        'country', 'birth_date', 'gender', 'language', 'company', 'loyalty_card',
    ]) }}
{% endmacro %}

{% macro _survivorship_field(name, said) %}
    {% set place = 'fields.' ~ name %}
    {% if said is not mapping %}
        {% do _survivorship_mistake(place ~ ': rules and alike are expected below it') %}
    {% endif %}
    {% do _survivorship_names(
        place, said,
        ['columns', 'alike', 'no_answer_when', 'ill_formed_when', 'rules', 'filled']
    ) %}
    {% set columns = said.get('columns', [name]) %}
    {% set field = {
        'name': name,
        'columns': columns,
        'alike': said.get('alike'),
        'no_answer_when': said.get('no_answer_when', 'false'),
        'ill_formed_when': said.get('ill_formed_when', 'false'),
        'rules': said.get('rules'),
        'filled': said.get('filled', []),
    } %}
    {% do _survivorship_list(place ~ '.columns', columns, golden_columns()) %}
    {% do _survivorship_list(place ~ '.alike', [field.alike], alike_kinds().keys() | list) %}
    {% do _survivorship_list(place ~ '.rules', field.rules, survivorship_rules().keys() | list) %}
    {% if field.filled %}
        {% do _survivorship_list(place ~ '.filled', field.filled, columns) %}
    {% endif %}
    {% for key in ['no_answer_when', 'ill_formed_when'] if field[key] is not string %}
        {% do _survivorship_mistake(place ~ '.' ~ key ~ ': SQL in one text is expected') %}
    {% endfor %}
    {{ return(field) }}
{% endmacro %}

{#- The rules there are: what each sorts by, smaller first (columns of unified_golden_fields), and
    what is said when it decides. -#}
{% macro survivorship_rules() %}
    {{ return({
        'trust': ['trust_rank', 'most trusted source'],
        'party_data': ['party_data_rank', 'data closest to the customer'],
        'agreement': ['agreement_rank', 'more systems agree'],
        'recency': ['recency_rank', 'changed last'],
        'spelling': ['spelling_rank', 'spelt so by more records'],
        'completeness': ['completeness_rank', 'more complete'],
    }) }}
{% endmacro %}

{#- How two values of a kind are found to say the same, over the columns of a record and the
    standard values of the identity step. -#}
{% macro alike_kinds() %}
    {{ return({
        'text': 'lower(value_text)',
        'name': 'coalesce(standard_name, lower(' ~ re_replace('value_text', '[ .,-]+', '') ~ '))',
        'email': 'coalesce(standard_email, lower(value_text))',
        'phone': 'coalesce(standard_phone, ' ~ standard_phone('value_text') ~ ')',
        'address': 'coalesce(standard_address, lower(value_text))',
    }) }}
{% endmacro %}

{% macro _survivorship_names(place, said, expected) %}
    {% for key in said if key not in expected %}
        {% do _survivorship_mistake(
            place ~ ': ' ~ key ~ ' is not known: one of ' ~ expected | join(', ')
        ) %}
    {% endfor %}
{% endmacro %}

{#- A list of different texts, each one of `expected` if given. -#}
{% macro _survivorship_list(place, said, expected=none) %}
    {% if said is string or said is mapping or said is not iterable or not said %}
        {% do _survivorship_mistake(place ~ ': a list is expected, such as [trust, recency]') %}
    {% endif %}
    {% for entry in said %}
        {% if expected and entry not in expected %}
            {% do _survivorship_mistake(
                place ~ ': ' ~ entry ~ ' is not known: one of ' ~ expected | join(', ')
            ) %}
        {% endif %}
        {% if said.count(entry) > 1 %}
            {% do _survivorship_mistake(place ~ ': ' ~ entry ~ ' is there twice') %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{% macro _survivorship_mistake(text) %}
    {% do exceptions.raise_compiler_error('macros/golden/survivorship.sql: ' ~ text) %}
{% endmacro %}

{#- The place of a record's source among the trusted ones, 1 first; the most exact entry counts. -#}
{% macro trust_rank(trust, source_system, record_kind) %}
    {%- set exact = [[], [], [], []] -%}
    {%- for entry in trust -%}
        {%- set system = entry.split('/')[0] -%}
        {%- set kind = entry.split('/')[1] if '/' in entry else none -%}
        {%- set checks = [] -%}
        {%- if system != '*' -%}
            {%- do checks.append(source_system ~ " = '" ~ system ~ "'") -%}
        {%- endif -%}
        {%- if kind -%}
            {%- do checks.append(record_kind ~ " = '" ~ kind ~ "'") -%}
        {%- endif -%}
        {%- set exactness = (0 if system != '*' else 1) if kind else (2 if system != '*' else 3) -%}
        {%- do exact[exactness].append(
            'when ' ~ (checks | join(' and ') or 'true') ~ ' then ' ~ loop.index
        ) -%}
    {%- endfor -%}
    case
        {%- for whens in exact -%}{%- for when in whens %}
            {{ when }}
        {%- endfor -%}{%- endfor %}
    end
{%- endmacro %}
