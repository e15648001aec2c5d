"""The review queue: the pairs whose answer would teach most, ready to be answered.

A pair is worth a question when its answer is open and something hangs on it: doubt times what would move.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .clustering.merge import BY_REVIEW
from .known import Known
from .masked import in_words
from .step import Resolution

TO_FILL_IN = ("decision", "decided_by", "decided_on", "reason")
COLUMNS = [
    "rank",
    "why",
    "source_system_a",
    "source_key_a",
    "source_system_b",
    "source_key_b",
    "match_probability",
    "evidence",
    *TO_FILL_IN,
    "record_key_l",
    "record_key_r",
]
# So many candidates per question are weighed exactly; the rest can't come near the top.
_WEIGHED = 40


def review_queue(
    resolution: Resolution,
    size: int = 50,
    overrides: Any = None,
    *,
    records: Any = None,
    revenue: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """At most `size` pairs to ask a person about, the one that teaches most first (columns: COLUMNS).

    Doubt is the entropy of the probability in bits; for a link that a rule refused it is the probability
    itself, because there score and rule contradict each other. What would move is the number of pairs of
    records that an answer joins or parts, and the revenue behind the smaller side. A pattern of levels that
    was asked n times already counts 1/(n + 1), and two customers are asked about once. What people decided,
    and what follows from it (`overrides`), is never asked.

    `records` (record_key, source_system, source_key) names the records for people; without it the record_key
    stands in. `revenue`: record_key -> money of its customer. Evidence is masked. The order of rows plays no part.
    """
    pairs = _open_pairs(resolution, Known(overrides))
    if pairs.empty or size < 1:
        return _empty()
    pairs = _weighed(pairs, resolution, revenue or {}, size)
    chosen = _diverse(pairs, size)
    return _told(chosen, resolution, records)


def _empty() -> pd.DataFrame:
    table = pd.DataFrame({column: pd.Series(dtype="str") for column in COLUMNS})
    return table.astype({"rank": "int64", "match_probability": "float64"})


def _open_pairs(resolution: Resolution, known: Known) -> pd.DataFrame:
    """Scored pairs that no answer settles, with reason (why a link was refused), clusters and their sizes."""
    names = ["record_key_l", "record_key_r", "match_probability", "levels"]
    pairs = resolution.state.pairs.select(names).to_pandas()
    refused = resolution.refused[["record_key_l", "record_key_r", "reason"]]
    pairs = pairs.merge(refused, on=["record_key_l", "record_key_r"], how="left")
    pairs = pairs[pairs.reason.fillna("") != BY_REVIEW]
    clusters = resolution.clusters.set_index("record_key")
    for side in ("l", "r"):
        found = clusters.loc[pairs[f"record_key_{side}"]]
        pairs[f"cluster_{side}"], pairs[f"size_{side}"] = found.cluster_id.to_numpy(), found.cluster_size.to_numpy()
    pairs["doubt"] = doubt(pairs.match_probability.to_numpy(), pairs.reason.notna().to_numpy())
    pairs = pairs[pairs.doubt > 0]
    settled = [known.answer(a, b) is not None for a, b in zip(pairs.record_key_l, pairs.record_key_r, strict=True)]
    return pairs[~np.array(settled, dtype=bool)].reset_index(drop=True)


def doubt(probability: np.ndarray, is_refused: np.ndarray) -> np.ndarray:
    """Bits: the entropy of a coin that falls with `probability`; at least the probability where a rule refused it."""
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    entropy = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    return np.round(np.where(is_refused, np.maximum(entropy, p), entropy), 9)


def _weighed(pairs: pd.DataFrame, resolution: Resolution, revenue: Mapping[str, float], size: int) -> pd.DataFrame:
    """The most promising pairs with `parts` (records on both sides of the answer) and their worth."""
    pairs = pairs.assign(is_inside=pairs.cluster_l == pairs.cluster_r)
    pairs["part_l"], pairs["part_r"] = pairs.size_l, pairs.size_r
    money = _money(pairs, resolution, revenue)
    # Inside a customer a cut can move no more than two halves; only what can reach the top is looked at closely.
    most = np.where(pairs.is_inside, pairs.size_l**2 / 4, pairs.size_l * pairs.size_r)
    likely = _by_worth(pairs.assign(worth=_worth(pairs.doubt, most, money), money=money))
    likely = likely.head(_WEIGHED * size + 1000)
    halves = _cuts(likely[likely.is_inside], resolution.links)
    parts = [halves.get(index, (1, 1)) if inside else (a, b) for index, inside, a, b in zip(
        likely.index, likely.is_inside, likely.size_l, likely.size_r, strict=True)]  # fmt: skip
    likely["part_l"], likely["part_r"] = (list(side) for side in zip(*parts, strict=True))
    likely["is_bridge"] = [index in halves for index in likely.index]
    likely["worth"] = _worth(likely.doubt, likely.part_l * likely.part_r, likely.money)
    return _by_worth(likely).reset_index(drop=True)


def _by_worth(pairs: pd.DataFrame) -> pd.DataFrame:
    """Best first; equals by their keys, so that the order of rows plays no part."""
    pairs = pairs.assign(worth=pairs.worth.round(9))
    return pairs.sort_values(["worth", "record_key_l", "record_key_r"], ascending=[False, True, True], kind="stable")


def _worth(doubt_: Any, moved: Any, money: Any) -> np.ndarray:
    """Doubt times what would move: twice the records, or ten times the money, count one step more."""
    return np.asarray(doubt_) * np.log2(1 + np.asarray(moved, dtype=float)) * (1 + np.log10(1 + np.asarray(money)))


def _money(pairs: pd.DataFrame, resolution: Resolution, revenue: Mapping[str, float]) -> np.ndarray:
    """Revenue behind the smaller side of each pair; 0 where none is known."""
    if not revenue:
        return np.zeros(len(pairs))
    clusters = resolution.clusters[["record_key", "cluster_id"]]
    known = clusters.assign(money=clusters.record_key.map(revenue).fillna(0.0))
    by_cluster = known.groupby("cluster_id").money.max().clip(lower=0)
    return np.minimum(pairs.cluster_l.map(by_cluster).to_numpy(float), pairs.cluster_r.map(by_cluster).to_numpy(float))


def _cuts(inside: pd.DataFrame, links: pd.DataFrame) -> dict[int, tuple[int, int]]:
    """Row -> records on both sides, for the pairs whose link alone holds a customer together."""
    homes = {key: row.cluster_l for row in inside.itertuples() for key in (row.record_key_l, row.record_key_r)}
    wanted = set(inside.cluster_l)
    near: dict[str, set[str]] = {}
    clusters = {*homes}
    # The links of these customers only: grow from the records in question until nothing is added.
    table = links[["record_key_l", "record_key_r"]]
    while wanted:
        touching = table[table.record_key_l.isin(clusters) | table.record_key_r.isin(clusters)]
        grown = {*touching.record_key_l, *touching.record_key_r} | clusters
        if len(grown) == len(clusters):
            for a, b in zip(touching.record_key_l, touching.record_key_r, strict=True):
                near.setdefault(a, set()).add(b)
                near.setdefault(b, set()).add(a)
            break
        clusters = grown
    cut = {}
    for row in inside.itertuples():
        if row.record_key_r in near.get(row.record_key_l, ()):
            side = _reached(row.record_key_l, row.record_key_r, near)
            if side is not None:
                cut[row.Index] = (side, row.size_l - side)
    return cut


def _reached(start: str, other: str, near: Mapping[str, set[str]]) -> int | None:
    """Records on the side of `start` without the link to `other`; None when there is another way round."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for key in near[here]:
            if here == start and key == other or key in seen:
                continue
            if key == other:
                return None
            seen.add(key)
            waiting.append(key)
    return len(seen)


