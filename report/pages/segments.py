"""Who the customers are: rule-based segments, groups by behaviour, and how people move between stages."""

from __future__ import annotations

from ..charts import bars, heat
from ..marts import Marts
from ..parts import Cards, Chart, Column, Figure, Page, Table
from ..words import Say


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "segments",
        say("Segments"),
        say("Groups of customers by rule and by behaviour, what each is worth, and who moved."),
        [_personas(marts, say), _rfm(marts, say), _stages(marts, say), _moves(marts, say), _declared(marts, say)],
    )


def _personas(marts: Marts, say: Say) -> Cards:
    rows = marts.rows("select * from marts.segment_personas order by sales_84d_usd desc", ["segment_personas"])
    return Cards(
        say("Groups by behaviour"),
        [
            {
                "title": row["behaviour_segment"],
                "figures": [
                    Figure(say("Customers"), row["customers"]),
                    Figure(say("Share of revenue"), row["sales_share"], "share"),
                    Figure(say("Average order value"), row["basket_usd"], "USD"),
                    Figure(say("Expected spend in a year"), row["expected_spend_365d_usd"], "USD"),
                ],
                "lines": [
                    (say("What sets it apart:"), row["evidence"]),
                    (say("Typical basket:"), row["typical_basket"]),
                    (say("Reasons to contact:"), row["reasons_to_contact"]),
                ],
            }
            for row in rows
        ],
        say("No groups by behaviour yet: they need customers with orders."),
    )


def _sized(marts: Marts, say: Say, column: str, title: str, summary: str) -> Chart:
    rows = marts.rows(
        f"select {column} as segment, count(*) as customers, coalesce(sum(sales_usd), 0) as revenue_usd"
        f" from marts.customer_segments left join marts.customers using (customer_id)"
        f" where {column} is not null group by 1 order by 3 desc, 1",
        ["customer_segments", "customers"],
    )
    return Chart(
        title,
        summary,
        bars(rows, "segment", "revenue_usd", say("Revenue"), "USD"),
        [
            Column("segment", say("Segment")),
            Column("customers", say("Customers"), "number"),
            Column("revenue_usd", say("Revenue"), "USD"),
        ],
        rows,
        say("No segments yet: they need customers with orders."),
    )


def _rfm(marts: Marts, say: Say) -> Chart:
    return _sized(
        marts,
        say,
        "rfm_segment",
        say("By recency, frequency and money"),
        say("Revenue since the first order, by the customer's segment of tonight."),
    )


def _stages(marts: Marts, say: Say) -> Chart:
    return _sized(
        marts,
        say,
        "lifecycle_stage",
        say("By stage of life"),
        say("Revenue since the first order, by where each customer stands tonight."),
    )


def _moves(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select from_stage, to_stage, customers, share from marts.lifecycle_transitions"
        " where to_date = (select max(to_date) from marts.lifecycle_transitions) order by from_stage, to_stage",
        ["lifecycle_transitions"],
    )
    return Chart(
        say("Who moved in the last month"),
        say("Of the customers that were in a stage at the beginning, the share that was in each stage at the end."),
        heat(rows, "to_stage", "from_stage", "share", (say("to"), say("from"), say("share")), "share"),
        [
            Column("from_stage", say("from")),
            Column("to_stage", say("to")),
            Column("customers", say("Customers"), "number"),
            Column("share", say("share"), "share"),
        ],
        rows,
        say("No month has ended yet."),
    )


def _declared(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select segment, count(*) as customers, count(*) filter (where is_main) as main_customers,"
        " sum(sales_usd) as revenue_usd"
        " from marts.custom_segments left join marts.customers using (customer_id) group by segment order by"
        " customers desc, segment",
        ["custom_segments", "customers"],
    )
    return Table(
        say("Your own segments"),
        [
            Column("segment", say("Segment")),
            Column("customers", say("Customers"), "number"),
            Column("main_customers", say("Of them first of all here"), "number"),
            Column("revenue_usd", say("Revenue"), "USD"),
        ],
        rows,
        say("None declared: write them in orchestration/intelligence/segments.yml."),
    )
