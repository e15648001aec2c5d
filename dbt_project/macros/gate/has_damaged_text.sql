{#-
    True where one of the columns shows damage on its way here:
      - UTF-8 read as a Western code page ('Ã©', 'â€™', a byte order mark as 'ï»¿', Chinese as runs
        of 'ä½' and the like), U+FFFD, a byte order mark inside;
      - control characters other than tab and line ends;
      - HTML codes that nobody turned back into characters.
-#}
{% macro has_damaged_text(columns) -%}
    {%- set symbol = '[¡-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]' -%}
    {%- set patterns = [
        '[ÂÃ]' ~ symbol,
        'â€' ~ symbol,
        'ï»¿',
        '([ä-é]' ~ symbol ~ '{2}){2}',
        '[\\x{FFFD}\\x{FEFF}]',
        '[\\x{01}-\\x{08}\\x{0B}\\x{0C}\\x{0E}-\\x{1F}\\x{7F}]',
        '&(amp|lt|gt|quot|apos|nbsp|#[0-9]{2,5}|#x[0-9A-Fa-f]{2,5});',
    ] -%}
    {{ re_match_unicode(all_text(columns), patterns | join('|')) }}
{%- endmacro %}

{#- True where one of the columns is a word that means that there is nothing. -#}
{% macro has_placeholder_text(columns) -%}
    {%- set checks = [] -%}
    {%- for column in columns -%}
        {%- do checks.append(
            "coalesce(lower(trim(" ~ column ~ ")) in ('null', '(null)', 'n/a', '#n/a', 'undefined', "
            ~ "'none', '#ref!', '#name?', '[object object]'), false)"
        ) -%}
    {%- endfor -%}
    ({{ checks | join('\n            or ') }})
{%- endmacro %}

{#- The columns as one text, empty for empty ones, so that one pass over it is enough. -#}
{% macro all_text(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append("coalesce(" ~ column ~ ", '')") -%}
    {%- endfor -%}
    {{ texts | join(" || ' ' || ") }}
{%- endmacro %}

{#- A regular expression with \x{…} in it; Spark eats one backslash of a literal, DuckDB none. -#}
{% macro re_match_unicode(expression, pattern) -%}
    {{ adapter.dispatch('re_match_unicode', 'customer_intelligence')(expression, pattern) }}
{%- endmacro %}

{% macro duckdb__re_match_unicode(expression, pattern) -%}
    {{ re_match(expression, pattern) }}
{%- endmacro %}

{% macro spark__re_match_unicode(expression, pattern) -%}
    {{ re_match(expression, pattern | replace('\\', '\\\\')) }}
{%- endmacro %}
