"""From links to people: transitive clusters, cut where two of their records contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(keys: pd.Series, left: pd.Series, right: pd.Series) -> pd.Series:
    """Component label per key (index: key): the smallest key of everything reachable over the links."""
    order = pd.Index(sorted(keys))
    a, b = order.get_indexer(left), order.get_indexer(right)
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(order), len(order)))
    labels = connected_components(graph, directed=False)[1]
    # Keys are sorted, so the first of each label is its smallest.
    return pd.Series(order.to_numpy(), index=order).groupby(labels).transform("first")


def pairs_within(labels: pd.Series, of: set[Hashable] | None = None) -> pd.DataFrame:
    """Every pair of keys with the same label, as record_key_l < record_key_r; `of` limits the labels."""
    table = pd.DataFrame({"key": labels.index.astype(str), "label": labels.to_numpy()})
    table = table[table.label.map(table.label.value_counts()) > 1]
    if of is not None:
        table = table[table.label.isin(of)]
    both = table.merge(table, on="label", suffixes=("_l", "_r"))
    both = both[both.key_l < both.key_r]
    return both.rename(columns={"key_l": "record_key_l", "key_r": "record_key_r"})[["record_key_l", "record_key_r"]]


def merge_without_conflict(links: pd.DataFrame, conflicts: set[tuple[str, str]]) -> dict[str, str]:
    """Join the keys of `links` (strongest first) unless that brings a conflicting pair together.

    Kruskal's algorithm with cannot-link pairs. Returns key -> smallest key of its cluster. A loop in
    Python, but only over the few components that hold a contradiction.
    """
    ordered = links.sort_values(
        ["match_probability", "record_key_l", "record_key_r"], ascending=[False, True, True], kind="stable"
    )
    enemies: dict[str, set[str]] = {}
    for a, b in conflicts:
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    members = {key: {key} for key in sorted({*links.record_key_l, *links.record_key_r})}
    foes = {key: set(enemies.get(key, ())) for key in members}
    home = {key: key for key in members}
    for a, b in zip(ordered.record_key_l, ordered.record_key_r, strict=True):
        one, two = home[a], home[b]
        if one == two or foes[one] & members[two]:
            continue
        keep, drop = (one, two) if len(members[one]) >= len(members[two]) else (two, one)
        for key in members[drop]:
            home[key] = keep
        members[keep] |= members.pop(drop)
        foes[keep] |= foes.pop(drop)
    return {key: min(members[home[key]]) for key in home}


def cluster(keys: pd.Series, links: pd.DataFrame, find_conflicts: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.Series:
    """Cluster id per record key (index: key), the smallest key of the cluster; row order plays no part.

    `links` are accepted pairs with match_probability. `find_conflicts` takes pairs and returns those
    that cannot be one person: a record without a given name must not join a husband and a wife.
    """
    labels = components(keys, links.record_key_l, links.record_key_r)
    found = find_conflicts(pairs_within(labels))
    if found.empty:
        return labels
    torn = set(labels.reindex(found.record_key_l))
    inside = links[labels.reindex(links.record_key_l).isin(torn).to_numpy()]
    recut = merge_without_conflict(inside, set(zip(found.record_key_l, found.record_key_r, strict=True)))
    labels.update(pd.Series(recut, dtype=object))
    return labels
