with products as (
    select * from {{ ref('validated_products') }}
)

select
    product_id,
    manufacturer_id,
    department,
    brand,
    product_category,
    product_type,
    package_size,
    list_price_usd,
    unit_cost_usd
from products
order by product_id
