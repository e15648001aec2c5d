"""Strays brought home by a name nobody else bears.

A helpdesk user with a work e-mail and nothing else shares no contact point with the rest of the
person's records. If exactly one other customer bears the name, they are most likely the same; how
likely is read off the data: how often do two well-known customers bear one name?
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ..settings import IdentitySettings

RULE = "only bearer of the name"
# Where both sides know these and none agrees, it is somebody else: people move, but a stray that has
# an address of its own can find its people by that.
TELLING = ["address", "loyalty_card", "birth_date"]


def _bearers(records: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """One row per name and cluster: records of the cluster, clusters that bear the name, first key."""
    named = records.loc[records.name_key.notna(), ["record_key", "name_key"]]
    named = named.assign(cluster=labels.reindex(named.record_key).to_numpy())
    table = named.groupby(["name_key", "cluster"]).record_key.min().reset_index()
    table["records"] = table.cluster.map(labels.value_counts())
    table["bearers"] = table.groupby("name_key").cluster.transform("size")
    return table


def namesake_rate(bearers: pd.DataFrame) -> float:
    """Share of customers of two records or more whose name another such customer bears.

    One is added to each side, so that few customers never prove that names are unique.
    """
    known = bearers[bearers.records >= 2]
    shared = int(known.duplicated("name_key", keep=False).sum())
    return (shared + 1) / (len(known) + 2)


def _disagree(pairs: pd.DataFrame, records: pd.DataFrame, labels: pd.Series) -> np.ndarray:
    """Whether the two clusters of each pair both know something telling and have no value of it in common."""
    cluster = labels.reindex(records.record_key).to_numpy()
    out = np.zeros(len(pairs), dtype=bool)
    for column in TELLING:
        values = pd.DataFrame({"cluster": cluster, "value": records[column].to_numpy()}).dropna().drop_duplicates()
        known = pairs.cluster_l.isin(values.cluster) & pairs.cluster_r.isin(values.cluster)
        both = pairs.reset_index().merge(values, left_on="cluster_l", right_on="cluster")
        both = both.merge(
            values, left_on=["cluster_r", "value"], right_on=["cluster", "value"], suffixes=("", "_other")
        )
        out |= known.to_numpy() & ~pairs.index.isin(both["index"])
    return out


def bring_home(
    records: pd.DataFrame,
    labels: pd.Series,
    find_conflicts: Callable[[pd.DataFrame], pd.DataFrame],
    settings: IdentitySettings,
) -> pd.DataFrame:
    """Extra links (record_key_l, record_key_r, match_probability, match_rule), at most one per stray.

    Only where the name has two bearers in all, one of them a single record, and nothing contradicts.
    Empty where namesakes are too common for a name to mean a person.
    """
    bearers = _bearers(records, labels)
    rate = namesake_rate(bearers)
    columns = ["record_key_l", "record_key_r", "match_probability", "match_rule"]
    if rate > settings.most_namesakes:
        return pd.DataFrame(columns=columns).astype({"match_probability": "float64"})
    two = bearers[bearers.bearers == 2].sort_values(["name_key", "records", "cluster"], kind="stable")
    stray, home = two.drop_duplicates("name_key"), two.drop_duplicates("name_key", keep="last")
    pairs = pd.DataFrame(
        {
            "record_key_l": stray.record_key.to_numpy(),
            "record_key_r": home.record_key.to_numpy(),
            "cluster_l": stray.cluster.to_numpy(),
            "cluster_r": home.cluster.to_numpy(),
            "records": stray.records.to_numpy(),
        }
    )
    # A stray whose cluster bears two names (before and after a wedding) must not join two homes.
    pairs = pairs[pairs.records == 1].drop_duplicates("cluster_l").reset_index(drop=True)
    pairs = pairs[~_disagree(pairs, records, labels)]
    members = pd.DataFrame({"record_key": labels.index, "cluster": labels.to_numpy()})
    every = pairs.merge(members, left_on="cluster_r", right_on="cluster")
    bad = find_conflicts(
        pd.DataFrame({"record_key_l": every.record_key_l, "record_key_r": every.record_key.astype(str)})
    )
    pairs = pairs[~pairs.record_key_l.isin(bad.record_key_l)]
    low = np.minimum(pairs.record_key_l, pairs.record_key_r)
    high = np.maximum(pairs.record_key_l, pairs.record_key_r)
    links = pd.DataFrame({"record_key_l": low, "record_key_r": high})
    links["match_probability"] = round(1 - rate, settings.probability_decimals)
    links["match_rule"] = RULE
    return links.sort_values(["record_key_l", "record_key_r"], ignore_index=True)[columns]
