{#-
    Text to typed value, null where the text is not one. The engines' own try-casts disagree (12.7
    as an integer, 1e3, 1_000), so the pattern is checked first and the cast only sees what both
    accept.
-#}

{% macro to_integer(expression) -%}
    case
        when {{ re_match('trim(' ~ expression ~ ')', '^[+-]?[0-9]{1,18}([.]0+)?$') }}
            then try_cast({{ re_replace('trim(' ~ expression ~ ')', '[.]0+$', '') }} as bigint)
    end
{%- endmacro %}

{% macro to_money(expression) -%}
    case
        when {{ re_match('trim(' ~ expression ~ ')', '^[+-]?[0-9]{1,15}([.][0-9]{1,6})?$') }}
            then try_cast(trim({{ expression }}) as decimal(18, 2))
    end
{%- endmacro %}

{% macro to_boolean(expression) -%}
    case
        when lower(trim({{ expression }})) in ('true', 't', 'yes', '1') then true
        when lower(trim({{ expression }})) in ('false', 'f', 'no', '0') then false
    end
{%- endmacro %}

{#- Text as a value of any declared type, null where it is not one. -#}
{% macro text_to_type(expression, data_type) -%}
    {%- if data_type == 'bigint' -%}
        {{ to_integer(expression) }}
    {%- elif data_type == 'boolean' -%}
        {{ to_boolean(expression) }}
    {%- elif data_type == 'date' -%}
        {{ parse_date(expression) }}
    {%- elif data_type == 'timestamp' -%}
        {{ parse_timestamp(expression) }}
    {%- elif data_type == 'double' -%}
        case
            when {{ re_match(
                'trim(' ~ expression ~ ')', '^[+-]?[0-9]+([.][0-9]*)?([eE][+-]?[0-9]{1,3})?$'
            ) }}
                then try_cast(trim({{ expression }}) as double)
        end
    {%- else -%}
        try_cast({{ expression }} as {{ data_type }})
    {%- endif -%}
{%- endmacro %}

{#-
    A double that is the same to the last bit in every run: counts and money are exact until here.
-#}
{% macro as_ratio(numerator, denominator) -%}
    round(cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0), 6)
{%- endmacro %}

{#-
    The text as it came, where the parser (a macro of this folder) could not read it: for the
    repairer.
-#}
{% macro raw_if_unread(raw_text, parser) -%}
    case when {{ parser(raw_text) }} is null then {{ raw_text }} end
{%- endmacro %}
