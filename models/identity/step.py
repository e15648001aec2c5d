"""The whole identity step: records in, customers and households out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from .clustering.customers import SINGLE, customers
from .clustering.households import households
from .night import KEY, work_out
from .scoring import conflicting
from .settings import IdentitySettings
from .state import State


@dataclass(frozen=True)
class Resolution:
    """Who is who tonight. All tables are pandas, ordered by their keys.

    clusters: one row per record (record_key, cluster_id, match_probability, match_rule, cluster_size).
    links: the accepted pairs inside the clusters. refused: pairs that were as good as links, or parted by
    a person, and why they are none. households: cluster_id and household, one row per cluster.
    alarms: what a person should look at. reasons: whether the model was kept or fitted and why.

    cluster_id and household are only good for one night; `assign_ids` makes them last.
    """

    clusters: pd.DataFrame
    links: pd.DataFrame
    refused: pd.DataFrame
    households: pd.DataFrame
    alarms: tuple[str, ...]
    state: State
    reasons: tuple[str, ...] = ()


def as_arrow(records: Any) -> pa.Table:
    """Records as an Arrow table with a text record_key, ordered by it.

    Takes pandas, Arrow, or anything that hands its data over as Arrow (Polars, a DuckDB relation). Raises
    ValueError when record_key is missing, null or double.
    """
    if isinstance(records, pd.DataFrame):
        table = pa.Table.from_pandas(records, preserve_index=False)
    else:
        table = records if isinstance(records, pa.Table) else pa.table(records)
    if KEY not in table.column_names:
        raise ValueError(f"records: a column {KEY} with a key of its own for each record is needed")
    keys = table[KEY].cast(pa.string())
    if keys.null_count or len(keys.unique()) < len(keys):
        raise ValueError(f"records: {KEY} must be present and unique")
    return table.set_column(table.column_names.index(KEY), KEY, keys).sort_by(KEY).combine_chunks()


def resolve(
    records: Any,
    settings: IdentitySettings | None = None,
    *,
    overrides: Any = None,
    state: State | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Resolution:
    """Work out which records are the same person, and which people share a home.

    `overrides` (decision, record_key_l, record_key_r, decided_on) are always obeyed. `state` is that of an
    earlier night: only what has changed since is worked out again, with the same result. `kinds` says which
    column holds what, where its name does not.

    match_probability and match_rule are those of a record's strongest link inside its cluster; a
    record alone has 1.0 and 'single record'. The result does not depend on the order of the rows.
    """
    settings = settings or IdentitySettings()
    tonight, reasons = work_out(as_arrow(records), settings, kinds, state)
    effective = tonight.effective
    found = customers(
        effective, tonight.pairs, overrides, settings, lambda pairs: conflicting(pairs, effective, tonight.model)
    )
    homes = households(effective, found.labels, settings)
    return Resolution(found.clusters, found.links, found.refused, homes, found.alarms, tonight, reasons)


__all__ = ["SINGLE", "Resolution", "as_arrow", "resolve"]
