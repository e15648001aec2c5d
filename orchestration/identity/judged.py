"""A night of identity read again from the lake: what explanations and reviews look at, after the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pandas as pd
import pyarrow as pa

from models.identity import IdentitySettings, Overrides, Resolution, Threshold, customers_of
from models.identity.overrides import shown
from models.identity.thresholds import threshold_from_labels
from orchestration.identity.declaration import IdentityDeclaration
from orchestration.identity.overrides import read_decisions
from orchestration.identity.state import load_state
from orchestration.lake import Lake

_NO_NIGHT = "there is no night of identity to look at. Remedy: run make run or make nightly first"


def with_threshold(
    resolution: Resolution, settings: IdentitySettings, overrides: Overrides
) -> tuple[Resolution, IdentitySettings, Threshold]:
    """The night with the threshold that people's answers bear out; mostly the night as it is."""
    threshold = threshold_from_labels(resolution.state.pairs, overrides.decisions, settings)
    if threshold.value == settings.link_probability:
        return resolution, settings, threshold
    moved = replace(settings, link_probability=threshold.value)
    return customers_of(resolution.state, moved, overrides.decisions, resolution.reasons), moved, threshold


def records_of(lake: Lake) -> pa.Table:
    """All validated customer records, ordered by key.

    Raises:
        dagster.Failure: there are none yet.
    """
    if not lake.data.warehouse.exists():
        raise dg.Failure(description=_NO_NIGHT, allow_retries=False)
    with lake.warehouse() as warehouse:
        return warehouse.sql("select * from validated.customer_records order by record_key").to_arrow_table()


def names_of(records: pa.Table) -> dict[str, str]:
    """record_key -> system:key."""
    columns = (records[name].cast(pa.string()).to_pylist() for name in ("record_key", "source_system", "source_key"))
    return {key: shown(system or "?", own or "?") for key, system, own in zip(*columns, strict=True)}


def last_night(
    lake: Lake, declared: IdentityDeclaration, records: pa.Table
) -> tuple[Resolution, IdentitySettings, Overrides]:
    """(who is who by the state in the lake and the decisions as they are now, the settings used, the decisions).

    Raises:
        dagster.Failure: there was no night yet. OverridesError: the file of decisions cannot be read.
    """
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
    state, about = load_state(lake, as_of, timedelta.max)
    if state is None or not state.features.num_rows:
        raise dg.Failure(description=f"{_NO_NIGHT} ({about})", allow_retries=False)
    overrides = read_decisions(declared.overrides_file(lake.data), records)
    settings = declared.settings()
    resolution = customers_of(state, settings, overrides.decisions, ())
    resolution, settings, _ = with_threshold(resolution, settings, overrides)
    return resolution, settings, overrides


def key_of(records: pa.Table, system: str, key: str) -> str:
    """record_key of a record by its system and key.

    Raises:
        dagster.Failure: there is no such record, or several.
    """
    table = records.select(["record_key", "source_system", "source_key"]).to_pandas().astype("str")
    systems = sorted(set(table["source_system"]))
    if system not in systems:
        said = f"no record comes from the system named; there are {', '.join(systems)}"
        raise dg.Failure(description=said, allow_retries=False)
    found: pd.Series = table.loc[(table["source_system"] == system) & (table["source_key"] == key), "record_key"]
    if len(found) != 1:
        many = "no validated record" if found.empty else f"{len(found)} records"
        said = f"there is {many} {shown(system, key)}. It may be set aside: see the rows of quarantine"
        raise dg.Failure(description=said, allow_retries=False)
    return str(found.iloc[0])
