"""Who was who when: intervals per record, [valid_from, valid_to), open at the end while it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..grades import as_day

HISTORY = pa.schema(
    [
        ("record_key", pa.string()),
        ("customer_id", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)


def empty_history() -> pd.DataFrame:
    """A history without rows, for the first night."""
    return to_frame(HISTORY.empty_table())


def days_up_to(history: Any, as_of: object) -> pa.Table:
    """The history (pandas or Arrow) as an Arrow table. Raises ValueError if it goes on after `as_of`."""
    night = as_day(as_of)
    rows = to_table(history)
    ends = [pc.max(rows[column]).as_py() for column in ("valid_from", "valid_to")]
    newest = max([day for day in ends if day is not None], default=night)
    if newest > night:
        raise ValueError(
            f"identity history already reaches {newest}; a run for an earlier day ({night}) can't be added behind it: "
            f"run for {newest} or later, or bring back the history of that day first"
        )
    return rows


def update_history(history: Any, current: Any, as_of: object) -> pd.DataFrame:
    """The history after the night of `as_of`, in which `current` (record_key, customer_id) was found.

    Intervals of one record never overlap: valid_to is the first day the row no longer holds. A night
    run again replaces what it wrote the first time, but what was published is not forgotten: a row of
    this night that no longer holds stays as an empty interval, valid_from = valid_to = `as_of`, so that
    its id stays used. Raises ValueError when `as_of` lies before the newest night in the history: the
    past is not rewritten.
    """
    night = as_day(as_of)
    with in_memory(past=days_up_to(history, night), tonight=pairs_of(current)) as connection:
        return to_frame(connection.execute(_UPDATED, {"night": night}).to_arrow_table())


# What this night closed in an earlier attempt is open again; what holds no more is closed, what is new begins.
# An empty interval comes before the one that holds from the same day.
_UPDATED = """
with reopened as (
    select record_key, customer_id, valid_from, case when valid_to < $night then valid_to end as valid_to from past
),
carried as (
    select * from reopened where valid_to is not null
    union all
    select record_key, customer_id, valid_from, case when tonight.has_it is null then $night end
    from (from reopened where valid_to is null)
    left join (select *, true as has_it from tonight) as tonight using (record_key, customer_id)
),
begun as (
    select record_key, customer_id, $night as valid_from, cast(null as date) as valid_to from tonight
    where record_key not in (select record_key from carried where valid_to is null)
)
select record_key, customer_id, cast(valid_from as date) as valid_from, cast(valid_to as date) as valid_to
from (from carried union all from begun)
order by record_key, valid_from, valid_to is null or valid_to <> valid_from, customer_id, valid_to nulls last
"""


def customer_on(history: Any, record_key: str, day: object) -> str | None:
    """Which customer the record was on `day`, by the history up to now; None when it was nobody's then.

    The day of a night counts for what that night published: an id holds from its valid_from on and no
    longer on its valid_to.
    """
    rows = to_table(history)
    when = pa.scalar(as_day(day), pa.date32())
    holds = pc.and_(
        pc.and_(pc.equal(rows["record_key"], record_key), pc.less_equal(rows["valid_from"], when)),
        pc.or_kleene(pc.is_null(rows["valid_to"]), pc.greater(rows["valid_to"], when)),
    )
    found = rows.filter(holds)["customer_id"].to_pylist()
    return found[0] if found else None


def merged_into(history: Any) -> pd.DataFrame:
    """For every id ever used, the ids that hold its records now.

    Columns customer_id, current_customer_id (missing when none of its records is there any more), records
    (of those that ever carried customer_id, how many the current one holds), is_main (one row per
    customer_id: itself while it is in use, else the id with most of its records), ordered.
    """
    with in_memory(history=to_table(history)) as connection:
        return connection.execute(_REDIRECTS).to_arrow_table().to_pandas()


_REDIRECTS = """
with now as (
    select record_key, customer_id as current_customer_id from history where valid_to is null
),
carried as (
    select distinct record_key, customer_id from history
),
counted as (
    select carried.customer_id, now.current_customer_id, count(*) as records
    from carried left join now using (record_key)
    group by all
),
-- Records that are gone are counted only where nothing else is left of an id.
kept as (
    select * from counted
    where current_customer_id is not null
        or customer_id not in (select customer_id from counted where current_customer_id is not null)
)
select customer_id, current_customer_id, case when current_customer_id is null then 0 else records end as records,
    row_number() over (
        partition by customer_id
        order by customer_id = current_customer_id desc nulls last, records desc, current_customer_id
    ) = 1 as is_main
from kept
order by customer_id, is_main desc, records desc, current_customer_id
"""


def pairs_of(table: Any) -> pa.Table:
    """record_key and customer_id of a pandas or Arrow table, as text."""
    return _as_arrow(table, pa.schema([HISTORY.field("record_key"), HISTORY.field("customer_id")]))


def to_table(history: Any) -> pa.Table:
    """A history, however its days and texts are typed in pandas or Arrow, as an Arrow table of `HISTORY`."""
    return _as_arrow(history, HISTORY)


def to_frame(history: pa.Table) -> pd.DataFrame:
    """A history as pandas: days as datetime.date, None while an interval holds."""
    frame = history.to_pandas()
    for column in ("valid_from", "valid_to"):
        # Spelled out, because pandas makes a column of datetimes of one in which nothing but nulls stands.
        frame[column] = pd.Series(history[column].to_pandas(date_as_object=True).to_numpy(), dtype=object)
    return frame


def _as_arrow(table: Any, schema: pa.Schema) -> pa.Table:
    if isinstance(table, pa.Table):
        return table.select(schema.names).cast(schema)
    frame = table[schema.names]
    columns = [
        _days(frame[field.name]) if field.type == pa.date32() else pa.array(frame[field.name], pa.string())
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _days(column: pd.Series) -> pa.Array:
    if column.dtype == object:
        missing = column.isna().to_numpy()
        values = column.to_numpy()
        if all(type(value) is date for value in values[~missing][:1]):
            return pa.array(values, pa.date32(), mask=missing)
    return pa.array(pd.to_datetime(column).dt.as_unit("s"), from_pandas=True).cast(pa.date32())


@contextmanager
def in_memory(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory with these Arrow tables in it."""
    with duckdb.connect(":memory:") as connection:
        for name, table in tables.items():
            connection.register(name, table)
        yield connection
