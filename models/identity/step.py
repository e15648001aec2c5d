"""The whole identity step: records in, customers and households out."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa

from .changes import Changes
from .clustering.customers import SINGLE, grouped
from .clustering.groups import Groups
from .clustering.households import households
from .labels import Threshold, threshold_from_labels
from .night import work_out
from .scoring import Model, conflicting
from .settings import IdentitySettings
from .standardise.tables import as_arrow
from .state import State


@dataclass(frozen=True)
class Resolution:
    """Who is who tonight. All tables are pandas, ordered by their keys.

    clusters: one row per record (record_key, cluster_id, match_probability, match_rule, cluster_size).
    links: the accepted pairs inside the clusters. refused: pairs that were as good as links, or parted by
    a person, and why they are none. households: cluster_id and household, one row per cluster.
    alarms: what a person should look at. reasons: whether the model was kept or fitted and why. threshold: the
    probability from which pairs are links, that of the settings or the one that people's answers bear out.
    settings: those of the night.

    cluster_id and household are only good for one night; `assign_ids` makes them last.
    """

    clusters: pd.DataFrame
    links: pd.DataFrame
    refused: pd.DataFrame
    households: pd.DataFrame
    alarms: tuple[str, ...]
    state: State
    threshold: Threshold
    reasons: tuple[str, ...] = ()
    settings: IdentitySettings = field(default_factory=IdentitySettings)


def resolve(
    records: Any,
    settings: IdentitySettings | None = None,
    *,
    overrides: Any = None,
    state: State | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Resolution:
    """Work out which records are the same person, and which people share a home.

    `overrides` (decision, record_key_l, record_key_r, decided_on) are always obeyed; where there are enough of them
    they also say from which probability on pairs are links (`threshold_from_labels`). `state` is that of an
    earlier night: only what has changed since is worked out again, with the same result. `kinds` says which
    column holds which kind of value where its name does not ({"record_key": "no", "full_name": "who"}).

    match_probability and match_rule are those of a record's strongest link inside its cluster; a
    record alone has 1.0 and 'single record'. The result does not depend on the order of the rows.
    Raises ValueError when the key is missing or double, or no column tells people apart.
    """
    settings = settings or IdentitySettings()
    tonight, since, reasons = work_out(as_arrow(records), settings, kinds, state)
    return customers_of(tonight, settings, overrides, reasons, since)


def customers_of(
    state: State,
    settings: IdentitySettings,
    overrides: Any = None,
    reasons: tuple[str, ...] = (),
    since: Changes | None = None,
) -> Resolution:
    """Customers and households of a night that is scored already: after other overrides, or other limits.

    With what has changed `since` another night, only what that touches is worked out again, with the same result.
    """
    model = state.model
    threshold = threshold_from_labels(state.pairs, overrides, settings)
    if threshold.is_moved:
        settings, reasons = replace(settings, link_probability=threshold.probability), (*reasons, threshold.why)
    limits = {
        column: most
        for column, most in settings.limits.items()
        if most > 1 or model.disagreement(column) <= settings.most_disagreement
    }
    grouped_with = _grouped_with(settings, limits)
    if since is not None and since.grouped_with != grouped_with:
        since = None
    compared, clash = state.compared, partial(_conflicting, model)
    with ThreadPoolExecutor(1) as aside:
        digests = aside.submit(state.scored_digests)
        who = grouped(compared, state.pairs, state.ends, overrides, settings, limits, clash, since)
        # Who lives together needs nothing of the tables that say who is who.
        living = aside.submit(households, compared, who.labels, settings, since, who.again)
        found, homes = who.tables(), living.result()
        digests.result()
    groups = Groups(who.labels, who.alone, homes.neighbours, homes.household, found.choices)
    state = state.sealed(grouped_with=grouped_with, **groups.to_tables())
    alarms = (*who.alarms, *_left_out(state, settings))
    return Resolution(
        found.clusters, found.links, found.refused, homes.frame, alarms, state, threshold, reasons, settings
    )


def _grouped_with(settings: IdentitySettings, limits: Mapping[str, int]) -> str:
    """Everything that clusters and households depend on besides records, pairs and people's decisions, as text."""
    values = {one.name: getattr(settings, one.name) for one in fields(settings) if one.metadata.get("clusters_only")}
    return repr((sorted((name, repr(value)) for name, value in values.items()), sorted(limits.items())))


def _conflicting(model: Model, pairs: pa.Table, features: pa.Table) -> pa.Table:
    return conflicting(pairs, features, model)


# What is one person's: so many records with one value, which no number of people explains (see `blocked_values`).
_OWN = ("national_id", "email", "phone", "loyalty_card", "device_id")


def _left_out(state: State, settings: IdentitySettings) -> list[str]:
    """A line for each kind of number or address with values that too many records bear to compare them."""
    if not state.model.comparisons and state.features.num_rows > 1:
        return ["no two records were compared: no column has values that tell people apart"]
    left_out = state.model.trained_on.get("blocks_left_out", {})
    return [
        f"{left_out[kind]} value(s) of {kind} are borne by more than {settings.largest_block} records each, which"
        " were not compared by it"
        for kind in _OWN
        if left_out.get(kind)
    ]


__all__ = ["SINGLE", "Resolution", "customers_of", "resolve"]
