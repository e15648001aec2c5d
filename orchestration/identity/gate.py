"""The impact gate: what publishing tonight's identity would change for readers, and a stop when it is too much.

It stands behind the marts and before serving: a stopped night is built and can be looked at in the warehouse, and
what is published stays as it is.
"""

from datetime import date

import dagster as dg
import pandas as pd
import pyarrow as pa

from models.identity import Impact, ImpactLimits, impact
from models.identity.assign import last_known
from orchestration.contracts import IDENTITY_HISTORY, IDENTITY_IMPACT, PIPELINE_RUNS, PUBLISHED_IDENTITY
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.identity.approvals import ApprovalError, approve, approved_moves, hold, release, waiting
from orchestration.identity.declaration import IdentityDeclaration
from orchestration.identity.published import read_published, rollbacks_so_far
from orchestration.lake import Lake, file_digest

_ASSIGNED = "identity/assignments.parquet"
_SEGMENTS = "select customer_id, rfm_segment as segment from marts.customer_segments order by customer_id"
_ASSIGNMENTS = "select record_key, customer_id from identity.assignments order by record_key"
_JUDGED, _VERDICT, _PASSED, _ROLLBACKS = "assignments", "verdict", "passed", "rollbacks"
# Customers that are in one of the two only: the marts were not built of the identity that is there now.
_NOT_IN_BOTH = """
select count(*) from (
    select customer_id from marts.customers union select customer_id from identity.assignments
    except (select customer_id from marts.customers intersect select customer_id from identity.assignments)
)
"""


def build_impact(declared: IdentityDeclaration, marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset that judges the night before it is published."""

    @dg.asset(
        key=["identity", "impact"],
        group_name="identity",
        owners=["customer-data@example.com"],
        kinds={"python", "parquet"},
        deps=[dg.AssetKey(["identity", "assignments"]), *marts],
        pool=WAREHOUSE_POOL,
    )
    def identity_impact(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
        """What would change for readers: records, money and segments that move to another customer. May stop the run.

        A change above a limit of identity.yml waits for a person, who approves exactly these moves.
        """
        as_of, found = judge(lake, declared.impact_limits())
        context.log.info(summary_line(found))
        if found.is_stopped:
            _stop(context, lake, as_of, found)
        release(lake)
        return dg.MaterializeResult(metadata=_metadata(found))

    return identity_impact


def judge(lake: Lake, limits: ImpactLimits) -> tuple[date, Impact]:
    """(the night, what it would change); the figures are kept in the lake, one file per night."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        before = _before(lake, as_of)
        judged = file_digest(lake.data.lake / _ASSIGNED)
        current = warehouse.sql(_ASSIGNMENTS).to_arrow_table()
        segments = warehouse.sql(_SEGMENTS).to_arrow_table()
    found = impact(before, current, segments, approved_moves(lake), limits)
    figures = pd.DataFrame({"figure": list(found.figures), "value": [float(one) for one in found.figures.values()]})
    verdict = "stopped" if found.is_stopped else _PASSED
    notes = {_JUDGED: judged, _VERDICT: verdict, _ROLLBACKS: str(rollbacks_so_far(lake))}
    lake.write(_judgement(as_of), figures.assign(as_of=as_of, verdict=verdict), IDENTITY_IMPACT, notes)
    return as_of, found


def _judgement(as_of: date) -> str:
    return f"identity/impact/{as_of}.parquet"


def _before(lake: Lake, as_of: date) -> pa.Table:
    """What tonight is compared with: who is who as published.

    Where something is served and no snapshot says of whom (it was made before there were snapshots, or the snapshot
    was lost), the customers of the night before by the history: they are what readers know, without the money.
    """
    published = read_published(lake)
    if published.as_of is not None or not lake.data.serving.exists():
        return published.current
    known = last_known(lake.read_table("identity/history.parquet", IDENTITY_HISTORY), as_of)
    rows = pa.Table.from_pandas(known[known["is_current"]][["record_key", "customer_id"]], preserve_index=False)
    for name in PUBLISHED_IDENTITY.names:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(len(rows)))
    return rows.select(PUBLISHED_IDENTITY.names).cast(PUBLISHED_IDENTITY)


