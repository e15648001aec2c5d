"""Identity as assets: today's assignment of records to customers, its history, and merges and splits."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd

from orchestration.contracts import (
    ASSIGNMENTS,
    HOUSEHOLD_HISTORY,
    HOUSEHOLDS,
    IDENTITY_EVENTS,
    IDENTITY_HISTORY,
    IDENTITY_REDIRECTS,
    REFUSED_LINKS,
)
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.identity.declaration import IdentityDeclaration
from orchestration.identity.metadata import about_assignments, about_events, about_overrides
from orchestration.identity.overrides import read_decisions, write_problems
from orchestration.identity.published import Published, read_published
from orchestration.identity.state import load_state, save_state
from orchestration.lake import Lake

_OWNER = "customer-data@example.com"
_INPUTS = [dg.AssetKey(["validated", "customer_records"]), dg.AssetKey(["staged", "run_date"])]
_TABLES = {
    "assignments": "Which customer each record belongs to tonight, and why.",
    "history": "Which customer each record belonged to, from when to when.",
    "events": "Customers that appeared, merged or split, by night.",
    "households": "Which customers live together; a larger grouping that merges nobody.",
    "redirects": "For every customer_id ever used, the ids that hold its records now.",
    "refused": "Pairs of records that looked like one customer and are none, and why. Keys only.",
    "override_problems": "Rows of the file of decisions that could not be obeyed, and what to do.",
    "features": "Standard spellings of each record, as they were compared; what the next night starts from.",
}


def _spec(name: str, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=["identity", name],
        group_name="identity",
        description=description,
        owners=[_OWNER],
        kinds={"splink", "parquet"},
        deps=_INPUTS,
    )


def build_identity(declared: IdentityDeclaration) -> dg.AssetsDefinition:
    """The identity step, as identity.yml declares it."""

    @dg.multi_asset(name="identity", specs=[_spec(name, about) for name, about in _TABLES.items()], pool=WAREHOUSE_POOL)
    def identity(context: dg.AssetExecutionContext, lake: Lake) -> Iterator[dg.MaterializeResult]:
        """Resolve all validated customer records with Splink and carry the ids that are published over."""
        from models import identity as model

        with lake.warehouse() as warehouse:
            as_of = lake.as_of(warehouse)
            records = warehouse.sql("select * from validated.customer_records order by record_key").to_arrow_table()
        _tell_unknown_sources(context, declared, records)
        state, about_state = load_state(lake, as_of, declared.refit.older_than)
        overrides = read_decisions(declared.overrides_file(lake.data), records)
        if overrides.rows:
            context.log.info(f"{declared.overrides}: {overrides.in_short()}")
        context.log.info(f"resolving {records.num_rows:,} records ({about_state})")
        resolution = model.resolve(records, declared.settings(), overrides=overrides.decisions, state=state)
        for line in (*resolution.reasons, *resolution.alarms):
            context.log.info(line)
        published = read_published(lake)
        assignment, written = carry_over(lake, published, resolution, as_of)
        write_problems(lake, overrides)
        context.log.info("ids carried over; keeping what the next night starts from")
        save_state(lake, resolution.state, as_of)

        yield dg.MaterializeResult(
            asset_key=["identity", "assignments"],
            metadata=about_assignments(resolution, assignment, about_state) | {"overrides": overrides.in_short()},
        )
        yield dg.MaterializeResult(asset_key=["identity", "events"], metadata=about_events(assignment))
        yield dg.MaterializeResult(asset_key=["identity", "override_problems"], metadata=about_overrides(overrides))
        counts = written | {"features": resolution.state.features.num_rows}
        for name in ("history", "households", "redirects", "refused", "features"):
            yield dg.MaterializeResult(asset_key=["identity", name], metadata={"dagster/row_count": counts[name]})

    return identity


def carry_over(lake: Lake, published: Published, resolution: Any, as_of: date) -> tuple[Any, dict[str, int]]:
    """Give tonight's clusters and homes the ids that last, and write the tables; rows by table.

    Ids start from what is published. Where nothing was yet (the first nights, or a folder from before there were
    snapshots), from the history as it stands.
    """
    from models import identity as model

    if published.as_of is None:
        history = lake.read_table("identity/history.parquet", IDENTITY_HISTORY)
        homes = lake.read_table("identity/household_history.parquet", HOUSEHOLD_HISTORY)
    else:
        history, homes = published.history, published.households
    assignment = model.assign_ids(resolution.clusters, history, history, as_of)
    updated = model.update_history(history, assignment.current, as_of)
    household = _households(resolution, assignment, homes, as_of)
    # History first: it is what a night without a snapshot starts from.
    lake.write("identity/history.parquet", updated, IDENTITY_HISTORY)
    lake.write("identity/assignments.parquet", assignment.current, ASSIGNMENTS)
    lake.write("identity/events.parquet", _all_events(lake, published, assignment, as_of), IDENTITY_EVENTS)
    lake.write("identity/household_history.parquet", household, HOUSEHOLD_HISTORY)
    current_homes = household[household["valid_to"].isna()]
    lake.write("identity/households.parquet", current_homes, HOUSEHOLDS)
    redirects = model.merged_into(updated)
    lake.write("identity/redirects.parquet", redirects, IDENTITY_REDIRECTS)
    lake.write("identity/refused.parquet", resolution.refused, REFUSED_LINKS)
    return assignment, {
        "history": len(updated),
        "households": current_homes["household_id"].nunique(),
        "redirects": len(redirects),
        "refused": len(resolution.refused),
    }


def _households(resolution: Any, assignment: Any, history: Any, as_of: date) -> pd.DataFrame:
    """The history of homes after tonight: the same machinery one level up, customers in place of records."""
    from models import identity as model

    in_model = {"customer_id": "record_key", "household_id": "customer_id"}
    past = history.rename_columns([in_model.get(name, name) for name in history.column_names])
    members = assignment.current[["record_key", "customer_id"]].merge(
        resolution.clusters[["record_key", "cluster_id"]], on="record_key"
    )
    members = members.drop_duplicates("customer_id").merge(resolution.households, on="cluster_id")
    groups = pd.DataFrame({"record_key": members["customer_id"], "cluster_id": members["household"]})
    groups = groups.assign(match_probability=1.0, match_rule="household", cluster_size=1)
    found = model.assign_ids(groups, past, past, as_of, prefix="H")
    updated = model.update_history(past, found.current, as_of)
    return updated.rename(columns={new: old for old, new in in_model.items()})


def _all_events(lake: Lake, published: Published, assignment: Any, as_of: date) -> pd.DataFrame:
    """Events of the nights that were published, and tonight's; a night that came to nothing is forgotten."""
    from models import identity as model

    earlier = lake.read("identity/events.parquet", IDENTITY_EVENTS)
    parts = [earlier[earlier["as_of"] < min(as_of, published.as_of or as_of)]]
    if published.as_of is not None and published.as_of < as_of:
        # Told again from the published history: that night may have been run again since, and stopped.
        parts.append(model.night_events(published.history, published.as_of))
    parts = [part for part in (*parts, assignment.events) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else assignment.events


def _tell_unknown_sources(context: dg.AssetExecutionContext, declared: IdentityDeclaration, records: Any) -> None:
    known = set(records["source_system"].unique().to_pylist())
    if unknown := sorted(set(declared.unique_sources) - known):
        context.log.info(f"identity.yml: unique_sources: no record comes from {', '.join(unknown)}")
