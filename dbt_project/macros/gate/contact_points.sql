{#-
    False where the text can't be an e-mail address: one @, a domain with a dot, no spaces. Letters
    of any script may stand on both sides; whether the address answers, only a letter to it says.
-#}
{% macro is_well_formed_email(email) -%}
    {{ re_match(email, '^[^@ ,;:<>()]+@[^@ ,;:<>()._-][^@ ,;:<>()]*[.][^@ ,;:<>()0-9._-]{2,}$') }}
{%- endmacro %}

{#- A contact point in another's column, or in a name. -#}
{% macro has_swapped_columns(email, phone, names) -%}
    {%- set digits = '[0-9][0-9 ().+/-]{6,}[0-9]' -%}
    (
        coalesce({{ phone }} like '%@%', false)
        or coalesce({{ email }} not like '%@%' and {{ re_match(email, digits) }}, false)
        or {{ all_text(names) }} like '%@%'
        or {{ re_match(all_text(names), digits) }}
    )
{%- endmacro %}

{#-
    False where a phone number can't exist in its country by the plans that libphonenumber keeps.
    A number that begins with + names its country; else the record's country, then its language,
    then the var phone_default_region say which plan holds. Empty without a number.
-#}
{% macro is_valid_phone(phone, country, language) -%}
    {{ adapter.dispatch('is_valid_phone', 'customer_intelligence')(
        phone, country or "''", language or "''"
    ) }}
{%- endmacro %}

{#- The function comes from orchestration/phone_function.py, a plugin of the profile. -#}
{% macro duckdb__is_valid_phone(phone, country, language) -%}
    is_valid_phone(
        {{ phone }}, coalesce({{ country }}, ''), coalesce({{ language }}, ''),
        '{{ var("phone_default_region") }}'
    )
{%- endmacro %}

{#- The session registers models.phones.is_valid as a Python function of this name. -#}
{% macro spark__is_valid_phone(phone, country, language) -%}
    is_valid_phone(
        {{ phone }}, coalesce({{ country }}, ''), coalesce({{ language }}, ''),
        '{{ var("phone_default_region") }}'
    )
{%- endmacro %}
