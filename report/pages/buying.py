"""For the buying department: what runs out, what to order."""

from __future__ import annotations

from ..marts import Marts
from ..parts import Column, Figure, Figures, Finding, Findings, Page, Table
from ..words import Say

LONGEST = 500


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "buying",
        say("Buying"),
        say("What will run out before a delivery ordered today could come, and how much to order."),
        [_figures(marts, say), _findings(marts, say), _orders(marts, say)],
    )


def _figures(marts: Marts, say: Say) -> Figures:
    row = marts.one(
        "select count(*) as items, count(*) filter (where reorder_quantity > 0) as to_order,"
        " count(*) filter (where on_hand_units <= 0) as out_now, sum(reorder_quantity) as units from"
        " marts.replenishment",
        ["replenishment"],
    )
    if not row.get("items"):
        return Figures([])
    return Figures(
        [
            Figure(say("Products in stores"), row["items"]),
            Figure(say("Out of stock now"), row["out_now"]),
            Figure(say("To order"), row["to_order"]),
            Figure(say("Units to order"), row["units"]),
        ]
    )


def _findings(marts: Marts, say: Say) -> Findings:
    rows = marts.rows(
        "select product_category, count(*) as items, sum(reorder_quantity) as units, min(stock_out_date) as first_out"
        " from marts.replenishment where reorder_quantity > 0 group by 1 order by units desc, 1 limit 5",
        ["replenishment"],
    )
    return Findings(
        say("Findings"),
        [
            Finding(
                say(
                    "{category}: {items} products in stores to order, the first runs out on {day}.",
                    category=row["product_category"],
                    items=say.value(row["items"]),
                    day=say.value(row["first_out"]),
                ),
                say("Order {units} units in all.", units=say.value(row["units"])),
                "demand",
            )
            for row in rows
        ],
        say("Nothing has to be ordered tonight."),
    )


def _orders(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select product_id, store_id, product_category, on_hand_units, lead_time_days, expected_units, stock_out_date,"
        " reorder_quantity from marts.replenishment where reorder_quantity > 0"
        " order by stock_out_date, reorder_quantity desc, product_id, store_id limit $1",
        ["replenishment"],
        [LONGEST],
    )
    return Table(
        say("What to order"),
        [
            Column("product_id", say("Product")),
            Column("store_id", say("Store")),
            Column("product_category", say("Category")),
            Column("on_hand_units", say("On hand"), "number"),
            Column("lead_time_days", say("Days to deliver"), "number"),
            Column("expected_units", say("Expected sales until then"), "number"),
            Column("stock_out_date", say("Runs out on")),
            Column("reorder_quantity", say("Order"), "number"),
        ],
        rows,
        say("Nothing has to be ordered tonight."),
        ["product_category"],
    )
