"""Who is who as readers see it now: the identity of the last publication, kept beside tonight's.

Tonight's customers start from it, and the impact gate compares with it. A night that was stopped or failed leaves no
trace in it: its merges cost nobody an id.

The new snapshot is written before `serving.duckdb` is put in place, under another name and with the digest of the
file it belongs to; after the rename it takes its own name. A run killed in between leaves a snapshot that says by its
digest which of the two is published, and the next look settles it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from orchestration.contracts import HOUSEHOLD_HISTORY, IDENTITY_HISTORY, PUBLISHED_IDENTITY
from orchestration.lake import Lake, replace_durably, sql_literal

SNAPSHOT = "identity/published.parquet"
APPROVALS = "identity/approvals"
HOUSEHOLDS = "identity/published_households.parquet"
_PENDING = ".pending"  # not .parquet: nobody reads it before it is settled
_SERVING, _AS_OF, _SPENT = "serving", "as_of", "approvals"


@dataclass(frozen=True)
class Published:
    """customers: PUBLISHED_IDENTITY. households: HOUSEHOLD_HISTORY. as_of: the night; None when nothing was.

    spent: names of the approvals that there were at that publication; they allow nothing any more.
    """

    customers: pa.Table
    households: pa.Table
    as_of: date | None
    spent: frozenset[str] = frozenset()

    @property
    def history(self) -> pa.Table:
        """The identity history as it was published."""
        return self.customers.select(IDENTITY_HISTORY.names).cast(IDENTITY_HISTORY)

    @property
    def current(self) -> pa.Table:
        """One row per record: its customer, the money of its orders, its customer's segment."""
        return self.customers.filter(self.customers["valid_to"].is_null())


def read_published(lake: Lake) -> Published:
    """The identity of the last publication.

    Raises:
        dagster.Failure: a file is damaged; says what a person must do.
    """
    settle(lake)
    notes = lake.notes(SNAPSHOT)
    as_of = notes.get(_AS_OF)
    return Published(
        lake.read_table(SNAPSHOT, PUBLISHED_IDENTITY),
        lake.read_table(HOUSEHOLDS, HOUSEHOLD_HISTORY),
        date.fromisoformat(as_of) if as_of else None,
        frozenset(notes.get(_SPENT, "").split()),
    )


def approval_files(lake: Lake) -> list[Path]:
    """All approvals that were ever given, one file each, by name."""
    return sorted((lake.data.lake / APPROVALS).glob("*.parquet"))


def prepare(lake: Lake, serving: Path) -> None:
    """Write tonight's identity as the one that is published once the finished file `serving` is put in place."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        history = sql_literal(lake.data.lake / "identity/history.parquet")
        customers = warehouse.sql(_SNAPSHOT.format(history=f"read_parquet({history})")).to_arrow_table()
    spent = " ".join(path.stem for path in approval_files(lake))
    notes = {_SERVING: file_digest(serving), _AS_OF: as_of.isoformat(), _SPENT: spent}
    households = lake.read_table("identity/household_history.parquet", HOUSEHOLD_HISTORY)
    lake.write(HOUSEHOLDS + _PENDING, households, HOUSEHOLD_HISTORY, notes)
    lake.write(SNAPSHOT + _PENDING, customers, PUBLISHED_IDENTITY, notes)


_SNAPSHOT = """
with money as (
    select kept.customer_record_key as record_key, sum(orders.sales_usd) as sales_usd
    from validated.orders as kept inner join unified.orders as orders using (order_id)
    group by kept.customer_record_key
)
select history.record_key, history.customer_id, history.valid_from, history.valid_to,
    cast(case when history.valid_to is null then coalesce(money.sales_usd, 0) else 0 end as decimal(18, 2))
        as sales_usd,
    case when history.valid_to is null then segments.rfm_segment end as segment
from {history} as history
left join money using (record_key)
left join marts.customer_segments as segments using (customer_id)
order by history.record_key, history.valid_from, history.valid_to nulls last, history.customer_id
"""


def settle(lake: Lake) -> None:
    """After a publication, whole or killed: keep the snapshot of the `serving.duckdb` that is there."""
    for relative in (HOUSEHOLDS, SNAPSHOT):
        pending = lake.data.lake / (relative + _PENDING)
        if not pending.exists():
            continue
        served = file_digest(lake.data.serving) if lake.data.serving.exists() else None
        if lake.notes(relative + _PENDING).get(_SERVING) == served:
            replace_durably(pending, lake.data.lake / relative)
        else:
            pending.unlink()


def file_digest(path: Path) -> str:
    """Digest of what is in a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
