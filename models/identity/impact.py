"""What publishing tonight's identity would change for those who read what is published now.

Growth is not a change: records and customers that are simply new move nobody. What counts is a known record
that would belong to another customer than readers see today, and the money of its orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from .history import in_memory

PUBLISHED = pa.schema(
    [
        ("record_key", pa.string()),
        ("customer_id", pa.string()),
        ("sales_usd", pa.decimal128(18, 2)),
        ("segment", pa.string()),
    ]
)
SEGMENTS = pa.schema([("customer_id", pa.string()), ("segment", pa.string())])
CHANGE = pa.schema([("record_key", pa.string()), ("from_customer_id", pa.string()), ("to_customer_id", pa.string())])
LARGEST_MOVES = 10


@dataclass(frozen=True)
class ImpactLimits:
    """Above one of these, a person has to look before the night is published."""

    # Share of the known records that belong to another customer than before. A night of the demo with a
    # frozen model moves well under 1 %; one value that joins strangers moves far more.
    records_moved: float = 0.02
    # The same for the money of their orders: a few large customers may be few records.
    revenue_moved: float = 0.02
    # Fewer records than this may move whatever share they are: three merges in a small company are a good night.
    moved_records_floor: int = 50
    # But not with this share of the money: where a few large customers are the business, they are few records.
    revenue_moved_by_few: float = 0.30
    # Records in one customer that has at least doubled: an honest one has a few per system, a chain has hundreds.
    largest_new_cluster: int = 50


@dataclass(frozen=True)
class Impact:
    """What would change.

    figures: counts and shares by name, in the order a person reads them. moves: the largest moves from one
    customer to another (from_customer_id, to_customer_id, records, sales_usd). change: the rows (record_key,
    from_customer_id, to_customer_id) that a person has to approve, empty when nothing is above a limit.
    breaches: one line per limit that is passed. fingerprint: of `change`, empty when there is none.
    """

    figures: dict[str, int | float]
    moves: pd.DataFrame
    change: pa.Table
    breaches: tuple[str, ...]
    fingerprint: str

    @property
    def is_stopped(self) -> bool:
        """Whether a person must approve before this is published."""
        return bool(self.breaches)


def impact(
    published: Any,
    current: Any,
    segments: Any = None,
    approved: Any = None,
    limits: ImpactLimits | None = None,
) -> Impact:
    """Compare tonight's customers with the published ones.

    Args:
        published: record_key, customer_id, sales_usd (money of the record's orders) and segment (of its
            customer) as they were published; empty or None when nothing was.
        current: record_key and customer_id of tonight.
        segments: customer_id and segment of tonight.
        approved: rows of `Impact.change` that a person has approved; they are counted, and not judged.
        limits: when to stop.

    The result does not depend on the order of rows. Nothing published: nothing can change, and nothing is judged.
    """
    limits = limits or ImpactLimits()
    tables = {
        "published": _typed(published, PUBLISHED),
        "now": _typed(current, pa.schema([PUBLISHED.field("record_key"), PUBLISHED.field("customer_id")])),
        "segments": _typed(segments, SEGMENTS),
        "approved": _typed(approved, CHANGE),
    }
    with in_memory(**tables) as connection:
        connection.execute(_JOINED)
        columns = connection.sql(_FIGURES)
        figures = dict(zip(columns.columns, columns.fetchone(), strict=True))
        moves = connection.sql(_MOVES).df()
        breaches = _breaches(figures, limits) if len(tables["published"]) else ()
        too_large = limits.largest_new_cluster if breaches else None
        change = connection.execute(_CHANGE, {"too_large": too_large, "is_stopped": bool(breaches)}).to_arrow_table()
        connection.register("change_rows", change)
        fingerprint = connection.sql(_FINGERPRINT).fetchone()[0] if breaches else ""
    return Impact(_rounded(figures), moves, change.cast(CHANGE), breaches, fingerprint)


def _typed(table: Any, schema: pa.Schema) -> pa.Table:
    if table is None:
        return schema.empty_table()
    if isinstance(table, pa.Table):
        return table.select(schema.names).cast(schema)
    return pa.Table.from_pandas(table[schema.names], schema=schema, preserve_index=False)


# joined: records that would be in a customer in which they are not published, `is_known` when they are in another.
_JOINED = """
create temp table joined as
select now.record_key, published.customer_id as from_customer_id, now.customer_id as to_customer_id,
    coalesce(published.sales_usd, 0) as sales_usd, published.customer_id is not null as is_known,
    approved.record_key is not null as is_approved
from now
left join published using (record_key)
left join (select distinct * from approved) as approved
    on approved.record_key = now.record_key and approved.to_customer_id = now.customer_id
    and coalesce(approved.from_customer_id, '') = coalesce(published.customer_id, '')
