"""Who is who: how many records became how many customers, how right that is, and what changed."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Figure, Figures, Page, Table
from ..words import Say


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "identity",
        say("Identity"),
        say("How many records of how many systems became how many customers, how right that is, and what changed."),
        [_figures(marts, say), _records(marts, say), _quality(marts, say), _changes(marts, say)],
    )


def _figures(marts: Marts, say: Say) -> Figures:
    row = marts.one(
        "select sum(record_count) as records, count(*) as customers, count(distinct household_id) as households,"
        " avg(match_probability) as probability from marts.customers",
        ["customers"],
    )
    if not row.get("customers"):
        return Figures([])
    graded = marts.one(
        "select precision, recall from marts.identity_quality where dimension = 'all'"
        " and as_of = (select max(as_of) from marts.identity_quality)",
        ["identity_quality"],
    )
    return Figures(
        [
            Figure(say("Records"), row["records"]),
            Figure(say("Customers"), row["customers"]),
            Figure(say("Households"), row["households"]),
            *(
                [
                    Figure(say("Precision of pairs"), graded["precision"], "share", note=say("against the truth")),
                    Figure(say("Recall of pairs"), graded["recall"], "share", note=say("against the truth")),
                ]
                if graded
                else []
            ),
        ]
    )


def _records(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select least(record_count, 10) as records, count(*) as customers from marts.customers group by 1 order by 1",
        ["customers"],
    )
    rows = [row | {"name": f"{row['records']}{'+' if row['records'] == 10 else ''}"} for row in rows]
    return Chart(
        say("Records per customer"),
        say("Customers by how many records of all systems they are made of."),
        bars(rows, "name", "customers", say("Customers"), order=[row["name"] for row in rows]),
        [Column("name", say("Records")), Column("customers", say("Customers"), "number")],
        rows,
        say("No customers yet."),
    )


def _quality(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select dimension, value, records, precision, recall, f1 from marts.identity_quality"
        " where as_of = (select max(as_of) from marts.identity_quality) order by dimension, value",
        ["identity_quality"],
    )
    return Table(
        say("How right it is, by kind of record"),
        [
            Column("dimension", say("By")),
            Column("value", say("Value")),
            Column("records", say("Records"), "number"),
            Column("precision", say("Precision of pairs"), "share"),
            Column("recall", say("Recall of pairs"), "share"),
            Column("f1", "F1", "ratio"),
        ],
        rows,
        say("No truth to compare with: give a labelled sample (TRUTH_DIR)."),
        ["dimension"],
    )


def _changes(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select changed_on, change, count(*) as changes, sum(records) as records from marts.customer_id_changes"
        " group by 1, 2 order by changed_on desc, change limit 200",
        ["customer_id_changes"],
    )
    return Table(
        say("What changed, by night"),
        [
            Column("changed_on", say("Night")),
            Column("change", say("Change")),
            Column("changes", say("Customers"), "number"),
            Column("records", say("Records"), "number"),
        ],
        rows,
        say("Nothing has changed yet."),
        ["change"],
    )
