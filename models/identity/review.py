"""Which pairs a person should look at: those whose answer would teach most, and no answer twice."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from .clustering.merge import BY_REVIEW
from .settings import IdentitySettings
from .step import Resolution

_PAIR = ["record_key_l", "record_key_r"]
QUEUE_COLUMNS = [*_PAIR, "match_probability", "why", "records", "revenue_usd", "levels", "priority"]
# A pattern of levels that was asked about already is worth this share of what it was before.
_SEEN_BEFORE = 0.8
# Pairs that a rule parted against the score, and links that alone hold two groups together, are open questions
# whatever their probability.
_OPEN = 0.6
# So many times the asked size is looked at closely; the rest is too sure to be asked.
_LOOKED_AT = 40


def review_queue(
    resolution: Resolution,
    size: int = 50,
    decided: pd.DataFrame | pa.Table | None = None,
    *,
    settings: IdentitySettings | None = None,
    revenue: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """At most `size` pairs, the most telling first, with QUEUE_COLUMNS: keys, levels and amounts only.

    A pair is worth its uncertainty (how near it is to the threshold, or that a rule overruled the score, or that it
    holds two groups together alone), times the records (and with `revenue`, US dollars by record_key, the money) that
    would move. Of pairs alike in every level fewer are asked. Pairs that `decided` answers or implies, and pairs of
    two customers of which another pair is asked already, are left out.
    """
    settings = settings or IdentitySettings()
    labels = resolution.clusters.set_index("record_key")["cluster_id"]
    table = _candidates(resolution, settings, labels)
    is_one = (table["cluster_l"] == table["cluster_r"]).to_numpy()
    sizes = labels.value_counts()
    money = pd.Series(dict(revenue or {}), dtype="float64").reindex(labels.index).fillna(0.0)
    money = money.groupby(labels.to_numpy()).sum()

    def of_both(values: pd.Series) -> np.ndarray:
        one, two = (values.reindex(table[side]).to_numpy(dtype=float) for side in ("cluster_l", "cluster_r"))
        return np.where(is_one, one, one + two)

    table["records"] = of_both(sizes).astype(int)
    table["revenue_usd"] = of_both(money).round(2)
    moved = np.log2(1 + table["records"]) * (1 + np.log10(1 + table["revenue_usd"].clip(lower=0)))
    table["priority"] = (table["uncertainty"] * moved).round(6)
    table = table.sort_values(["priority", *_PAIR], ascending=[False, True, True])
    table = table[~_answered(table, decided)].head(_LOOKED_AT * size)
    table = table[_asked_once(table)]
    return _diverse(table, size)[QUEUE_COLUMNS].reset_index(drop=True)


def _candidates(resolution: Resolution, settings: IdentitySettings, labels: pd.Series) -> pd.DataFrame:
    """Pairs that are in doubt, with uncertainty from 0 to 1 and why, and the clusters of both sides."""
    pairs = resolution.state.pairs
    table = pairs.select([*_PAIR, "match_probability", "rule_rank", "is_conflict", "levels"]).to_pandas()
    for side in ("l", "r"):
        table[f"cluster_{side}"] = labels.reindex(table[f"record_key_{side}"]).to_numpy()
    is_one = table["cluster_l"] == table["cluster_r"]
    # As far from the threshold in log odds as the probability is; 1 at the threshold itself.
    distance = _logit(table["match_probability"]) - _logit(settings.link_probability)
    table["uncertainty"] = 4 / (2 + np.exp(distance) + np.exp(-distance))
    table["why"] = "near the threshold"
    refused = resolution.refused[resolution.refused["reason"] != BY_REVIEW]
    reason = table[_PAIR].merge(refused[[*_PAIR, "reason"]], how="left", on=_PAIR)["reason"]
    overruled = reason.notna().to_numpy()
    table.loc[overruled, "why"] = "parted: " + reason[overruled].to_numpy().astype(object)
    in_doubt = table["rule_rank"].isna() & ~table["is_conflict"]
    # Joined by a longer way whatever the score of this pair says: its answer would change nothing.
    in_doubt &= ~(is_one & (table["match_probability"] < settings.link_probability))
    bridge = in_doubt & is_one & (table["match_probability"] < settings.bridge_probability)
    bridge[bridge] = _holds_alone(table[bridge], resolution.links)
    table.loc[bridge, "why"] = "holds two groups together alone"
    # Of a customer that other links hold as well, only the threshold learns.
    table.loc[is_one & ~bridge, "uncertainty"] *= 0.5
    is_open = bridge | (overruled & (reason != "conflict").to_numpy())
    table.loc[is_open, "uncertainty"] = table.loc[is_open, "uncertainty"].clip(lower=_OPEN)
    return table[in_doubt | is_open].copy()


def _logit(probability: pd.Series | float) -> pd.Series | float:
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def _holds_alone(asked: pd.DataFrame, links: pd.DataFrame) -> np.ndarray:
    """Mask over `asked` links: without it the cluster, of three records or more, falls apart."""
    touched = set(asked[_PAIR[0]]) | set(asked[_PAIR[1]])
    if not touched:
        return np.zeros(len(asked), bool)
    near: dict[str, set[str]] = {}
    for left, right in zip(links[_PAIR[0]], links[_PAIR[1]], strict=True):
        near.setdefault(left, set()).add(right)
        near.setdefault(right, set()).add(left)
    out = []
    for left, right in zip(asked[_PAIR[0]], asked[_PAIR[1]], strict=True):
        seen, todo = {left}, [left]
        while todo and right not in seen:
            at = todo.pop()
            fresh = {to for to in near.get(at, ()) if to not in seen and {at, to} != {left, right}}
            seen |= fresh
            todo += fresh
        groups_are_more = len(near.get(left, ())) > 1 or len(near.get(right, ())) > 1
        out.append(right not in seen and groups_are_more)
    return np.array(out, bool)


def _answered(table: pd.DataFrame, decided: pd.DataFrame | pa.Table | None) -> np.ndarray:
    """Mask: the pair was decided, or follows from what was: the same as the same, different from the same."""
    if decided is None or not len(decided):
        return np.zeros(len(table), bool)
    decided = decided.to_pandas() if isinstance(decided, pa.Table) else decided
    pairs = list(zip(decided["decision"], decided[_PAIR[0]], decided[_PAIR[1]], strict=True))
    home: dict[str, str] = {}

    def root(key: str) -> str:
        while home.get(key, key) != key:
            key = home[key]
        return key

    for word, left, right in pairs:
        if word == "same" and root(left) != root(right):
            home[max(root(left), root(right))] = min(root(left), root(right))
    apart = {frozenset((root(left), root(right))) for word, left, right in pairs if word == "different"}
    asked = {frozenset((left, right)) for _, left, right in pairs}
    return np.array(
        [
            frozenset(pair) in asked or root(pair[0]) == root(pair[1]) or frozenset(map(root, pair)) in apart
            for pair in zip(table[_PAIR[0]], table[_PAIR[1]], strict=True)
        ],
        bool,
    )


def _asked_once(table: pd.DataFrame) -> np.ndarray:
    """Mask: the first pair between two customers; inside one customer every pair is a question of its own."""
    seen: set[frozenset[str]] = set()
    out = []
    for row in table[["cluster_l", "cluster_r", *_PAIR]].itertuples(index=False, name=None):
        question = frozenset(row[:2]) if row[0] != row[1] else frozenset(row[2:])
        out.append(question not in seen)
        seen.add(question)
    return np.array(out, bool)


def _diverse(table: pd.DataFrame, size: int) -> pd.DataFrame:
    """The best pairs, each pattern of levels worth less with every pair of it that is taken. `table` is ordered."""
    patterns = [list(rows) for rows in table.groupby("levels", sort=True).indices.values()]
    priority = table["priority"].to_numpy()
    heap = [(-priority[rows[0]], at, 0) for at, rows in enumerate(patterns)]
    heapq.heapify(heap)
    taken = []
    while heap and len(taken) < size:
        _, at, place = heapq.heappop(heap)
        taken.append(patterns[at][place])
        if place + 1 < len(patterns[at]):
            worth = priority[patterns[at][place + 1]] * _SEEN_BEFORE ** (place + 1)
            heapq.heappush(heap, (-worth, at, place + 1))
    return table.iloc[taken]
