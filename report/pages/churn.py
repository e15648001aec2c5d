"""Customers at risk: who, how much money, and why."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Figure, Figures, Page, Table
from ..words import Say

LONGEST = 500  # rows of the list: what a team works through before the next night replaces it


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "churn",
        say("Customers at risk"),
        say("Customers who may stop buying, the money they would otherwise spend, and the reasons for each."),
        [_figures(marts, say), _by_segment(marts, say), _spread(marts, say), _list(marts, say)],
    )


def _figures(marts: Marts, say: Say) -> Figures:
    row = marts.one(
        "select count(*) filter (where is_at_risk) as at_risk, sum(expected_loss_usd) as loss,"
        " avg(churn_probability) as mean, count(*) as active from marts.churn_scores",
        ["churn_scores"],
    )
    if not row:
        return Figures([])
    return Figures(
        [
            Figure(say("Customers at risk"), row["at_risk"]),
            Figure(say("Of active customers"), row["active"]),
            Figure(say("Mean probability to leave"), row["mean"], "share"),
            Figure(
                say("Expected loss"),
                row["loss"],
                "USD",
                note=say("probability times expected spend, all active customers"),
            ),
        ]
    )


def _by_segment(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select rfm_segment as segment, count(*) as customers, sum(expected_loss_usd) as loss_usd"
        " from marts.churn_scores inner join marts.customer_segments using (customer_id)"
        " where rfm_segment is not null group by 1 order by 3 desc, 1",
        ["churn_scores", "customer_segments"],
    )
    return Chart(
        say("Expected loss by segment"),
        say("Probability to leave times expected spend, added up over the customers of each segment."),
        bars(rows, "segment", "loss_usd", say("Expected loss"), "USD"),
        [
            Column("segment", say("Segment")),
            Column("customers", say("Customers"), "number"),
            Column("loss_usd", say("Expected loss"), "USD"),
        ],
        rows,
        say("No churn scores yet: they need active customers."),
    )


def _spread(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select least(cast(floor(churn_probability * 10) as bigint), 9) as tenth, count(*) as customers"
        " from marts.churn_scores group by 1 order by 1",
        ["churn_scores"],
    )
    rows = [row | {"range": f"{row['tenth'] * 10}–{row['tenth'] * 10 + 10}%"} for row in rows]
    return Chart(
        say("How probable it is to leave"),
        say("Active customers by their probability to leave."),
        bars(rows, "range", "customers", say("Customers"), order=[row["range"] for row in rows]),
        [Column("range", say("Probability")), Column("customers", say("Customers"), "number")],
        rows,
        say("No churn scores yet: they need active customers."),
    )


def _list(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select warning_rank, customer_id, coalesce(rfm_segment, '') as segment, churn_probability, expected_spend_usd,"
        " expected_loss_usd, reasons from marts.churn_warnings left join marts.customer_segments using (customer_id)"
        " order by warning_rank limit $1",
        ["churn_warnings", "customer_segments"],
        [LONGEST],
    )
    return Table(
        say("Whom to contact first"),
        [
            Column("warning_rank", say("Place"), "number"),
            Column("customer_id", say("Customer")),
            Column("segment", say("Segment")),
            Column("churn_probability", say("Probability"), "share"),
            Column("expected_spend_usd", say("Expected spend"), "USD"),
            Column("expected_loss_usd", say("Expected loss"), "USD"),
            Column("reasons", say("Why")),
        ],
        rows,
        say("Nobody is at risk tonight."),
        ["segment"],
        say("The first {count} by expected loss; all are in the table churn_warnings.", count=LONGEST)
        if len(rows) == LONGEST
        else "",
    )
