"""For the product department: categories that grow and shrink, and what is recommended."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Finding, Findings, Page, Table
from ..words import Say
from .metrics import IN_MONTH, last_month

_CHANGES = (
    f"select product_category, sum(sales_usd) filter (where {IN_MONTH}) as revenue_usd,"
    " sum(sales_usd) filter (where order_date < cast($1 as date)) as before_usd,"
    f" count(distinct customer_id) filter (where {IN_MONTH}) as customers"
    " from marts.order_lines where order_date >= cast($1 as date) - interval 1 month"
    " and order_date < cast($1 as date) + interval 1 month"
    " group by 1 having revenue_usd > 0 order by revenue_usd desc, 1"
)


def page(marts: Marts, say: Say) -> Page:
    categories = marts.rows(_CHANGES, ["order_lines"], [last_month(marts)])
    for row in categories:
        row["change"] = (
            float(row["revenue_usd"] / row["before_usd"] - 1) if row["before_usd"] and row["before_usd"] > 0 else None
        )
    return Page(
        "product",
        say("Product"),
        say("Which categories grow and shrink, and what the pipeline recommends to customers."),
        [
            Findings(say("Findings"), _movers(say, categories), say("Nothing tonight.")),
            Table(
                say("Categories in the last complete month"),
                [
                    Column("product_category", say("Category")),
                    Column("revenue_usd", say("Revenue"), "USD"),
                    Column("change", say("Change"), "share"),
                    Column("customers", say("Customers"), "number"),
                ],
                categories,
                say("No complete {period} yet.", period=say("month")),
            ),
            _recommended(marts, say),
        ],
    )


def _movers(say: Say, categories: list[dict]) -> list[Finding]:
    large = [row for row in categories[:60] if row["change"] is not None]
    if len(large) < 4:
        return []
    large.sort(key=lambda row: row["change"])
    fell, rose = large[0], large[-1]
    return [
        Finding(
            say(
                "{category} grew most of the large categories: {change} in a month.",
                category=rose["product_category"],
                change=say.value(rose["change"], "share"),
            ),
            say("See whether a promotion or the season did it before you give it more room."),
            "demand",
        ),
        Finding(
            say(
                "{category} fell most of the large categories: {change} in a month.",
                category=fell["product_category"],
                change=say.value(fell["change"], "share"),
            ),
            say("Look whether it was on the shelf, and what it cost."),
            "demand",
        ),
    ]


def _recommended(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "with by_product as (select product_category, product_id, count(*) as offers from marts.recommendations"
        " where kind = 'new_product' group by 1, 2)"
        " select product_category, cast(sum(offers) as bigint) as recommendations, count(*) as products"
        " from by_product group by 1 order by 2 desc, 1 limit 15",
        ["recommendations"],
    )
    return Chart(
        say("New products recommended, by category"),
        say("How often something of the category is recommended to a customer who never bought it."),
        bars(rows, "product_category", "recommendations", say("Recommendations")),
        [
            Column("product_category", say("Category")),
            Column("recommendations", say("Recommendations"), "number"),
            Column("products", say("Products"), "number"),
        ],
        rows,
        say("No recommendations yet: they need customers with orders."),
    )
