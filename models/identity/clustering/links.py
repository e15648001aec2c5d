"""Clusters as tables: the links that hold them together, each record's strongest, and links that were refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .components import sizes
from .decisions import Decisions
from .merge import BY_REVIEW, FORCED, STRAY, WEIGHED
from .rare_names import RULE, Strays

SINGLE, FORCED_RULE = "single record", "review: same"


def links_within(
    labels: np.ndarray, ends: tuple[np.ndarray, np.ndarray], is_link: np.ndarray, decisions: Decisions, strays: Strays
) -> pd.DataFrame:
    """left, right, kind and position (in the scored pairs, -1 if not scored) of the links within a cluster, ordered.

    One row per pair: a person's word goes before a score, and that before a name.
    """
    scored = np.flatnonzero(is_link & (labels[ends[0]] == labels[ends[1]]))
    same = np.array(decisions.same, dtype=np.int64).reshape(-1, 2)
    left = np.r_[same[:, 0], ends[0][scored], strays.left]
    right = np.r_[same[:, 1], ends[1][scored], strays.right]
    kind = np.repeat([FORCED, WEIGHED, STRAY], [len(same), len(scored), len(strays.left)])
    position = np.r_[np.full(len(same), -1), scored, np.full(len(strays.left), -1)]
    held = np.flatnonzero(labels[left] == labels[right])
    held = held[np.lexsort((kind[held], right[held], left[held]))]
    left, right = left[held], right[held]
    first = np.ones(len(held), bool)
    first[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    columns = {"left": left, "right": right, "kind": kind[held], "position": position[held]}
    return pd.DataFrame({name: column[first] for name, column in columns.items()})


def links_table(keys: pa.Array, pairs: pa.Table, found: pd.DataFrame, stray: float) -> pa.Table:
    """The links of `links_within` by their keys, with probability and rule."""
    weighed = (found.kind == WEIGHED).to_numpy()
    at = pa.array(np.where(weighed, found.position, 0), mask=~weighed)
    other = np.where(found.kind == FORCED, 1.0, stray)
    words = pa.array(np.where(found.kind == FORCED, FORCED_RULE, RULE).astype(object), pa.string())
    return pa.table(
        {
            "record_key_l": keys.take(pa.array(found.left.to_numpy())),
            "record_key_r": keys.take(pa.array(found.right.to_numpy())),
            "match_probability": pc.coalesce(pairs["match_probability"].take(at), pa.array(other)),
            "match_rule": pc.coalesce(pairs["match_rule"].take(at).cast(pa.string()), words),
        }
    )


def clusters_table(keys: pa.Array, labels: np.ndarray, found: pd.DataFrame, links: pa.Table) -> pa.Table:
    """One row per record with its strongest link inside the cluster; of equals the one whose rule sorts first."""
    ends = np.r_[found.left.to_numpy(), found.right.to_numpy()]
    probability = np.tile(links["match_probability"].to_numpy(), 2)
    words = links["match_rule"].combine_chunks().dictionary_encode()
    in_order = pc.sort_indices(words.dictionary)
    rank = np.empty(len(in_order), dtype=np.int64)
    rank[in_order.to_numpy()] = np.arange(len(in_order))
    rank = np.tile(rank[words.indices.to_numpy()], 2)
    likely = np.full(len(keys), -1.0)
    np.maximum.at(likely, ends, probability)
    best = probability == likely[ends]
    rule = np.full(len(keys), len(in_order))
    np.minimum.at(rule, ends[best], rank[best])
    texts = pa.concat_arrays([words.dictionary.take(in_order), pa.array([SINGLE], words.dictionary.type)])
    return pa.table(
        {
            "record_key": keys,
            "cluster_id": keys.take(pa.array(labels)),
            "match_probability": np.where(likely < 0, 1.0, likely),
            "match_rule": texts.take(pa.array(rule)),
            "cluster_size": sizes(labels) if len(labels) else labels,
        }
    )


def refused_table(
    keys: pa.Array,
    pairs: pa.Table,
    ends: tuple[np.ndarray, np.ndarray],
    refused: tuple[np.ndarray, np.ndarray, np.ndarray],
    decisions: Decisions,
) -> pd.DataFrame:
    """Links that are not in a cluster (left, right, reason), and pairs that a person parted."""
    left, right, reasons = refused
    width = len(keys)
    place = np.searchsorted(ends[0] * width + ends[1], left * width + right)
    probability = pairs["match_probability"].to_numpy()[place]
    known = set(zip(left.tolist(), right.tolist(), strict=True)) if decisions.different else set()
    parted = np.array([pair for pair in decisions.different if pair not in known], dtype=np.int64).reshape(-1, 2)
    left, right = np.r_[left, parted[:, 0]], np.r_[right, parted[:, 1]]
    order = np.lexsort((right, left))
    table = pd.DataFrame(
        {
            "record_key_l": keys.take(pa.array(left)).to_pandas(),
            "record_key_r": keys.take(pa.array(right)).to_pandas(),
            "match_probability": np.r_[probability, np.full(len(parted), np.nan)],
            "reason": pd.Series([*reasons, *([BY_REVIEW] * len(parted))], dtype="str"),
        }
    )
    return table.iloc[order].reset_index(drop=True)
