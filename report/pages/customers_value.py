"""Lifetime value: what customers are expected to spend, how sure that is, and who says so."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Figure, Figures, Page, Table
from ..words import Say

LONGEST = 200


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "value",
        say("Lifetime value"),
        say(
            "What each customer is expected to spend in the coming days, with an interval that holds in 80 of"
            " 100 cases."
        ),
        [_figures(marts, say), _tenths(marts, say), _models(marts, say), _list(marts, say)],
    )


def _figures(marts: Marts, say: Say) -> Figures:
    row = marts.one(
        "select count(*) as customers, sum(expected_spend_30d_usd) as d30, sum(expected_spend_90d_usd) as d90,"
        " sum(expected_spend_365d_usd) as d365, avg(probability_alive) as alive from marts.lifetime_value",
        ["lifetime_value"],
    )
    if not row.get("customers"):
        return Figures([])
    return Figures(
        [
            Figure(say("Customers"), row["customers"]),
            Figure(say("Expected in 30 days"), row["d30"], "USD"),
            Figure(say("Expected in 90 days"), row["d90"], "USD"),
            Figure(say("Expected in a year"), row["d365"], "USD"),
            Figure(say("Still customers, on average"), row["alive"], "share"),
        ]
    )


def _tenths(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "with ranked as (select expected_spend_365d_usd as spend, ntile(10) over (order by"
        " expected_spend_365d_usd desc,"
        " customer_id) as tenth from marts.lifetime_value)"
        " select tenth, count(*) as customers, sum(spend) as spend_usd, sum(spend) / nullif((select sum(spend)"
        " from ranked), 0) as share"
        " from ranked group by tenth order by tenth",
        ["lifetime_value"],
    )
    return Chart(
        say("Where the money will come from"),
        say("Expected spend in a year by tenths of customers, the most valuable tenth first."),
        bars(
            rows, "tenth", "spend_usd", say("Expected in a year"), "USD", order=[str(number) for number in range(1, 11)]
        ),
        [
            Column("tenth", say("Tenth"), "number"),
            Column("customers", say("Customers"), "number"),
            Column("spend_usd", say("Expected in a year"), "USD"),
            Column("share", say("share"), "share"),
        ],
        rows,
        say("No lifetime values yet: they need customers with orders."),
    )


def _models(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        " union all ".join(
            f"select {days} as days, model_{days}d as model, count(*) as customers,"
            f" sum(expected_spend_{days}d_usd) as spend_usd"
            f" from marts.lifetime_value group by 2"
            for days in (30, 90, 365)
        )
        + " order by days, customers desc, model",
        ["lifetime_value"],
    )
    return Table(
        say("Which model said so"),
        [
            Column("days", say("Days ahead"), "number"),
            Column("model", say("Model")),
            Column("customers", say("Customers"), "number"),
            Column("spend_usd", say("Expected spend"), "USD"),
        ],
        rows,
        say("No lifetime values yet: they need customers with orders."),
    )


def _list(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select customer_id, coalesce(rfm_segment, '') as segment, expected_spend_365d_usd, lower_spend_365d_usd,"
        " upper_spend_365d_usd, probability_alive from marts.lifetime_value left join marts.customer_segments"
        " using (customer_id)"
        " order by expected_spend_365d_usd desc, customer_id limit $1",
        ["lifetime_value", "customer_segments"],
        [LONGEST],
    )
    return Table(
        say("The most valuable customers"),
        [
            Column("customer_id", say("Customer")),
            Column("segment", say("Segment")),
            Column("expected_spend_365d_usd", say("Expected in a year"), "USD"),
            Column("lower_spend_365d_usd", say("at least"), "USD"),
            Column("upper_spend_365d_usd", say("at most"), "USD"),
            Column("probability_alive", say("Still a customer"), "share"),
        ],
        rows,
        say("No lifetime values yet: they need customers with orders."),
        ["segment"],
    )
