"""One night's profile of one entity: counts, shares and quantiles, computed in DuckDB in few scans.

No identifier gets into a profile. Values are kept only of columns declared as categories, and only those that enough
rows share; quantiles are rounded to three digits, and never taken of columns that are named like keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import floor, isfinite, log10
from typing import Any

import duckdb
import pandas as pd

from models.quality.settings import Watched

PROFILE_COLUMNS = ["as_of", "entity", "rows_of", "column_name", "metric", "category", "value"]
OTHER = "(other)"
# Columns that the pipeline itself makes, and that say nothing about what the source delivered.
_OWN = {"record_key", "source_key", "source_system", "party_data_class"}
_A_KEY = re.compile(r"(^|_)(id|key|number|card|phone|upc|postcode|code)$")
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_QUANTILES = {"p25": 0.25, "p50": 0.5, "p75": 0.75}


def profile(
    connection: duckdb.DuckDBPyConnection, table: str, watched: Watched, as_of: date, seen_until: datetime | None = None
) -> pd.DataFrame:
    """What an entity looks like at the end of the day `as_of`.

    Args:
        connection: where the table can be read.
        table: SQL name of the entity's table, quoted as needed.
        watched: how the entity is watched.
        as_of: the day the night speaks for; later rows are left out.
        seen_until: time of the newest row that the night before knew (see `newest`); what is later is `new`. None when
            there was no night before.

    Returns:
        One row per metric with PROFILE_COLUMNS. `rows_of` is "all" or "new"; `category` is empty unless the metric is
        a category's share.
    """
    kinds = dict(zip(*_described(connection, table), strict=True))
    columns = [name for name in kinds if name not in _OWN]
    base = _base(table, watched, kinds, as_of, seen_until)
    if watched.recent_days:  # few rows of many: found once, then looked at twice
        connection.execute(f"create or replace temp table recent_rows as {base}")
        base = "select * from recent_rows"
    rows = connection.sql(f"select count(*) from ({base})").fetchone()[0]
    every = -(-rows // watched.settings.exact_distinct) or 1
    measures = {key: sql for column in columns for key, sql in _measures(column, kinds[column], watched, every)}
    measures[("", "rows")] = "count(*)"
    if watched.time in kinds:
        measures[("", "newest")] = f"epoch(cast(max({_quoted(watched.time)}) as timestamp))"
    slices = {"all": ""} | ({"new": " filter (where is_new)"} if seen_until is not None and watched.time else {})
    row = connection.sql(
        "select "
        + ", ".join(_filtered(sql, condition) for condition in slices.values() for sql in measures.values())
        + f" from ({base})"
    ).fetchone()
    found: list[tuple[str, str, str, str | None, float]] = []
    values = iter(row)
    for rows_of in slices:
        said = dict(zip(measures, values, strict=False))
        found += [(rows_of, *line) for line in _metrics(said)]
    found += _category_shares(connection, base, [name for name in watched.categories if name in kinds], slices, watched)
    frame = pd.DataFrame(found, columns=PROFILE_COLUMNS[2:])
    frame.insert(0, "entity", watched.entity)
    frame.insert(0, "as_of", as_of)
    return frame.sort_values(PROFILE_COLUMNS[2:6], ignore_index=True, na_position="first")


def newest(profiled: pd.DataFrame) -> datetime | None:
    """Time of the newest row in a profile of one entity; None when it has no time or no row."""
    said = profiled[(profiled["metric"] == "newest") & (profiled["rows_of"] == "all")]["value"].dropna()
    return datetime(1970, 1, 1) + timedelta(seconds=float(said.iloc[0])) if len(said) else None


def _described(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[list[str], list[str]]:
    relation = connection.sql(f"select * from {table} limit 0")
    return relation.columns, [str(kind) for kind in relation.types]


def _base(table: str, watched: Watched, kinds: dict[str, str], as_of: date, seen_until: datetime | None) -> str:
    columns = ", ".join(_quoted(name) for name in kinds if name not in _OWN)
    if watched.time not in kinds:
        return f"select {columns} from {table}"
    time, end = _quoted(watched.time), f"timestamp '{as_of + timedelta(1)}'"
    new = f"coalesce({time} > timestamp '{seen_until}', false)" if seen_until is not None else "true"
    start = f" and {time} >= timestamp '{as_of - timedelta(watched.recent_days - 1)}'" if watched.recent_days else ""
    unless_null = "" if watched.recent_days else f"{time} is null or "
    return f"select {columns}, {new} as is_new from {table} where {unless_null}({time} < {end}{start})"


def _measures(column: str, kind: str, watched: Watched, every: int) -> Iterator[tuple[tuple[str, str], str]]:
    """(column, what is measured) and its SQL aggregate, for one column; one in `every` values counts as distinct."""
    name = _quoted(column)
    yield (column, "present"), f"count({name})"
    if column in watched.ignored or column.startswith("unreadable"):
        return
    if kind == "BOOLEAN":
        yield (column, "true"), f"count_if({name})"
    elif kind.startswith(_NUMBERS) and not _A_KEY.search(column):
        yield (column, "zero"), f"count_if({name} = 0)"
        yield (column, "quantiles"), f"quantile_cont(nullif(cast({name} as double), 0), {list(_QUANTILES.values())})"
    elif kind == "VARCHAR" and column not in watched.categories:
        yield (
            (column, "distinct"),
            f"{every} * count(distinct {name})" + (f" filter (where hash({name}) % {every} = 0)" if every > 1 else ""),
        )
        yield (column, "length"), f"sum(length({name}))"
        yield (column, "with_at"), f"count_if(contains({name}, '@'))"
        yield (column, "with_digit"), f"count_if({name} <> translate({name}, '0123456789', ''))"


def _filtered(sql: str, condition: str) -> str:
    if sql.startswith("epoch("):  # the newest row is the newest of both
        return sql
    if condition and " filter (where " in sql:
        return sql.removesuffix(")") + " and is_new)"
    return sql + condition


def _metrics(said: dict[tuple[str, str], Any]) -> Iterator[tuple[str, str, None, float]]:
    """(column, metric, no category, value) from what one slice's aggregates said."""
    rows = said[("", "rows")]
    yield "", "rows", None, float(rows)
    if said.get(("", "newest")) is not None:
        yield "", "newest", None, float(said[("", "newest")])
    if not rows:
        return
    for (column, what), value in said.items():
        present = said.get((column, "present"))
        if what == "present":
            yield column, "null_rate", None, 1 - value / rows
        elif not column or not present or value is None:
            continue
        elif what == "quantiles":
            for metric, quantile in zip(_QUANTILES, value, strict=True):
                if quantile is not None and isfinite(quantile):
                    yield column, metric, None, three_digits(quantile)
        else:
            metric = {"length": "mean_length"}.get(what, f"{what}_share")
            yield column, metric, None, min(value / present, 1.0) if what != "length" else float(value) / present