def summary_line(found: Impact) -> str:
    """The impact in one line."""
    figures = found.figures
    if not figures["known_records"]:
        return f"first publication: {figures['records_new']:,} records, {figures['customers_new']:,} customers"
    share = figures["revenue_moved_usd"] / figures["revenue_usd"] if figures["revenue_usd"] else 0.0
    approved = f" ({figures['records_approved']:,} approved)" if figures["records_approved"] else ""
    return (
        f"{figures['records_moved']:,} of {figures['known_records']:,} known records to another customer{approved},"
        f" {figures['customers_merged']:,} merged, {figures['customers_split']:,} split,"
        f" {figures['customers_new']:,} new, {figures['customers_gone']:,} gone, {share:.2%} of the money"
    )


def stopped_line(found: Impact) -> str:
    """Why the night is not published, and what a person can do about it."""
    return (
        f"not published, who is who would change too much: {'; '.join(found.breaches)}. Remedy: look at the table"
        " (asset identity/impact, or above); if it is right, make approve-identity"
        f' CHANGE={found.fingerprint} BY="your name" WHY="the reason" and make replay;'
        " if not, mend the source, the rule or the override"
    )


def refuse_unjudged(lake: Lake) -> None:
    """Serving asks this as well, for whoever publishes without the gate, or after a run that ended before it.

    Raises:
        dagster.Failure: a change waits for approval, the gate has not judged the identity that is there now, or the
            marts are of another one.
    """
    if change := waiting(lake):
        raise dg.Failure(
            description=f"a change of identity waits for approval ({change}). Remedy: make approve-identity"
            f" CHANGE={change} BY=… WHY=… and make replay, or run the night again",
            allow_retries=False,
        )
    with lake.warehouse() as warehouse:
        notes = lake.notes(_judgement(lake.as_of(warehouse)))
        is_of_marts = warehouse.sql(_NOT_IN_BOTH).fetchone() == (0,)
    now = file_digest(lake.data.lake / _ASSIGNED)
    if notes.get(_JUDGED) != now or notes.get(_VERDICT) != _PASSED or not is_of_marts:
        raise dg.Failure(
            description="who is who has changed since the marts were built or the impact gate judged it. Remedy: make"
            " replay, which builds, judges and publishes",
            allow_retries=False,
        )
    if notes.get(_ROLLBACKS, "0") != str(rollbacks_so_far(lake)):
        raise dg.Failure(
            description="the impact gate judged this night before a roll-back, against what is no longer published."
            " Remedy: mend what was rolled back for, then make replay, which builds, judges and publishes",
            allow_retries=False,
        )


def _stop(context: dg.AssetExecutionContext, lake: Lake, as_of: date, found: Impact) -> None:
    hold(lake, found, as_of.isoformat())
    record = f"pipeline_runs/{context.run_id}.parquet"
    if (lake.data.lake / record).exists():
        lake.write(record, lake.read(record, PIPELINE_RUNS).assign(status="stopped"), PIPELINE_RUNS)
    for line in [*_table(found).to_string(index=False).splitlines(), *found.moves.to_string(index=False).splitlines()]:
        context.log.info(line)
    raise dg.Failure(description=stopped_line(found), metadata=_metadata(found), allow_retries=False)


def _table(found: Impact) -> pd.DataFrame:
    words = [name.replace("_usd", " (US dollars)").replace("_", " ") for name in found.figures]
    return pd.DataFrame({"figure": words, "value": [f"{value:,}" for value in found.figures.values()]})


def _metadata(found: Impact) -> dict[str, dg.MetadataValue | str]:
    return {
        "verdict": "stopped" if found.is_stopped else "passed",
        "in_short": summary_line(found),
        "change": found.fingerprint or "nothing to approve",
        "figures": dg.MetadataValue.md(_table(found).to_markdown(index=False)),
        "largest_moves": dg.MetadataValue.md(found.moves.to_markdown(index=False)),
    }


class ApproveConfig(dg.Config):
    """An approval, as a person gives it in the UI.

    Args:
        change: fingerprint of the change, from the asset identity/impact.
        by: who approves.
        why: the reason.
    """

    change: str
    by: str
    why: str


@dg.op
def approve_change(context: dg.OpExecutionContext, config: ApproveConfig, lake: Lake) -> None:
    """Approve the change of identity that waits, by its fingerprint."""
    try:
        approval = approve(lake, config.change, config.by, config.why)
    except ApprovalError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
    context.log.info(f"approved {approval.change}: {approval.records:,} records; run the job replay to publish it")


@dg.job(description="Approve a change of who is who that stopped a night (change, by, why); then run replay.")
def approve_identity() -> None:
    """The job of the UI; `make approve-identity` does the same."""
    approve_change()
