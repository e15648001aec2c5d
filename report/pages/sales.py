"""For the sales department: revenue, stores, and the customers worth a visit."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Finding, Findings, Page, Table
from ..words import Say
from .actions import counts, listed
from .metrics import IN_MONTH, figures, last_month, metric_trend


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "sales",
        say("Sales"),
        say("Where revenue comes from, and which valuable customers are slipping away."),
        [
            figures(
                marts,
                say,
                ["revenue_usd", "margin_usd", "margin_rate", "orders", "average_order_value_usd", "active_customers"],
            ),
            Findings(say("Findings"), [*_slipping(marts, say), *_valuable(marts, say)], say("Nothing tonight.")),
            counts(marts, say, "sales"),
            listed(marts, say, "sales"),
            metric_trend(marts, say, "revenue_usd"),
            _departments(marts, say),
            _stores(marts, say),
        ],
    )


def _slipping(marts: Marts, say: Say) -> list[Finding]:
    row = marts.one(
        "select count(*) as customers, sum(expected_loss_usd) as loss from (select expected_loss_usd from"
        " marts.churn_warnings"
        " order by warning_rank limit 20)",
        ["churn_warnings"],
    )
    if not row.get("customers"):
        return []
    return [
        Finding(
            say(
                "The first {customers} customers at risk stand for {money} of expected loss.",
                customers=row["customers"],
                money=say.value(row["loss"], "USD"),
            ),
            say("Give each to a person who calls this week."),
            "churn",
        )
    ]


def _valuable(marts: Marts, say: Say) -> list[Finding]:
    row = marts.one(
        "with ranked as (select expected_spend_365d_usd as spend, ntile(10) over (order by"
        " expected_spend_365d_usd desc, customer_id)"
        " as tenth from marts.lifetime_value) select sum(spend) filter (where tenth = 1) / nullif(sum(spend),"
        " 0) as share from ranked",
        ["lifetime_value"],
    )
    if row.get("share") is None:
        return []
    return [
        Finding(
            say(
                "A tenth of the customers will bring {share} of next year's revenue.",
                share=say.value(row["share"], "share"),
            ),
            say("Know them by name: the list is ordered by expected spend."),
            "value",
        )
    ]


def _departments(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select department, sum(sales_usd) as revenue_usd, count(distinct order_id) as orders from marts.order_lines"
        f" where {IN_MONTH} group by 1 having sum(sales_usd) > 0 order"
        " by 2 desc, 1 limit 15",
        ["order_lines"],
        [last_month(marts)],
    )
    return Chart(
        say("Revenue by department"),
        say("In the last complete month; the fifteen largest."),
        bars(rows, "department", "revenue_usd", say("Revenue"), "USD"),
        [
            Column("department", say("Department")),
            Column("revenue_usd", say("Revenue"), "USD"),
            Column("orders", say("Orders"), "number"),
        ],
        rows,
        say("No complete {period} yet.", period=say("month")),
    )


def _stores(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select store_id, city, count(*) as orders, count(distinct customer_id) as customers, sum(sales_usd)"
        " as revenue_usd,"
        " sum(sales_usd) / count(*) as order_usd from marts.orders left join marts.stores using (store_id)"
        f" where {IN_MONTH} group by 1, 2 order by 5 desc, 1 limit 100",
        ["orders", "stores"],
        [last_month(marts)],
    )
    return Table(
        say("Stores in the last complete month"),
        [
            Column("store_id", say("Store")),
            Column("city", say("City")),
            Column("orders", say("Orders"), "number"),
            Column("customers", say("Customers"), "number"),
            Column("revenue_usd", say("Revenue"), "USD"),
            Column("order_usd", say("Average order value"), "USD"),
        ],
        rows,
        say("No complete {period} yet.", period=say("month")),
    )