where published.customer_id is null or published.customer_id <> now.customer_id;

create temp table known as
select published.record_key, published.customer_id, now.customer_id as current_customer_id
from published left join now using (record_key);

create temp table clusters as
with sizes as (select customer_id, count(*) as records from now group by customer_id),
published_sizes as (select customer_id, count(*) as records from published group by customer_id),
approved_sizes as (select to_customer_id, count(*) as records from joined where is_approved group by to_customer_id)
select sizes.customer_id, sizes.records - coalesce(approved_sizes.records, 0) as records
from sizes
left join published_sizes using (customer_id)
left join approved_sizes on approved_sizes.to_customer_id = sizes.customer_id
where sizes.records >= 2 * coalesce(published_sizes.records, 0) and sizes.records > 1;
"""
_FIGURES = """
with old_ids as (
    select customer_id, count(current_customer_id) as still_there,
        count(*) filter (where current_customer_id = customer_id) as kept,
        count(distinct current_customer_id) as homes
    from known group by customer_id
),
moved as (
    select count(*) as records, coalesce(sum(sales_usd), 0) as sales_usd,
        count(*) filter (where is_approved) as approved_records,
        coalesce(sum(sales_usd) filter (where is_approved), 0) as approved_sales_usd
    from joined where is_known
),
touched as (
    select from_customer_id as customer_id from joined where is_known
    union select to_customer_id from joined where is_known
),
segments_before as (
    select distinct customer_id, segment from published
)
select
    (select count(*) from known where current_customer_id is not null) as known_records,
    moved.records as records_moved,
    moved.approved_records as records_approved,
    (select count(*) from now where record_key not in (select record_key from published)) as records_new,
    (select count(*) filter (where still_there > 0 and customer_id not in (select customer_id from now)) from old_ids)
        as customers_merged,
    (select count(*) filter (where homes > 1) from old_ids) as customers_split,
    (select count(*) from (
        select customer_id from now group by customer_id
        having count(*) = count(*) filter (where record_key not in (select record_key from published))
    )) as customers_new,
    (select count(*) filter (where still_there = 0) from old_ids) as customers_gone,
    cast((select coalesce(sum(sales_usd), 0) from published) as double) as revenue_usd,
    cast(moved.sales_usd as double) as revenue_moved_usd,
    cast(moved.approved_sales_usd as double) as revenue_approved_usd,
    (
        select count(*) from touched
        inner join segments_before using (customer_id)
        inner join (select distinct customer_id from now) using (customer_id)
        left join segments using (customer_id)
        where segments.segment is distinct from segments_before.segment
    ) as segments_changed,
    (select coalesce(max(records), 0) from clusters) as largest_new_cluster
from moved
"""
_MOVES = f"""
select from_customer_id, to_customer_id, count(*) as records, cast(sum(sales_usd) as double) as sales_usd
from joined where is_known
group by all
order by records desc, sales_usd desc, from_customer_id, to_customer_id
limit {LARGEST_MOVES}
"""
_CHANGE = """
select record_key, from_customer_id, to_customer_id from joined
where $is_stopped and not is_approved and (
    is_known or to_customer_id in (select customer_id from clusters where records > $too_large)
)
order by all
"""
_FINGERPRINT = """
select left(sha256(string_agg(line, chr(10) order by line)), 12)
from (
    select record_key || '|' || coalesce(from_customer_id, '') || '|' || to_customer_id as line from change_rows
)
"""


def _breaches(figures: dict[str, Any], limits: ImpactLimits) -> tuple[str, ...]:
    records, known = figures["records_moved"] - figures["records_approved"], figures["known_records"]
    money, total = figures["revenue_moved_usd"] - figures["revenue_approved_usd"], figures["revenue_usd"]
    lines = []
    if records >= limits.moved_records_floor and known and records / known > limits.records_moved:
        lines.append(
            f"{records:,} of {known:,} known records would belong to another customer"
            f" ({records / known:.1%}, the limit is {limits.records_moved:.1%})"
        )
    share = limits.revenue_moved if records >= limits.moved_records_floor else limits.revenue_moved_by_few
    if total > 0 and money / total > share:
        lines.append(
            f"{money:,.0f} of {total:,.0f} US dollars would belong to another customer"
            f" ({money / total:.1%}, the limit is {share:.1%})"
        )
    if figures["largest_new_cluster"] > limits.largest_new_cluster:
        lines.append(
            f"one customer would have {figures['largest_new_cluster']:,} records, at least twice as many as before"
            f" (the limit is {limits.largest_new_cluster:,})"
        )
    return tuple(lines)


def _rounded(figures: dict[str, Any]) -> dict[str, int | float]:
    return {name: round(value, 2) if isinstance(value, float) else int(value) for name, value in figures.items()}
