{#-
    A ticket or call is a complaint when its category names something that can go wrong (billing,
    stock, coupons, ...) rather than a question, praise or an idea. Helpdesks file complaints by
    topic.
-#}
{% macro is_complaint(category) -%}
    coalesce(
        lower({{ category }}) not in ('question', 'praise', 'suggestion', 'information', 'other'),
        false
    )
{%- endmacro %}
