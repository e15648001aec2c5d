"""The whole identity step: standardise, score pairs, cluster, say why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .cluster import cluster
from .conflicts import conflicting
from .link import score_pairs
from .rare_names import bring_home
from .settings import IdentitySettings
from .standardise import standardise
from .standardise.tables import as_frame

CLUSTER_COLUMNS = ["record_key", "cluster_id", "match_probability", "match_rule", "cluster_size"]
SINGLE = "single record"


@dataclass(frozen=True)
class Resolution:
    """clusters: one row per record; links: the accepted pairs inside the clusters. Ordered by keys.

    cluster_id is only good for one night; `assign_ids` turns it into a lasting customer_id.
    """

    clusters: pd.DataFrame
    links: pd.DataFrame


def resolve(records: pd.DataFrame, settings: IdentitySettings | None = None) -> Resolution:
    """Work out which customer_records are the same person.

    match_probability and match_rule are those of a record's strongest link inside its cluster; a
    record alone has 1.0 and 'single record'. The result does not depend on the order of the rows.
    """
    settings = settings or IdentitySettings()
    table = as_frame(standardise(records)[0])
    scored = score_pairs(table, settings)
    accepted = scored[(scored.match_probability >= settings.link_probability) & ~scored.is_conflict]
    accepted = accepted.drop(columns="is_conflict")

    def find_conflicts(pairs: pd.DataFrame) -> pd.DataFrame:
        return conflicting(pairs, table)

    labels = cluster(table.record_key, accepted, find_conflicts)
    extra = bring_home(table, labels, find_conflicts, settings)
    links = pd.concat([_inside(accepted, labels), extra], ignore_index=True)
    # Two strays may meet in one home; they are checked against each other like everybody else.
    labels = cluster(table.record_key, links, find_conflicts)
    links = _inside(links, labels).sort_values(["record_key_l", "record_key_r"], kind="stable", ignore_index=True)
    return Resolution(_describe(labels, links), links)


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