def _diverse(pairs: pd.DataFrame, size: int) -> pd.DataFrame:
    """Greedily the best next question: a pattern asked before counts less, two customers are asked about once."""
    pattern = pd.factorize(pairs.levels.fillna("") + "|" + pairs.reason.fillna(""))[0]
    low = np.minimum(pairs.cluster_l.to_numpy(object), pairs.cluster_r.to_numpy(object))
    high = np.maximum(pairs.cluster_l.to_numpy(object), pairs.cluster_r.to_numpy(object))
    couple = pd.factorize(pd.Series(low) + "|" + pd.Series(high))[0]
    asked = np.zeros(pattern.max() + 1)
    worth = pairs.worth.to_numpy(float)
    is_open = worth > 0
    chosen: list[int] = []
    while len(chosen) < size and is_open.any():
        best = int(np.argmax(np.where(is_open, worth / (1 + asked[pattern]), -1)))
        chosen.append(best)
        asked[pattern[best]] += 1
        is_open &= couple != couple[best]
    return pairs.iloc[chosen].reset_index(drop=True)


def _told(chosen: pd.DataFrame, resolution: Resolution, records: Any) -> pd.DataFrame:
    keys = sorted({*chosen.record_key_l, *chosen.record_key_r})
    names = _names(keys, resolution, records)
    state = resolution.state
    position = {key: at for at, key in enumerate(state.features["record_key"].to_pylist()) if key in names}
    asked_about = state.effective.take([position[key] for key in keys]).to_pylist()
    rows = dict(zip(keys, asked_about, strict=True))
    table = pd.DataFrame({"rank": np.arange(1, len(chosen) + 1), "why": [_why(row) for row in chosen.itertuples()]})
    for side, key in (("a", "record_key_l"), ("b", "record_key_r")):
        table[f"source_system_{side}"] = [names[k][0] for k in chosen[key]]
        table[f"source_key_{side}"] = [names[k][1] for k in chosen[key]]
        table[key] = chosen[key]
    table["match_probability"] = chosen.match_probability
    table["evidence"] = [
        in_words(state.model, row.levels, rows[row.record_key_l], rows[row.record_key_r]) for row in chosen.itertuples()
    ]
    for column in TO_FILL_IN:
        table[column] = ""
    return table[COLUMNS]


def _names(keys: list[str], resolution: Resolution, records: Any) -> dict[str, tuple[str, str]]:
    if records is None:
        features = resolution.state.features.select(["record_key", "source"]).to_pandas()
        features = features[features.record_key.isin(keys)]
        return {
            key: (source if isinstance(source, str) else "", key) for key, source in features.itertuples(index=False)
        }
    columns = ["record_key", "source_system", "source_key"]
    table = records.select(columns).to_pandas() if isinstance(records, pa.Table) else records[columns]
    table = table[table.record_key.isin(keys)].astype(str)
    return {key: (system, own) for key, system, own in table.itertuples(index=False)}


def _why(row: Any) -> str:
    p = f"{row.match_probability:.2f}"
    if row.is_inside and row.is_bridge:
        return f"holds {row.part_l} and {row.part_r} records together alone, at {p}"
    if row.is_inside:
        return f"in one customer by way of other records, by themselves only {p}"
    if isinstance(row.reason, str):
        return f"looks like one ({p}), kept apart by: {row.reason}"
    return f"unsure ({p}): would join {row.part_l} and {row.part_r} records"
