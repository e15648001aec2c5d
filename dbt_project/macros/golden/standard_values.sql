{#- What says nothing, and spellings that compare equal. The finer spellings are those of the
    identity step; these serve where it gives none. -#}

{#- The last ten digits of a phone number: with or without the country's, it is the same number. -#}
{% macro standard_phone(phone) -%}
    {%- set digits = 'translate(' ~ phone ~ ", '０１２３４５６７８９', '0123456789')" -%}
    nullif(right({{ re_replace(digits, '[^0-9]+', '') }}, 10), '')
{%- endmacro %}

{#- One text of a name in two fields; the family name comes first in Chinese signs. -#}
{% macro whole_name(given_name, family_name) -%}
    case
        when {{ re_match(family_name, '[㐀-鿿]') }}
            then {{ family_name }} || coalesce({{ given_name }}, '')
        else {{ clean_text(
            'coalesce(' ~ given_name ~ ", '') || ' ' || coalesce(" ~ family_name ~ ", '')"
        ) }}
    end
{%- endmacro %}

{#- A name that nobody bears: a word of forms and tests, or nothing that is a letter. -#}
{% macro is_placeholder_name(name) -%}
    coalesce(
        {{ re_replace('lower(' ~ name ~ ')', '[^a-z]+', ' ') }} in (
            'test', 'test test', 'test user', 'testuser', 'tester', 'unknown', 'unknown unknown',
            'unbekannt', 'no name', 'noname', 'anonymous', 'anonym', 'guest', 'guest user',
            'not assigned', 'not known', 'not given', 'customer', 'dummy', 'example', 'asdf',
            'qwerty', 'xxx', 'nn', 'n n', 'none', 'null', 'na', 'n a', 'undefined', 'first last', 'firstname lastname'
        )
        or trim({{ name }}) in ('未知', '匿名', '测试', '測試', '无', '無', '佚名')
        or {{ re_match(name, '^[ 0-9.,;:_?!*#/()+-]*$') }},
        false
    )
{%- endmacro %}

{#- Digits, an address or a broken encoding where a name belongs, or forms' full-width letters. -#}
{% macro is_odd_name(name) -%}
    coalesce(
        {{ name }} like '%@%'
        or {{ re_match(name, '[0-9]') }}
        or {{ re_match(name, '[！-～]') }}
        or {{ has_damaged_text([name]) }},
        false
    )
{%- endmacro %}

{#- An address that reaches nobody in particular. -#}
{% macro is_placeholder_email(email) -%}
    coalesce(
        {{ re_match(
            'lower(' ~ email ~ ')',
            '^(test|tester|no[.-]?reply|none|no|nobody|na|n[.]a|unknown|asdf|xxx|dummy|anonymous)@'
        ) }}
        or lower({{ email }}) in ('null', '(null)', 'n/a', 'none', 'undefined', '-'),
        false
    )
{%- endmacro %}

{#- No digits, or one digit over and over. -#}
{% macro is_placeholder_phone(phone) -%}
    coalesce(
        {{ standard_phone(phone) }} is null
        or replace({{ standard_phone(phone) }}, substr({{ standard_phone(phone) }}, 1, 1), '') = '',
        false
    )
{%- endmacro %}

{#- The first day of a calendar that forms and systems begin with. 1970-01-01 is left out: a day on
    which people really were born. -#}
{% macro is_default_birth_date(birth_date) -%}
    coalesce(
        {{ birth_date }} in (date '1900-01-01', date '1899-12-30', date '1899-12-31',
            date '1901-01-01', date '1800-01-01', date '1753-01-01', date '0001-01-01'),
        false
    )
{%- endmacro %}
