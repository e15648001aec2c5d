"""The starter dashboard of `starter.yml`, made over the API; and the questions its charts ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bi.superset.client import Client

SCHEMA = "marts"
_FILE = Path(__file__).with_name("starter.yml")
_MOST_ROWS = 10_000
_ACROSS, _WIDTH, _HEIGHT = 2, 6, 50  # charts side by side; Superset's grid has 12 columns


@cache
def starter() -> dict[str, Any]:
    """All of starter.yml: title, datasets, charts."""
    return yaml.safe_load(_FILE.read_text("utf-8"))


def make_datasets(client: Client, database: int) -> dict[str, int]:
    """The ids of the datasets on one database, by name."""
    return {
        name: client.dataset(database, SCHEMA, name, (about or {}).get("sql"))
        for name, about in starter()["datasets"].items()
    }


def make_charts(client: Client, datasets: Mapping[str, int], suffix: str = "") -> dict[str, int]:
    """The ids of the charts, by their name in starter.yml; `suffix` tells the same charts on two databases apart."""
    made = {}
    for name, chart in starter()["charts"].items():
        dataset = datasets[chart["dataset"]]
        given = {
            "viz_type": chart["draw"],
            "datasource_id": dataset,
            "datasource_type": "table",
            "params": json.dumps(_form(chart, dataset)),
            "query_context": json.dumps(question(chart, dataset)),
        }
        made[name] = client.chart(name + suffix, given)
    return made


def make_dashboard(client: Client, charts: Mapping[str, int], suffix: str = "") -> int:
    """The dashboard that shows these charts, two in a row; one that is there is left as its users made it."""
    title = starter()["title"] + suffix
    given = {"position_json": json.dumps(_layout(charts)), "published": True}
    dashboard, is_new = client.dashboard(title, given)
    if is_new:
        for chart in charts.values():
            client.link(chart, dashboard)
    return dashboard


def question(chart: Mapping[str, Any], dataset: int) -> dict[str, Any]:
    """What a chart asks, as `/api/v1/chart/data` takes it."""
    measures = _measures(chart)
    query: dict[str, Any] = {
        "columns": [*_time(chart), *chart.get("by", [])],
        "metrics": measures,
        "filters": [{"col": column, "op": how, "val": value} for column, how, value in chart.get("where", [])],
        "orderby": [[measures[0], False]],
        "row_limit": chart.get("top", _MOST_ROWS),
    }
    return {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [query],
        "result_format": "json",
        "result_type": "full",
    }


def _time(chart: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "time" not in chart:
        return []
    column = chart["time"]
    return [
        {
            "columnType": "BASE_AXIS",
            "expressionType": "SQL",
            "label": column,
            "sqlExpression": column,
            "timeGrain": chart["grain"],
        }
    ]


def _measures(chart: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"expressionType": "SQL", "sqlExpression": sql, "label": name, "optionName": f"measure_{place}"}
        for place, (name, sql) in enumerate(chart["measures"].items())
    ]


def _form(chart: Mapping[str, Any], dataset: int) -> dict[str, Any]:
    """The chart as Superset's editor shows it."""
    measures, by = _measures(chart), chart.get("by", [])
    form: dict[str, Any] = {
        "datasource": f"{dataset}__table",
        "viz_type": chart["draw"],
        "groupby": by,
        "row_limit": chart.get("top", _MOST_ROWS),
        "adhoc_filters": [
            {"clause": "WHERE", "expressionType": "SIMPLE", "subject": column, "operator": how, "comparator": value}
            for column, how, value in chart.get("where", [])
        ],
    }
    if "time" in chart:
        return form | {"x_axis": chart["time"], "time_grain_sqla": chart["grain"], "metrics": measures}
    if chart["draw"] == "pie":
        return form | {"metric": measures[0], "sort_by_metric": True}
    return form | {
        "query_mode": "aggregate",
        "metrics": measures,
        "order_desc": True,
        "timeseries_limit_metric": measures[0],
    }


def _layout(charts: Mapping[str, int]) -> dict[str, Any]:
    rows, layout = (
        [],
        {"DASHBOARD_VERSION_KEY": "v2", "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]}},
    )
    named = list(charts.items())
    for start in range(0, len(named), _ACROSS):
        row = f"ROW-{start}"
        children = []
        for name, chart in named[start : start + _ACROSS]:
            place = f"CHART-{chart}"
            children.append(place)
            layout[place] = {
                "type": "CHART",
                "id": place,
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {"chartId": chart, "width": _WIDTH, "height": _HEIGHT, "sliceName": name},
            }
        layout[row] = {
            "type": "ROW",
            "id": row,
            "children": children,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        rows.append(row)
    layout["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]}
    return layout
