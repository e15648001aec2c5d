"""The whole identity step: records in, customers and households out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from .clustering.customers import SINGLE, customers
from .clustering.households import households
from .labels import Threshold, threshold_from_labels
from .night import work_out
from .scoring import conflicting
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
    tonight, reasons = work_out(as_arrow(records), settings, kinds, state)
    return customers_of(tonight, settings, overrides, reasons)


def customers_of(
    state: State, settings: IdentitySettings, overrides: Any = None, reasons: tuple[str, ...] = ()
) -> Resolution:
    """Customers and households of a night that is scored already: after other overrides, or other limits."""
    rows, model = state.effective, state.model
    threshold = threshold_from_labels(state.pairs, overrides, settings)
    if threshold.is_moved:
        settings, reasons = replace(settings, link_probability=threshold.probability), (*reasons, threshold.why)
    limits = {
        column: most
        for column, most in settings.limits.items()
        if most > 1 or model.disagreement(column) <= settings.most_disagreement
    }
    found = customers(rows, state.pairs, overrides, settings, limits, lambda pairs, of: conflicting(pairs, of, model))
    homes = households(rows, found.labels, settings)
    return Resolution(found.clusters, found.links, found.refused, homes, found.alarms, state, threshold, reasons)


__all__ = ["SINGLE", "Resolution", "customers_of", "resolve"]
