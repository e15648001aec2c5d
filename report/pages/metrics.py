"""Figures and trends of the metric layer, as several pages show them."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..charts import trend
from ..marts import Marts
from ..parts import Chart, Column, Figure, Figures
from ..words import Say

# The last month that has ended, as a table of one row to begin a query with.
LAST_MONTH = (
    "last as (select max(period_start) as month_start from marts.metrics where period = 'month' and is_complete)"
)
# The days of the month that begins on $1: said like this, only the rows of those days are read.
IN_MONTH = "order_date >= cast($1 as date) and order_date < cast($1 as date) + interval 1 month"
_UNITS = {"USD": "USD", "share": "share"}
_IN_POINTS = {"share": 100, "points": 1}  # units whose change is told in points, and how many a unit has


def last_month(marts: Marts) -> date | None:
    """First day of the last month that has ended."""
    return marts.one(f"with {LAST_MONTH} select month_start from last", ["metrics"]).get("month_start")


def figures(marts: Marts, say: Say, names: list[str], period: str = "month") -> Figures:
    """The last complete period of each metric that has a value, with the change against the period before."""
    definitions = {
        row["metric"]: row for row in marts.rows("select * from marts.metric_definitions", ["metric_definitions"])
    }
    last_two = marts.rows(
        "select * from marts.metrics where dimension = 'company' and period = $1 and is_complete"
        " order by period_start desc limit 2",
        ["metrics"],
        [period],
    )
    items = []
    for name in names:
        if not last_two or name not in definitions or last_two[0][name] is None:
            continue
        unit = definitions[name]["unit"]
        change = _change(unit, last_two[0][name], last_two[1][name] if len(last_two) > 1 else None)
        items.append(
            Figure(
                say(definitions[name]["label"]),
                last_two[0][name],
                _UNITS.get(unit, ""),
                change,
                definitions[name]["better"],
                say("than the month before") if change is not None else "",
                "points" if unit in _IN_POINTS else "share",
            )
        )
    return Figures(items)


def _change(unit: str, now: Any, before: Any) -> float | None:
    if before is None:
        return None
    if unit in _IN_POINTS:
        return float(now - before) * _IN_POINTS[unit]
    return float(now / before - 1) if before else None


def metric_trend(marts: Marts, say: Say, name: str, period: str = "week") -> Chart:
    """One metric of the company over the complete periods of the last two years."""
    definition = marts.one("select * from marts.metric_definitions where metric = $1", ["metric_definitions"], [name])
    label = say(definition["label"]) if definition else name
    unit = _UNITS.get(definition.get("unit", ""), "")
    rows = marts.rows(
        f"select period_start, {name} as value from marts.metrics where dimension = 'company' and period = $1"
        f" and is_complete and {name} is not null order by period_start desc limit 104",
        ["metrics"],
        [period],
    )[::-1]
    return Chart(
        say("{label} by {period}", label=label, period=say(period)),
        say(definition["definition"]) if definition else "",
        trend(rows, "period_start", "value", label, unit),
        [Column("period_start", say("From")), Column("value", label, unit or "number")],
        rows,
        say("No complete {period} yet.", period=say(period)),
    )
