"""Who is who as readers see it now: the identity of the last publication, kept beside tonight's.

Tonight's customers start from it, and the impact gate compares with it. A night that was stopped or failed leaves no
trace in it: its merges cost nobody an id.

The new snapshot is written before `serving.duckdb` is put in place, under another name and with the digest of the
file it belongs to; after the rename it takes its own name. A run killed in between leaves a snapshot that says by its
digest which of the two is published, and the next look settles it. A roll-back goes the same way with the snapshot that
was kept with the publication it puts back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from orchestration.contracts import HOUSEHOLD_HISTORY, IDENTITY_HISTORY, PUBLISHED_IDENTITY
from orchestration.lake import Lake, file_digest, replace_durably, sql_literal

SNAPSHOT = "identity/published.parquet"
APPROVALS = "identity/approvals"
HOUSEHOLDS = "identity/published_households.parquet"
CUSTOMERS_KEPT, HOUSEHOLDS_KEPT = "customers.parquet", "households.parquet"
_PENDING = ".pending"  # not .parquet: nobody reads it before it is settled
_SERVING, _AS_OF, _SPENT, _ROLLBACKS = "serving", "as_of", "approvals", "rollbacks"


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


def rollbacks_so_far(lake: Lake) -> int:
    """How many roll-backs there were: what was judged before the last one, was judged against something else.

    Raises:
        dagster.Failure: a file is damaged; says what a person must do.
    """
    settle(lake)
    return int(lake.notes(SNAPSHOT).get(_ROLLBACKS, 0))


def prepare(lake: Lake, serving: Path, digest: str | None = None) -> None:
    """Write tonight's identity as the one that is published once the finished file `serving` is put in place.

    Args:
        lake: the data folder.
        serving: the finished file.
        digest: of that file, where the caller has it.
    """
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        history = sql_literal(lake.data.lake / "identity/history.parquet")
        customers = warehouse.sql(_SNAPSHOT.format(history=f"read_parquet({history})")).to_arrow_table()
    households = lake.read_table("identity/household_history.parquet", HOUSEHOLD_HISTORY)
    notes = {_SERVING: digest or file_digest(serving), _AS_OF: as_of.isoformat()}
    _lay_ready(lake, customers, households, notes | {_ROLLBACKS: str(rollbacks_so_far(lake))})


def prepare_rollback(lake: Lake, customers: pa.Table, households: pa.Table) -> None:
    """Write the identity of an earlier publication, as it was kept, as the one that is published soon again.

    Approvals stay spent, those given since then too: a change that was taken back has to be looked at again.

    Args:
        lake: the data folder.
        customers: PUBLISHED_IDENTITY with the notes of then, from the file `kept_with` named.
        households: HOUSEHOLD_HISTORY of the same publication.
    """
    then = {key.decode(): value.decode() for key, value in (customers.schema.metadata or {}).items()}
    notes = {name: then[name] for name in (_SERVING, _AS_OF)} | {_ROLLBACKS: str(rollbacks_so_far(lake) + 1)}
    _lay_ready(lake, customers, households, notes)


def _lay_ready(lake: Lake, customers: pa.Table, households: pa.Table, notes: dict[str, str]) -> None:
    notes = notes | {_SPENT: " ".join(path.stem for path in approval_files(lake))}
    lake.write(HOUSEHOLDS + _PENDING, households, HOUSEHOLD_HISTORY, notes)
    lake.write(SNAPSHOT + _PENDING, customers, PUBLISHED_IDENTITY, notes)


def kept_with(lake: Lake) -> dict[str, Path]:
    """The files `prepare` laid ready, to be kept with the publication: what `prepare_rollback` takes, by name."""
    return {
        CUSTOMERS_KEPT: lake.data.lake / (SNAPSHOT + _PENDING),
        HOUSEHOLDS_KEPT: lake.data.lake / (HOUSEHOLDS + _PENDING),
    }


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


def settle(lake: Lake, digest: str | None = None) -> None:
    """After a publication, whole or killed: keep the snapshot of the file that is published.

    Args:
        lake: the data folder.
        digest: of the published file, where the caller has it.
    """
    for relative in (HOUSEHOLDS, SNAPSHOT):
        pending = lake.data.lake / (relative + _PENDING)
        if not pending.exists():
            continue
        if digest is None:
            digest = file_digest(lake.data.serving) if lake.data.serving.exists() else ""
        if lake.notes(relative + _PENDING).get(_SERVING) == digest:
            replace_durably(pending, lake.data.lake / relative)
        else:
            pending.unlink()
