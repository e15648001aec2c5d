"""Vega-Lite specifications of the few kinds of charts in the report. Colours come from the page's theme.

Data are rows of plain values; dates are ISO texts. Every function returns a specification without size: the page
gives the width, and `HEIGHT` the height.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

HEIGHT = 240
MOST_BARS = 50  # of a chart; its table has more
Rows = list[dict[str, Any]]


def plain(rows: Rows) -> Rows:
    """Rows with values that JSON has: dates as texts, decimals as floats rounded to six places."""
    return [{key: _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00"  # without a time a browser takes it for UTC and shows the day before
    if value is None or isinstance(value, (str, bool, int)):
        return value
    number = round(float(value), 6)
    return None if number != number else number


def axis(unit: str) -> dict[str, Any]:
    """How the numbers of an axis or tooltip are written."""
    return {"USD": {"format": "$,.3~s"}, "share": {"format": ".0%"}, "ratio": {"format": ".3f"}}.get(
        unit, {"format": ",.3~s"}
    )


def _tip(key: str, title: str, unit: str = "") -> dict[str, Any]:
    if unit == "date":
        return {"field": key, "type": "temporal", "title": title, "format": "%Y-%m-%d"}
    if unit == "text":
        return {"field": key, "type": "nominal", "title": title}
    written = {"USD": "$,.2f", "share": ".1%", "ratio": ".3f"}.get(unit, ",.1~f")
    return {"field": key, "type": "quantitative", "title": title, "format": written}


def time_axis(rows: Rows, *keys: str) -> dict[str, Any]:
    """Months with the year at each January, where the days are months apart; else what the library thinks best."""
    days = [day for row in rows for key in keys if isinstance(day := row.get(key), date)]
    if not days or (max(days) - min(days)).days < 62:
        return {"grid": False, "labelOverlap": True, "labelSeparation": 8, "format": "%b %d", "tickCount": 6}
    return {
        "grid": False,
        "labelOverlap": True,
        "labelSeparation": 8,
        "tickCount": {"interval": "month", "step": 1},
        "labelExpr": "month(datum.value) ? timeFormat(datum.value, '%b') : timeFormat(datum.value, '%Y')",
    }


def _spec(rows: Rows, **rest: Any) -> dict[str, Any]:
    return {"data": {"values": plain(rows)}, "width": "container", "height": HEIGHT, **rest}


def trend(
    rows: Rows, when: str, value: str, title: str, unit: str = "", by: str = "", by_title: str = ""
) -> dict[str, Any]:
    """A line over time; one line per value of `by`, which a click on the legend brings forward."""
    encoding: dict[str, Any] = {
        "x": {"field": when, "type": "temporal", "title": None, "axis": time_axis(rows, when)},
        "y": {"field": value, "type": "quantitative", "title": title, "axis": axis(unit), "scale": {"zero": False}},
        "tooltip": [_tip(when, "", "date"), _tip(value, title, unit)],
    }
    spec = _spec(rows, mark={"type": "line", "point": {"size": 18}}, encoding=encoding)
    if by:
        encoding["color"] = {"field": by, "type": "nominal", "title": by_title or None}
        encoding["opacity"] = {"condition": {"param": "picked", "value": 1}, "value": 0.15}
        encoding["tooltip"].insert(1, _tip(by, by_title, "text"))
        spec["params"] = [{"name": "picked", "select": {"type": "point", "fields": [by]}, "bind": "legend"}]
    return spec


def bars(
    rows: Rows, name: str, value: str, title: str, unit: str = "", order: list[str] | None = None
) -> dict[str, Any]:
    """Lying bars, one per row of the first ones, the longest first unless `order` says else."""
    rows = rows[:MOST_BARS]
    return _spec(
        rows,
        mark={"type": "bar", "cornerRadiusEnd": 3},
        encoding={
            "y": {"field": name, "type": "nominal", "title": None, "sort": order or "-x", "axis": {"labelLimit": 220}},
            "x": {"field": value, "type": "quantitative", "title": title, "axis": axis(unit) | {"tickCount": 6}},
            "tooltip": [_tip(name, "", "text"), _tip(value, title, unit)],
        },
    ) | {"height": 26 * max(len({row[name] for row in rows}), 1)}


def heat(
    rows: Rows, across: str, down: str, value: str, titles: tuple[str, str, str], unit: str = ""
) -> dict[str, Any]:
    """A table of coloured fields. titles: of `across`, `down` and the value."""
    place = {
        "x": {"field": across, "type": "ordinal", "title": titles[0], "axis": {"labelAngle": 0, "labelLimit": 90}},
        "y": {"field": down, "type": "ordinal", "title": titles[1]},
    }
    written = {"share": ".0%", "USD": "$,.3~s"}.get(unit, ",.3~s")
    return _spec(
        rows,
        encoding=place,
        layer=[
            {
                "mark": {"type": "rect", "cornerRadius": 3},
                "encoding": {
                    "color": {"field": value, "type": "quantitative", "title": titles[2], "legend": None},
                    "tooltip": [
                        _tip(across, titles[0], "text"),
                        _tip(down, titles[1], "text"),
                        _tip(value, titles[2], unit),
                    ],
                },
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {"text": {"field": value, "type": "quantitative", "format": written}},
            },
        ],
    ) | {"height": 30 * max(len({row[down] for row in rows}), 1)}


def fan(past: Rows, future: Rows, choose: str, choose_title: str, titles: tuple[str, str, str]) -> dict[str, Any]:
    """What was sold and what is expected, with two intervals, for the series picked from a list.

    past: series, day, units. future: series, day, units, lower_80, upper_80, lower_95, upper_95; rows of both are of
    the series named in `choose`' options. titles: of the amount, of what was sold and of what is expected.
    """
    amount, sold, expected = titles
    options = list(dict.fromkeys(row["series"] for row in future))
    rows = [row | {"part": sold} for row in past] + [row | {"part": expected} for row in future]

    day = {"field": "day", "type": "temporal", "title": None, "axis": time_axis(rows, "day")}

    def band(level: int, opacity: float) -> dict[str, Any]:
        return {
            "mark": {"type": "area", "opacity": opacity},
            "encoding": {
                "x": day,
                "y": {"field": f"lower_{level}", "type": "quantitative", "title": amount},
                "y2": {"field": f"upper_{level}"},
            },
        }

    return _spec(
        rows,
        params=[
            {
                "name": "series",
                "value": choose or options[0],
                "bind": {"input": "select", "options": options, "name": f"{choose_title} "},
            }
        ],
        transform=[{"filter": "datum.series == series"}],
        layer=[
            band(95, 0.12),
            band(80, 0.25),
            {
                "mark": {"type": "line", "point": {"size": 14}},
                "encoding": {
                    "x": day,
                    "y": {"field": "units", "type": "quantitative", "title": amount, "axis": axis("")},
                    "color": {"field": "part", "type": "nominal", "title": None, "sort": [sold, expected]},
                    "tooltip": [
                        _tip("day", "", "date"),
                        _tip("part", "", "text"),
                        _tip("units", amount),
                        _tip("lower_80", "80 % ≥"),
                        _tip("upper_80", "80 % ≤"),
                    ],
                },
            },
        ],
    )


def spells(rows: Rows, begins: str, ends: str, what: str, known: list[str]) -> dict[str, Any]:
    """A bar over time: from when to when something was so. `known` are named first, so that they keep their colours."""
    named = [*known, *(name for name in dict.fromkeys(row[what] for row in rows) if name not in known)]
    seen = {row[what] for row in rows}
    return _spec(
        rows,
        mark={"type": "bar", "cornerRadius": 3, "height": 22},
        encoding={
            "x": {"field": begins, "type": "temporal", "title": None, "axis": time_axis(rows, begins, ends)},
            "x2": {"field": ends},
            "color": {
                "field": what,
                "type": "nominal",
                "title": None,
                "scale": {"domain": named},
                "legend": {"values": [name for name in named if name in seen]},
            },
            "tooltip": [_tip(what, "", "text"), _tip(begins, "≥", "date"), _tip(ends, "<", "date")],
        },
    ) | {"height": 40}


def calibration(rows: Rows, said: str, came: str, titles: tuple[str, str], by: str = "") -> dict[str, Any]:
    """What was said against what came; on the diagonal both agree."""
    highest = max((max(row[said] or 0, row[came] or 0) for row in rows), default=1) or 1
    diagonal = [{"at": 0}, {"at": highest}]
    colour = {"color": {"field": by, "type": "nominal", "title": None}} if by else {}
    return {
        "width": "container",
        "height": HEIGHT,
        "layer": [
            {
                "data": {"values": plain(diagonal)},
                "mark": {"type": "line", "strokeDash": [4, 4], "opacity": 0.5},
                "encoding": {
                    "x": {"field": "at", "type": "quantitative"},
                    "y": {"field": "at", "type": "quantitative"},
                },
            },
            {
                "data": {"values": plain(rows)},
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "x": {"field": said, "type": "quantitative", "title": titles[0]},
                    "y": {"field": came, "type": "quantitative", "title": titles[1]},
                    "tooltip": [_tip(said, titles[0], "ratio"), _tip(came, titles[1], "ratio")],
                    **colour,
                },
            },
        ],
    }
