{#-
    Public holidays by rule, one row per day: day, holiday, closes (whether the company shuts). Which
    country's, and which of them shut the doors, is said in dbt_project.yml (var demand_calendar),
    with any days of the company's own. The years are wide enough for any data; a day that
    nothing is sold on anyway costs nothing.
-#}
{% macro holidays() %}
    {%- set declared = var('demand_calendar') -%}
    {%- set days = [] -%}
    {%- for year in range(2005, 2046) -%}
        {%- for rule in _holiday_rules(declared.country) -%}
            {%- do days.append((_holiday_on(year, rule[1:]).isoformat(), rule[0])) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for own in declared.own or [] -%}
        {%- do days.append((own.day | string, own.name)) -%}
    {%- endfor %}
    select
        day,
        min(holiday) as holiday,
        max(closes) = 1 as closes
    from (
        values
        {%- for day, name in days %}
        (cast('{{ day }}' as date), '{{ name | replace("'", "''") }}', {{ 1 if name in (declared.closed_on or []) else 0 }})
        {{- ',' if not loop.last }}
        {%- endfor %}
    ) as holidays (day, holiday, closes)
    group by day
{% endmacro %}

{#-
    (name, month, day), (name, month, nth weekday, weekday with Monday 0; -1 is the last) or
    (name, days after Easter Sunday).
-#}
{% macro _holiday_rules(country) %}
    {% set rules = {
        'US': [
            ("New Year's Day", 1, 1), ('Martin Luther King Day', 1, 3, 0), ("Presidents' Day", 2, 3, 0),
            ('Easter Sunday', 0), ('Memorial Day', 5, -1, 0), ('Independence Day', 7, 4),
            ('Labor Day', 9, 1, 0), ('Columbus Day', 10, 2, 0), ('Veterans Day', 11, 11),
            ('Thanksgiving', 11, 4, 3), ('Christmas Day', 12, 25),
        ],
        'GB': [
            ("New Year's Day", 1, 1), ('Good Friday', -2), ('Easter Sunday', 0), ('Easter Monday', 1),
            ('Early May bank holiday', 5, 1, 0), ('Spring bank holiday', 5, -1, 0),
            ('Summer bank holiday', 8, -1, 0), ('Christmas Day', 12, 25), ('Boxing Day', 12, 26),
        ],
        'DE': [
            ("New Year's Day", 1, 1), ('Good Friday', -2), ('Easter Sunday', 0), ('Easter Monday', 1),
            ('Labour Day', 5, 1), ('Ascension Day', 39), ('Whit Monday', 50), ('German Unity Day', 10, 3),
            ('Christmas Day', 12, 25), ('Second Christmas Day', 12, 26),
        ],
        'none': [],
    } %}
    {% if country not in rules %}
        {% do exceptions.raise_compiler_error(
            'demand_calendar: country ' ~ country ~ ' has no holiday rules: one of '
            ~ rules | join(', ') ~ '; or none, with the days under own'
        ) %}
    {% endif %}
    {{ return(rules[country]) }}
{% endmacro %}

{% macro _holiday_on(year, rule) %}
    {% set day = modules.datetime.timedelta(days=1) %}
    {% if rule | length == 1 %}
        {{ return(_easter_sunday(year) + day * rule[0]) }}
    {% elif rule | length == 2 %}
        {{ return(modules.datetime.date(year, rule[0], rule[1])) }}
    {% endif %}
    {% set month, nth, weekday = rule %}
    {% if nth > 0 %}
        {% set first = modules.datetime.date(year, month, 1) %}
        {{ return(first + day * ((weekday - first.weekday()) % 7 + 7 * (nth - 1))) }}
    {% endif %}
    {% set last = modules.datetime.date(year, month + 1, 1) - day %}
    {{ return(last - day * ((last.weekday() - weekday) % 7)) }}
{% endmacro %}

{#- The anonymous Gregorian computus (Meeus 1991, Astronomical Algorithms, chapter 8). -#}
{% macro _easter_sunday(year) %}
    {% set a, b, c = year % 19, year // 100, year % 100 %}
    {% set f = (b + 8) // 25 %}
    {% set g = (b - f + 1) // 3 %}
    {% set h = (19 * a + b - b // 4 - g + 15) % 30 %}
    {% set l = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7 %}
    {% set m = (a + 11 * h + 22 * l) // 451 %}
    {% set n = h + l - 7 * m + 114 %}
    {{ return(modules.datetime.date(year, n // 31, n % 31 + 1)) }}
{% endmacro %}