def three_digits(value: float) -> float:
    """`value` to three significant digits: enough to see a shift, too few to be anybody's number."""
    return round(value, 2 - floor(log10(abs(value)))) if value else 0.0


def _category_shares(
    connection: duckdb.DuckDBPyConnection, base: str, columns: list[str], slices: dict[str, str], watched: Watched
) -> list[tuple[str, str, str, str, float]]:
    if not columns:
        return []
    named = [_quoted(column) for column in columns]
    texts = ", ".join(f"cast({name} as varchar) as {name}" for name in named)
    # A row of the answer belongs to one column; the other columns are null in it, and so are its own null values.
    which = f"grouping({', '.join(named)})"
    rows = connection.sql(
        f"select {which}, coalesce({', '.join(named)}),"
        + ", ".join(f" count(*){condition}" for condition in slices.values())
        + f" from (select {texts}{', is_new' if 'new' in slices else ''} from ({base}))"
        + f" group by grouping sets ({', '.join(f'({name})' for name in named)})"
    ).fetchall()
    found: list[tuple[str, str, str, str, float]] = []
    everything = 2 ** len(columns) - 1
    for position, column in enumerate(columns):
        mask = everything - 2 ** (len(columns) - 1 - position)
        counted = [(value, counts) for group, value, *counts in rows if group == mask and value is not None]
        for index, rows_of in enumerate(slices):
            total = sum(counts[index] for _, counts in counted)
            kept = {value: counts[index] for value, counts in counted if _may_be_kept(value, counts[index], watched)}
            shares = kept | {OTHER: total - sum(kept.values())}
            found += [(rows_of, column, "share", value, count / total) for value, count in shares.items() if total]
    return found


def _may_be_kept(value: str, count: int, watched: Watched) -> bool:
    return count >= watched.settings.anonymity and len(value) <= watched.settings.longest_category and "@" not in value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
