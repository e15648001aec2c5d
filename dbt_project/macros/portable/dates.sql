{#- Dates and times. All times are UTC without a zone; all date arithmetic goes through these. -#}

{#-
    Year first (2017-02-13, 2017/2/13) or the American order (02/13/2017); anything else is null.
-#}
{% macro parse_date(expression) -%}
    {%- set text = 'trim(' ~ expression ~ ')' -%}
    case
        when {{ re_match(text, '^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}$') }}
            then {{ try_date(re_replace(text, '[/.]', '-')) }}
        when {{ re_match(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+]00:?00)?$') }}
            then {{ try_date('substr(' ~ text ~ ', 1, 10)') }}
        when {{ re_match(text, '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$') }}
            then {{ try_date(
                "split_part(" ~ text ~ ", '/', 3)"
                ~ " || '-' || lpad(split_part(" ~ text ~ ", '/', 1), 2, '0')"
                ~ " || '-' || lpad(split_part(" ~ text ~ ", '/', 2), 2, '0')"
            ) }}
    end
{%- endmacro %}

{% macro try_date(text) -%}
    try_cast({{ text }} as date)
{%- endmacro %}

{#- ISO 8601, with or without an offset; without one the time is UTC. -#}
{% macro parse_timestamp(expression) -%}
    {%- set text = 'trim(' ~ expression ~ ')' -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?' -%}
    {%- set offset = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)' -%}
    case
        when {{ re_match(text, '^' ~ day ~ '(' ~ time ~ ')?$') }}
            then {{ try_utc_timestamp("replace(" ~ text ~ ", 'T', ' ')", false) }}
        when {{ re_match(text, '^' ~ day ~ time ~ offset ~ '$') }}
            then {{ try_utc_timestamp("replace(" ~ text ~ ", 'T', ' ')", true) }}
    end
{%- endmacro %}

{% macro try_utc_timestamp(text, has_offset) -%}
    {{ adapter.dispatch('try_utc_timestamp', 'customer_intelligence')(text, has_offset) }}
{%- endmacro %}

{% macro duckdb__try_utc_timestamp(text, has_offset) -%}
    {%- if has_offset -%}
        timezone('UTC', try_cast({{ text }} as timestamp with time zone))
    {%- else -%}
        try_cast({{ text }} as timestamp)
    {%- endif -%}
{%- endmacro %}

{#- The Spark session runs in UTC, so its zoned timestamp is already the moment we want. -#}
{% macro spark__try_utc_timestamp(text, has_offset) -%}
    cast(try_cast({{ text }} as timestamp_ltz) as timestamp_ntz)
{%- endmacro %}

{#- Monday 1 to Sunday 7. -#}
{% macro iso_dow(expression) -%}
    {{ adapter.dispatch('iso_dow', 'customer_intelligence')(expression) }}
{%- endmacro %}

{% macro duckdb__iso_dow(expression) -%}
    isodow({{ expression }})
{%- endmacro %}

{% macro spark__iso_dow(expression) -%}
    (weekday({{ expression }}) + 1)
{%- endmacro %}

{% macro add_days(date_expression, days) -%}
    cast({{ dbt.dateadd('day', days, date_expression) }} as date)
{%- endmacro %}

{#-
    Whole days from the first date to the second; dbt's datediff agrees on both engines for days.
-#}
{% macro days_between(first_date, second_date) -%}
    cast({{ dbt.datediff(first_date, second_date, 'day') }} as bigint)
{%- endmacro %}

{% macro week_start(date_expression) -%}
    {{ add_days(date_expression, '1 - ' ~ iso_dow(date_expression)) }}
{%- endmacro %}

{% macro first_of_month(date_expression) -%}
    cast({{ dbt.date_trunc('month', date_expression) }} as date)
{%- endmacro %}

{#- Birthdays had by the day. -#}
{% macro age_in_years(birth_date, day) -%}
    (
        extract(year from {{ day }}) - extract(year from {{ birth_date }})
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
                then 1
            else 0
        end
    )
{%- endmacro %}

{% macro seconds_between(first_time, second_time) -%}
    {{ adapter.dispatch('seconds_between', 'customer_intelligence')(first_time, second_time) }}
{%- endmacro %}

{% macro duckdb__seconds_between(first_time, second_time) -%}
    cast(floor((epoch_us({{ second_time }}) - epoch_us({{ first_time }})) / 1000000.0) as bigint)
{%- endmacro %}

{% macro spark__seconds_between(first_time, second_time) -%}
    cast(floor(
        (unix_micros({{ second_time }}) - unix_micros({{ first_time }})) / 1000000.0
    ) as bigint)
{%- endmacro %}

{#- A time no honest system can have written down: later than the day after we received the row. -#}
{% macro is_later_than_a_day_after(time, reference) -%}
    coalesce({{ time }} > {{ dbt.dateadd('day', 1, reference) }}, false)
{%- endmacro %}

{#- Microseconds since 1970, UTC, as a time. -#}
{% macro timestamp_from_micros(expression) -%}
    {{ adapter.dispatch('timestamp_from_micros', 'customer_intelligence')(expression) }}
{%- endmacro %}

{% macro duckdb__timestamp_from_micros(expression) -%}
    make_timestamp({{ expression }})
{%- endmacro %}

{% macro spark__timestamp_from_micros(expression) -%}
    cast(timestamp_micros({{ expression }}) as timestamp_ntz)
{%- endmacro %}
