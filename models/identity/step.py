"""The whole identity step: records in, customers and households out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import pyarrow as pa

from .clustering.merge import cluster
from .clustering.rare_names import bring_home
from .conflicts import conflicting
from .link import score_pairs
from .settings import IdentitySettings
from .standardise import standardise
from .state import State

CLUSTER_COLUMNS = ["record_key", "cluster_id", "match_probability", "match_rule", "cluster_size"]
REFUSED_COLUMNS = ["record_key_l", "record_key_r", "match_probability", "reason"]
SINGLE = "single record"


@dataclass(frozen=True)
class Resolution:
    """Who is who tonight. All tables are pandas, ordered by their keys.

    clusters: one row per record (record_key, cluster_id, match_probability, match_rule, cluster_size).
    links: the accepted pairs inside the clusters. refused: pairs that were as good as links and are not,
    with the reason. households: cluster_id and household. alarms: what a person should look at.
    reasons: how this night was worked out (model kept or fitted and why, records scored again).

    cluster_id and household are only good for one night; `assign_ids` makes them last.
    """

    clusters: pd.DataFrame
    links: pd.DataFrame
    refused: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=REFUSED_COLUMNS))
    households: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["cluster_id", "household"]))
    alarms: tuple[str, ...] = ()
    state: State | None = None
    reasons: tuple[str, ...] = ()


def resolve(
    records: Any,
    settings: IdentitySettings | None = None,
    *,
    overrides: Any = None,
    state: State | None = None,
    kinds: dict[str, str] | None = None,
) -> Resolution:
    """Work out which records are the same person.

    match_probability and match_rule are those of a record's strongest link inside its cluster; a
    record alone has 1.0 and 'single record'. The result does not depend on the order of the rows.
    """
    settings = settings or IdentitySettings()
    frame = records.to_pandas() if isinstance(records, pa.Table) else records
    table = standardise(frame)
    scored = score_pairs(table, replace(settings, link_probability=settings.keep_probability))
    linked = scored[scored.match_probability >= settings.link_probability]
    accepted = linked[~linked.is_conflict].drop(columns="is_conflict")

    def find_conflicts(pairs: pd.DataFrame) -> pd.DataFrame:
        return conflicting(pairs, table)

    labels = cluster(table.record_key, accepted, find_conflicts)
    extra = bring_home(table, labels, find_conflicts, settings)
    links = pd.concat([_inside(accepted, labels), extra], ignore_index=True)
    # Two strays may meet in one home; they are checked against each other like everybody else.
    labels = cluster(table.record_key, links, find_conflicts)
    links = _inside(links, labels).sort_values(["record_key_l", "record_key_r"], kind="stable", ignore_index=True)
    refused = linked[labels.reindex(linked.record_key_l).to_numpy() != labels.reindex(linked.record_key_r).to_numpy()]
    refused = refused.assign(reason="conflict")[REFUSED_COLUMNS].reset_index(drop=True)
    clusters = _describe(labels, links)
    homes = clusters[["cluster_id"]].drop_duplicates().assign(household=lambda one: one.cluster_id)
    features = pa.Table.from_pandas(table, preserve_index=False)
    empty = pa.table({"column": pa.array([], pa.string()), "value": pa.array([], pa.string())})
    pairs = pa.Table.from_pandas(scored, preserve_index=False)
    known = State(features, features.select(["record_key"]), empty, pairs).sealed()
    return Resolution(clusters, links, refused, homes.reset_index(drop=True), (), known)


def _inside(links: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """The links whose two ends are in one cluster."""
    return links[labels.reindex(links.record_key_l).to_numpy() == labels.reindex(links.record_key_r).to_numpy()]


def _describe(labels: pd.Series, links: pd.DataFrame) -> pd.DataFrame:
    """Clusters table from cluster labels (index: record key) and the links inside the clusters."""
    sides = [
        links.rename(columns={f"record_key_{side}": "record_key"})[["record_key", "match_probability", "match_rule"]]
        for side in ("l", "r")
    ]
    best = (
        pd.concat(sides)
        .sort_values(["record_key", "match_probability", "match_rule"], ascending=[True, False, True], kind="stable")
        .drop_duplicates("record_key")
        .set_index("record_key")
    )
    clusters = pd.DataFrame({"record_key": labels.index.astype(str), "cluster_id": labels.to_numpy()})
    clusters["match_probability"] = best.match_probability.reindex(clusters.record_key).fillna(1.0).to_numpy("float64")
    clusters["match_rule"] = best.match_rule.reindex(clusters.record_key).fillna(SINGLE).to_numpy()
    clusters["cluster_size"] = clusters.groupby("cluster_id").record_key.transform("size").astype("int64")
    return clusters.sort_values("record_key", ignore_index=True)[CLUSTER_COLUMNS]
