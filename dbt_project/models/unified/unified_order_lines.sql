-- One row per kept line with what analyses ask of it: whose, what kind of product, which week,
-- promoted?
with lines as (
    select * from {{ ref('validated_order_lines') }}
),

orders as (
    select
        order_id,
        store_id
    from {{ ref('validated_orders') }}
),

products as (
    select
        product_id,
        department,
        product_category,
        coalesce(lower(brand) = 'private', false) as is_private_brand
    from {{ ref('validated_products') }}
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

described as (
    select
        lines.order_line_id,
        lines.order_id,
        lines.line_number,
        customers.customer_id,
        orders.store_id,
        lines.product_id,
        lines.has_known_product,
        coalesce(products.department, 'UNCATEGORISED') as department,
        coalesce(products.product_category, 'UNCATEGORISED') as product_category,
        coalesce(products.is_private_brand, false) as is_private_brand,
        cast(lines.occurred_at as date) as order_date,
        {{ week_start('cast(lines.occurred_at as date)') }} as week_start,
        lines.quantity,
        lines.sales_usd,
        coalesce(lines.retail_discount_usd, 0) as retail_discount_usd,
        coalesce(lines.coupon_discount_usd, 0) as coupon_discount_usd,
        coalesce(lines.coupon_match_discount_usd, 0) as coupon_match_discount_usd
    from lines
    inner join orders on lines.order_id = orders.order_id
    left join products on lines.product_id = products.product_id
    left join customers on lines.customer_record_key = customers.record_key
),

-- Only what was sold is looked up among the twenty million promotions, by the number of the week:
-- working out the Monday of each promotion would double the time of this model.
sold as (
    select distinct
        product_id,
        store_id,
        week_start,
        {{ promotion_week('week_start') }} as promotion_week
    from described
),

promoted as (
    select distinct
        sold.product_id,
        sold.store_id,
        sold.week_start
    from {{ ref('validated_promotions') }} as promotions
    inner join sold
        on promotions.product_id = sold.product_id
        and promotions.store_id = sold.store_id
        and promotions.promotion_week = sold.promotion_week
),

flagged as (
    select
        described.*,
        promoted.product_id is not null as is_promoted
    from described
    left join promoted
        on described.product_id = promoted.product_id
        and described.store_id = promoted.store_id
        and described.week_start = promoted.week_start
)

select * from flagged
