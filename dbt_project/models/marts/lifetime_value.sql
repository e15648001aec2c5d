with answers as (
    {{ newest_as_of(source('intelligence', 'lifetime_value')) }}
)

select
    customer_id,
    as_of,
    model,
    round(probability_alive, 6) as probability_alive,
    round(expected_basket_usd, 2) as expected_basket_usd,
    {%- for days in [30, 90, 365] %}
    model_{{ days }}d,
    {%- for bound in ['expected', 'lower', 'upper'] %}
    round({{ bound }}_purchases_{{ days }}d, 6) as {{ bound }}_purchases_{{ days }}d,
    {%- endfor %}
    {%- for bound in ['expected', 'lower', 'upper', 'baseline'] %}
    round({{ bound }}_spend_{{ days }}d_usd, 2) as {{ bound }}_spend_{{ days }}d_usd,
    {%- endfor %}
    {%- endfor %}
    reason
from answers
order by customer_id
