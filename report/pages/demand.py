"""What will be sold: forecasts with their intervals, and what changed."""

from __future__ import annotations

from ..charts import fan, plain
from ..marts import Marts
from ..parts import Chart, Column, Page, Table
from ..words import Say

SERIES = 40  # choices of the chart: the total, the departments and the largest categories
WEEKS_BACK = 52
_DRAWN = "select unnest($1::varchar[]) as level, unnest($2::varchar[]) as series_id"


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "demand",
        say("Demand"),
        say("Units expected to be sold in the coming weeks, with intervals that hold in 80 and in 95 of 100 cases."),
        [_fan(marts, say), _notes(marts, say), _ledger(marts, say)],
    )


def _fan(marts: Marts, say: Say) -> Chart:
    chosen = marts.rows(
        "select level, series_id from marts.demand_forecast where frequency = 'week'"
        " and level in ('total', 'department', 'product_category') group by 1, 2"
        " order by case level when 'total' then 0 when 'department' then 1 else 2 end, sum(forecast_units)"
        " desc, 2 limit $1",
        ["demand_forecast"],
        [SERIES],
    )
    names = {(row["level"], row["series_id"]): _name(say, row["level"], row["series_id"]) for row in chosen}
    drawn = [list(each) for each in zip(*names, strict=True)] or [[], []]
    past = marts.rows(
        "select level, series_id, period_start as day, units from marts.demand_history"
        f" inner join ({_DRAWN}) using (level, series_id) where frequency = 'week'"
        " and period_start > (select max(period_start) from marts.demand_history where frequency = 'week')"
        " - to_days($3) order by level, series_id, day",
        ["demand_history"],
        [*drawn, WEEKS_BACK * 7],
    )
    future = marts.rows(
        "select level, series_id, period_start as day, forecast_units as units, lower_80_units as lower_80,"
        " upper_80_units as upper_80, lower_95_units as lower_95, upper_95_units as upper_95"
        f" from marts.demand_forecast inner join ({_DRAWN}) using (level, series_id) where frequency = 'week'"
        " order by level, series_id, day",
        ["demand_forecast"],
        drawn,
    )
    past, future = ([_named(row, names) for row in rows] for rows in (past, future))
    order = {name: place for place, name in enumerate(names.values())}
    future.sort(key=lambda row: (order[row["series"]], row["day"]))
    titles = (say("Units a week"), say("sold"), say("expected"))
    return Chart(
        say("Sold and expected, week by week"),
        say("Choose a department or category below the chart. Dark: 80 of 100 weeks lie inside; light: 95."),
        fan(plain(past), plain(future), "", say("Show"), titles) if future else {},
        [
            Column("series", say("Series")),
            Column("day", say("From")),
            Column("units", say("Units"), "number"),
            Column("lower_80", say("at least"), "number"),
            Column("upper_80", say("at most"), "number"),
        ],
        future,
        say("No forecast yet: it needs some weeks of sales."),
    )


def _name(say: Say, level: str, series: str) -> str:
    return say("Everything") if level == "total" else series if level == "department" else f"– {series}"


def _named(row: dict, names: dict) -> dict:
    rest = {key: value for key, value in row.items() if key not in ("level", "series_id")}
    return {"series": names[(row["level"], row["series_id"])], **rest}


def _notes(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select product_category, usual_units, forecast_units, change_share, note from marts.demand_notes"
        " order by abs(forecast_units - usual_units) desc, product_category",
        ["demand_notes"],
    )
    return Table(
        say("What changes, by category"),
        [
            Column("product_category", say("Category")),
            Column("usual_units", say("Usual week"), "number"),
            Column("forecast_units", say("Next week"), "number"),
            Column("change_share", say("Change"), "share"),
            Column("note", say("Why")),
        ],
        rows,
        say("No forecast yet: it needs some weeks of sales."),
    )


def _ledger(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select frequency, level, series_class, model, reason, count(*) as series from marts.demand_ledger"
        " group by all order by frequency desc, level, series desc, series_class, model, reason",
        ["demand_ledger"],
    )
    return Table(
        say("Which model said so"),
        [
            Column("frequency", say("By")),
            Column("level", say("Level")),
            Column("series_class", say("Kind of series")),
            Column("model", say("Model")),
            Column("series", say("Series"), "number"),
            Column("reason", say("Why not the first choice")),
        ],
        rows,
        say("No forecast yet: it needs some weeks of sales."),
        ["frequency", "level", "series_class"],
    )
