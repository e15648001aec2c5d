"""What dashboards ask of the published tables, each question with many values of its filters.

Three askers: the charts of the Superset dashboard (`bi/superset/starter.yml`) as Superset words them, without a filter
and with those that people set; the report's pages; and its page of a customer. The last two are recorded from `report/`
as it is, so a page that asks something else tomorrow is measured with it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from bi.superset.starter import starter
from report.customer import customer_page
from report.marts import Marts
from report.pages import MENU
from report.words import Say

# Days back from the last one; None: all of them. What the range selector of a dashboard offers.
RANGES = {"4 weeks": 28, "13 weeks": 91, "a year": 364, "all": None}
_FILTERS = ("department", "channel", "country", "lifecycle_stage", "rfm_segment", "store_name", "product_category")
_VALUES = 3  # of each filter
_GRAINS = {"P1D": "day", "P1W": "week"}


@dataclass(frozen=True)
class Question:
    """Something asked once.

    Args:
        about: which chart or page asks; questions of one name are judged together.
        sql: the question.
        given: values of its parameters.
    """

    about: str
    sql: str
    given: tuple[Any, ...] = ()


def of_charts(connection: duckdb.DuckDBPyConnection) -> Iterator[Question]:
    """Each chart of the starter dashboard in every range of days, and narrowed by every filter its table has."""
    last = connection.sql("select max(order_date) from marts.orders").fetchone()[0]
    for name, chart in starter()["charts"].items():
        sql = (starter()["datasets"][chart["dataset"]] or {}).get("sql")
        table = f"({sql}) as virtual_table" if sql else f"marts.{chart['dataset']}"
        kinds = dict(connection.execute(f"select column_name, column_type from (describe from {table})").fetchall())
        days = next((column for column in ("order_date", "week_start", "period_start") if column in kinds), None)
        narrowed = [""] + [
            f"{column} in ('{value}')"
            for column in _FILTERS
            if column in kinds
            for value in _values(connection, table, column)
        ]
        for (words, back), narrow in itertools.product(RANGES.items() if days else [("", None)], narrowed):
            since = _since(days, last, back)
            yield Question(f"chart: {name}{words and ', ' + words}", _worded(chart, table, [since, narrow]))


def of_report(connection: duckdb.DuckDBPyConnection, customers: int) -> Iterator[Question]:
    """What the report's pages ask, and the page of each of some customers, those with most orders among them."""
    say = Say("en")
    for page in (page for _, group in MENU for page in group):
        for sql, given in _asked(connection, lambda marts, page=page: page(marts, say)):
            yield Question(f"report: {page.__module__.rpartition('.')[2]}", sql, given)
    ids = connection.execute(
        "(select customer_id from marts.customers order by orders desc, customer_id limit $1)"
        " union all (select customer_id from marts.customers order by hash(customer_id) limit $1)",
        [customers // 2],
    ).fetchall()
    for (customer_id,) in ids:
        for sql, given in _asked(connection, lambda marts, one=customer_id: customer_page(marts, say, one)):
            yield Question("report: a customer", sql, given)


class _Recorder:
    """A connection that remembers what it was asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def execute(self, sql: str, given: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        found = self._connection.execute(sql, list(given))
        self.asked.append((sql, tuple(given)))
        return found


def _asked(connection: duckdb.DuckDBPyConnection, ask: Any) -> list[tuple[str, tuple[Any, ...]]]:
    recorder = _Recorder(connection)
    ask(Marts(recorder))
    return recorder.asked


def _values(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> list[str]:
    """The commonest value of a column, and others."""
    found = connection.execute(
        f"select {column} from {table} where {column} is not null group by 1 order by count(*) desc, 1 limit 30"
    ).fetchall()
    return [value for (value,) in found[:: max(len(found) // _VALUES, 1)][:_VALUES]]


def _since(days: str | None, last: date, back: int | None) -> str:
    if days is None or back is None:
        return ""
    return f"{days} >= '{last - timedelta(days=back)}' and {days} < '{last + timedelta(days=1)}'"


def _worded(chart: dict[str, Any], table: str, wanted: list[str]) -> str:
    """The question as Superset words it for DuckDB."""
    columns = [*chart.get("by", [])]
    shown = [f"{column} as {column}" for column in columns]
    if "time" in chart:
        columns.insert(0, f"date_trunc('{_GRAINS[chart['grain']]}', {chart['time']})")
        shown.insert(0, f"{columns[0]} as {chart['time']}")
    measures = [f'{sql} as "{name}"' for name, sql in chart["measures"].items()]
    where = [f"{column} = '{value}'" for column, _, value in chart.get("where", [])] + [one for one in wanted if one]
    first = next(iter(chart["measures"]))
    return (
        f"select {', '.join([*shown, *measures])} from {table}"
        f"{' where ' + ' and '.join(f'({one})' for one in where) if where else ''}"
        f' group by {", ".join(columns)} order by "{first}" desc limit {chart.get("top", 10_000)}'
    )
