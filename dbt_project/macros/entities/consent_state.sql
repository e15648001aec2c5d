{#-
    granted or withdrawn, by the words systems write for them; any other word stays as it is, for the
    gate to set aside.
-#}
{% macro consent_state(expression) -%}
    {%- set text = 'lower(trim(' ~ as_text(expression) ~ '))' -%}
    case
        when {{ text }} in ('granted', 'opt-in', 'opt_in', 'optin', 'yes', 'true', '1', 'subscribed')
            then 'granted'
        when {{ text }} in (
            'withdrawn', 'opt-out', 'opt_out', 'optout', 'no', 'false', '0', 'unsubscribed', 'denied'
        )
            then 'withdrawn'
        else nullif({{ text }}, '')
    end
{%- endmacro %}
