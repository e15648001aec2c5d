"""The ERP's own tables from the real purchases: stores, products, orders, order lines, coupons, redemptions.

Sums and quantities are copied to the cent; only the account is added, and rows broken on purpose come later.
"""

import numpy as np
import pyarrow as pa

from demo_company import names
from demo_company.columns import Columns, generator, numbered, pick, table
from demo_company.contacts import ERP, Contacts
from demo_company.journey import Journey
from demo_company.people import SHOPPER

_PROMOTION_STORES, _ALL_HOUSEHOLDS = 112, 2469
# What a unit costs as a share of its price: a supermarket keeps a quarter, more of bread and flowers.
_COST_SHARES = {"PASTRY": 0.52, "FLORAL": 0.55, "DELI": 0.58, "SALAD BAR": 0.50, "COSMETICS": 0.62}
_COST_SHARE = 0.73
_LEAST_PRICE_WITH_COST = 0.10  # fuel is sold by thousandths of a gallon: cents can't tell what one of them costs
_WITHOUT_COST = 16  # one product in so many has no cost: ERPs seldom know all of them
BEFORE_THE_YEAR = np.datetime64("2016-12-31T22:00:00")


def shop_tables(journey: Journey, persons: Columns, contacts: Contacts, seed: int) -> dict[str, pa.Table]:
    """The six tables, `visible_at` equal to `updated_at`."""
    _register_accounts(journey, persons, contacts)
    con = journey.con
    con.execute("""
        create or replace temp table orders as
        select basket_id, store_id, ordered_at,
               case when ordered_at >= split_at then later_account else first_account end as account_id
        from baskets inner join account_of using (household_no) order by ordered_at, basket_id""")
    orders = con.sql("""
        select basket_id::varchar as order_id, account_id, store_id::varchar as store_id, ordered_at,
               'store' as channel, ordered_at as updated_at
        from orders order by ordered_at, basket_id""").to_arrow_table()
    lines = con.sql("""
        select basket_id::varchar as order_id,
               row_number() over (partition by basket_id order by product_id)::integer as line_number,
               product_id::varchar as product_id, quantity,
               sales_value::decimal(12, 2) as sales_value, retail_disc::decimal(12, 2) as retail_disc,
               coupon_disc::decimal(12, 2) as coupon_disc,
               coupon_match_disc::decimal(12, 2) as coupon_match_disc, ordered_at as updated_at
        from transactions inner join orders using (basket_id)
        order by ordered_at, basket_id, line_number""").to_arrow_table()
    redemptions = con.sql("""
        with numbered as (
            select *, redemption_date + interval 20 hour as updated_at,
                   row_number() over (order by redemption_date, household_id, coupon_upc, campaign_id)
                       as place
            from coupon_redemptions
        )
        select 'R' || lpad(place::varchar, 6, '0') as redemption_id,
               case when updated_at >= split_at then later_account else first_account end as account_id,
               coupon_upc::varchar as coupon_upc, campaign_id::varchar as campaign_id,
               redemption_date::date as redeemed_on, updated_at
        from numbered inner join households using (household_id) inner join account_of using (household_no)
        order by redemption_id""").to_arrow_table()
    return {
        "erp_stores": _stores(journey, generator(seed, "stores")),
        "erp_products": _products(journey),
        "erp_orders": orders,
        "erp_order_lines": lines,
        "erp_coupons": con.sql(f"""
            select coupon_upc::varchar as coupon_upc, product_id::varchar as product_id,
                   campaign_id::varchar as campaign_id, timestamp '{BEFORE_THE_YEAR}' as updated_at
            from coupons order by all""").to_arrow_table(),
        "erp_coupon_redemptions": redemptions,
    }


