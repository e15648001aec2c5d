{#-
    An export's event name as one of the kinds of web_events; a name without a counterpart stays, in
    lower case with underscores, so that it can be counted and a rule can point at it.

    Sources of the names: Segment's e-commerce spec (V2), Google Analytics 4's automatically
    collected and recommended events, Snowplow's canonical event model and e-commerce tracking.
-#}
{% macro web_event_type(name) -%}
    {%- set kinds = {
        'page_view': [
            'page', 'page_view', 'screen', 'screen_view', 'product_viewed', 'view_item', 'product_view',
            'product_list_viewed', 'view_item_list', 'list_view', 'cart_viewed', 'view_cart'
        ],
        'click': [
            'click', 'link_click', 'button_click', 'product_clicked', 'select_item', 'list_click',
            'promotion_clicked', 'select_promotion', 'promo_click'
        ],
        'search': ['search', 'products_searched', 'view_search_results', 'site_search'],
        'add_to_cart': ['add_to_cart', 'product_added', 'add_to_basket'],
        'remove_from_cart': ['remove_from_cart', 'product_removed', 'remove_from_basket'],
        'checkout': ['checkout', 'checkout_started', 'begin_checkout', 'checkout_step'],
        'purchase_confirmed': [
            'purchase_confirmed', 'order_completed', 'purchase', 'transaction'
        ],
        'download': ['download', 'file_download', 'file_downloaded'],
        'scroll': ['scroll', 'page_ping'],
        'sign_up': ['sign_up', 'signed_up', 'account_created'],
        'log_in': ['login', 'log_in', 'signed_in'],
        'demo_request': ['demo_request', 'demo_requested', 'generate_lead'],
    } -%}
    {%- set plain = re_replace('lower(trim(' ~ name ~ '))', '[^a-z0-9]+', '_') -%}
    case
    {%- for kind, names in kinds.items() %}
        when {{ plain }} in ('{{ names | join("', '") }}') then '{{ kind }}'
    {%- endfor %}
        else {{ plain }}
    end
{%- endmacro %}
