-- Where each product belongs when demand is added up, and in what it is counted. A category lies in
-- exactly one department, the one that has most of its products: sums of categories must be the
-- departments. Goods sold by measure (fuel, in thousandths) count in thousands: else they would
-- drown everything counted in pieces.
with catalogue as (
    select
        product_id,
        coalesce(department, 'UNCATEGORISED') as department,
        coalesce(product_category, 'UNCATEGORISED') as product_category
    from {{ ref('validated_products') }}
),

sold as (
    select
        coalesce(product_id, 'unknown') as product_id,
        2 * sum(case when quantity >= {{ var('demand').measured_from_quantity }} then 1 else 0 end)
            > count(*) as is_measured
    from {{ ref('unified_order_lines') }}
    group by coalesce(product_id, 'unknown')
),

by_department as (
    select
        product_category,
        department,
        row_number() over (
            partition by product_category order by count(*) desc, department
        ) as place
    from catalogue
    group by product_category, department
),

listed as (
    select product_id from catalogue
    union
    select product_id from sold
)

select
    listed.product_id,
    coalesce(catalogue.product_category, 'UNCATEGORISED') as product_category,
    coalesce(by_department.department, 'UNCATEGORISED') as department,
    cast(case when sold.is_measured then 1000 else 1 end as bigint) as quantity_per_unit
from listed
left join catalogue on listed.product_id = catalogue.product_id
left join sold on listed.product_id = sold.product_id
left join by_department
    on coalesce(catalogue.product_category, 'UNCATEGORISED') = by_department.product_category
    and by_department.place = 1