def _register_accounts(journey: Journey, persons: Columns, contacts: Contacts) -> None:
    records = contacts.records
    mine = np.flatnonzero((records["system"] == ERP) & (persons["role"][records["person"]] == SHOPPER))
    household = persons["household_no"][records["person"][mine]]
    first, later = np.empty(journey.count, dtype=object), np.empty(journey.count, dtype=object)
    later[household] = records["key"][mine]  # records are in order of time: the last assignment is the newest
    first[household[::-1]] = records["key"][mine[::-1]]
    accounts = table(
        household_no=np.arange(journey.count),
        first_account=first,
        later_account=later,
        split_at=contacts.splits.astype("M8[us]"),
    )
    journey.con.register("account_of_arrow", accounts)
    journey.con.execute("create or replace temp table account_of as select * from account_of_arrow")


def _stores(journey: Journey, draws: np.random.Generator) -> pa.Table:
    store = journey.read("select distinct store_id from baskets order by 1")["store_id"]
    size = len(store)
    city = pick(draws, names.CITY_NAMES, size)
    opened = np.datetime64("1990-01-01") + draws.integers(0, 9000, size).astype("timedelta64[D]")
    label = city + " " + pick(draws, names.STREETS, size) + " Market " + numbered("#", store, 1)
    return table(
        store_id=numbered("", store, 1),
        store_name=label,
        city=city,
        opened_on=opened,
        updated_at=np.full(size, BEFORE_THE_YEAR),
    )


def _products(journey: Journey) -> pa.Table:
    """The catalogue as it is; the list price is the median unit price of the real sales, the cost a share of it."""
    shares = " ".join(f"when '{department}' then {share}" for department, share in _COST_SHARES.items())
    return journey.con.sql(f"""
        with prices as (
            select product_id, median(sales_value / quantity) as price
            from transactions where quantity > 0 and sales_value > 0 group by all
        )
        select product_id::varchar as product_id, manufacturer_id::varchar as manufacturer_id, department,
               brand, product_category, product_type, package_size, price::decimal(12, 2) as list_price,
               case when price >= {_LEAST_PRICE_WITH_COST} and product_id::bigint % {_WITHOUT_COST} <> 0 then
                   (price * (case department {shares} else {_COST_SHARE} end
                             + (product_id::bigint * 37 % 101 - 50) / 1000.0))::decimal(12, 2)
               end as unit_cost,
               timestamp '{BEFORE_THE_YEAR}' as updated_at
        from products left join prices using (product_id) order by products.product_id""").to_arrow_table()


def campaigns_table(journey: Journey) -> pa.Table:
    """The real campaigns; each becomes known to the CRM two weeks before it starts."""
    return journey.con.sql(f"""
        select campaign_id::varchar as campaign_id, campaign_type, start_date::date as start_date,
               end_date::date as end_date,
               greatest(start_date - interval 14 day, timestamp '{BEFORE_THE_YEAR}') as updated_at
        from campaigns order by campaigns.campaign_id""").to_arrow_table()


def demographics_table(journey: Journey, persons: Columns, contacts: Contacts) -> pa.Table:
    """What a bureau sells about 801 of the households, by the number of their loyalty card."""
    records = contacts.records
    cards = np.flatnonzero(records["system"] == "loyalty")
    card = np.empty(journey.count, dtype=object)
    card[persons["household_no"][records["person"][cards]]] = records["key"][cards]
    known = np.not_equal(journey.households["age"], None)
    fields = (
        "age",
        "income",
        "home_ownership",
        "marital_status",
        "household_size",
        "household_comp",
        "kids_count",
    )
    return table(card_number=card[known], **{field: journey.households[field][known] for field in fields})


def promotion_scope(journey: Journey) -> tuple[pa.Table, pa.Table]:
    """What a slice shows of the 20.9 million promotion rows: products it sold, in its busiest stores.

    The number of stores goes down with the number of households, so that promotions shrink like the rest.
    """
    stores = max(4, round(_PROMOTION_STORES * journey.count / _ALL_HOUSEHOLDS))
    products = journey.con.sql("select distinct product_id from transactions order by 1").to_arrow_table()
    busiest = journey.con.sql(f"""
        select store_id from baskets group by all order by count(*) desc, store_id limit {stores}""")
    return products, busiest.to_arrow_table()
