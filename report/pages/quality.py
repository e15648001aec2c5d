"""Data quality: what runs brought, what was set aside and why, what looked odd."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Figure, Figures, Page, Table
from ..words import Say


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "quality",
        say("Data quality"),
        say("What came in, what was set aside and why, and what looked unlike the nights before."),
        [_figures(marts, say), _quarantine(marts, say), _reasons(marts, say), _odd(marts, say), _runs(marts, say)],
    )


def _figures(marts: Marts, say: Say) -> Figures:
    row = marts.one("select * from marts.pipeline_runs order by started_at desc limit 1", ["pipeline_runs"])
    if not row:
        return Figures([])
    return Figures(
        [
            Figure(say("New rows tonight"), row["rows_pulled"]),
            Figure(say("Rows in all"), row["rows_staged"]),
            Figure(say("Set aside"), row["rows_quarantined"]),
            Figure(
                say("Share set aside"),
                row["rows_quarantined"] / row["rows_staged"] if row["rows_staged"] else None,
                "share",
            ),
        ]
    )


def _quarantine(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select entity, sum(rows) as rows from marts.quarantine_summary group by 1 order by 2 desc, 1",
        ["quarantine_summary"],
    )
    return Chart(
        say("Rows set aside, by table"),
        say(
            "Rows that broke a rule. Nothing of them is lost: they come back by themselves once their source is mended."
        ),
        bars(rows, "entity", "rows", say("Rows")),
        [Column("entity", say("Table")), Column("rows", say("Rows"), "number")],
        rows,
        say("No row is set aside."),
    )


def _reasons(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select entity, reason, rows, first_seen, last_seen from marts.quarantine_summary order by rows desc,"
        " entity, reason",
        ["quarantine_summary"],
    )
    return Table(
        say("Why rows were set aside"),
        [
            Column("entity", say("Table")),
            Column("reason", say("Reason")),
            Column("rows", say("Rows"), "number"),
            Column("first_seen", say("First seen")),
            Column("last_seen", say("Last seen")),
        ],
        rows,
        say("No row is set aside."),
        ["entity"],
    )


def _odd(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select entity, check_name, column_name, value, expected_low, expected_high, message from marts.data_quality"
        " where status in ('warn', 'block') and as_of = (select max(as_of) from marts.data_quality)"
        " order by entity, check_name, column_name",
        ["data_quality"],
    )
    return Table(
        say("What looked odd tonight"),
        [
            Column("entity", say("Table")),
            Column("check_name", say("Check")),
            Column("column_name", say("Column")),
            Column("value", say("Found"), "number"),
            Column("expected_low", say("at least"), "number"),
            Column("expected_high", say("at most"), "number"),
            Column("message", say("In words")),
        ],
        rows,
        say("Nothing tonight."),
    )


def _runs(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select started_at, as_of, status, rows_pulled, rows_validated, rows_quarantined, customers from"
        " marts.pipeline_runs"
        " order by started_at desc limit 60",
        ["pipeline_runs"],
    )
    return Table(
        say("The last runs"),
        [
            Column("started_at", say("Started, UTC")),
            Column("as_of", say("Speaks for")),
            Column("status", say("Outcome")),
            Column("rows_pulled", say("New rows"), "number"),
            Column("rows_validated", say("Rows kept"), "number"),
            Column("rows_quarantined", say("Set aside"), "number"),
            Column("customers", say("Customers"), "number"),
        ],
        rows,
        say("No night published yet"),
        ["status"],
    )
