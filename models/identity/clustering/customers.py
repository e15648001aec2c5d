"""From one night's scored pairs, and what people decided, to customers as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..settings import IdentitySettings
from .cluster import NO_RULE, Clusterer, Edges, Limits, Pairs
from .components import sizes
from .decisions import Decisions, decide
from .merge import BY_REVIEW, FORCED, WEIGHED, Bridges
from .rare_names import RULE, bring_home
from .slips import Limited

SINGLE, FORCED_RULE = "single record", "review: same"


@dataclass(frozen=True)
class Customers:
    """labels: per record (ordered by key) the smallest id of its cluster; the rest as in `Resolution`."""

    labels: np.ndarray
    clusters: pd.DataFrame
    links: pd.DataFrame
    refused: pd.DataFrame
    alarms: tuple[str, ...]


def _ids(keys: pa.Array, column: pa.ChunkedArray) -> np.ndarray:
    return pc.index_in(column, value_set=keys.cast(column.type)).to_numpy().astype(np.int64)


def scored_pairs(keys: pa.Array, pairs: pa.Table) -> Pairs:
    """The table of pairs with positions in `keys` (sorted) in place of record keys."""
    return Pairs(
        _ids(keys, pairs["record_key_l"]),
        _ids(keys, pairs["record_key_r"]),
        pairs["match_probability"].to_numpy(),
        pairs["match_weight"].to_numpy(),
        pc.fill_null(pairs["rule_rank"].cast(pa.int64()), NO_RULE).to_numpy(),
        pairs["is_conflict"].to_numpy(),
    )


def _limits(features: pa.Table, settings: IdentitySettings, limits: Mapping[str, int]) -> Limits:
    """What a customer may be, with values as numbers."""
    unique = np.full(features.num_rows, -1)
    for code, source in enumerate(settings.unique_sources):
        unique[pc.fill_null(pc.equal(features["source"], source), False).to_numpy()] = code
    values = {
        column: Limited.of(features[column], most)
        for column, most in limits.items()
        if column in features.column_names and features[column].null_count < features.num_rows
    }
    return Limits(settings.most_records_per_customer, unique, values)


def customers(
    effective: pa.Table,
    pairs: pa.Table,
    overrides: Any,
    settings: IdentitySettings,
    limits: Mapping[str, int],
    conflicting: Callable[[pa.Table, pa.Table], pa.Table],
) -> Customers:
    """Every record in exactly one customer. `effective` features and `pairs` are ordered by their keys.

    `limits`: column -> most distinct values that a customer may have.
    `conflicting` takes a table of record_key_l and record_key_r and the features of their records, and returns the
    pairs that can't be one person.
    """
    keys = effective["record_key"].combine_chunks()
    decisions = decide(overrides, keys)

    def find_conflicts(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        asked = pa.table({"record_key_l": keys.take(pa.array(left)), "record_key_r": keys.take(pa.array(right))})
        found = conflicting(asked, effective.take(pa.array(np.union1d(left, right))))
        codes = left * len(keys) + right
        return np.isin(codes, _ids(keys, found["record_key_l"]) * len(keys) + _ids(keys, found["record_key_r"]))

    scored = scored_pairs(keys, pairs)
    clusterer = Clusterer(
        len(keys),
        scored,
        decisions,
        _limits(effective, settings, limits),
        settings.link_probability,
        Bridges.of(settings.bridge_probability, settings.chain_probability),
        find_conflicts,
    )
    strays = bring_home(
        effective,
        clusterer.labels,
        settings.most_namesakes,
        settings.link_probability,
        settings.probability_decimals,
    )
    clusterer.bring_home(strays.left, strays.right)
    links = _links(keys, pairs, clusterer.edges, clusterer.labels, strays.probability)
    clusters = _clusters(keys, clusterer.labels, links)
    refused = _refused(keys, pairs, scored, clusterer, decisions)
    alarms = [*decisions.alarms, *_size_alarms(clusterer, settings)]
    return Customers(clusterer.labels, clusters, links.to_pandas(), refused, tuple(alarms))


def _links(keys: pa.Array, pairs: pa.Table, edges: Edges, labels: np.ndarray, stray: float) -> pa.Table:
    """The links whose two ends are in one cluster, one row per pair: a person's word goes before a score."""
    held = labels[edges.left] == labels[edges.right]
    table = pd.DataFrame({n: getattr(edges, n)[held] for n in ("left", "right", "kind", "position")})
    table = table.drop_duplicates(["left", "right"])  # edges come strongest first, forced ones before all
    table = table.sort_values(["left", "right"], ignore_index=True)
    weighed = (table.kind == WEIGHED).to_numpy()
    at = pa.array(np.where(weighed, table.position, 0), mask=~weighed)
    other = np.where(table.kind == FORCED, 1.0, stray)
    words = pa.array(np.where(table.kind == FORCED, FORCED_RULE, RULE).astype(object), pa.string())
    return pa.table(
        {
            "record_key_l": keys.take(pa.array(table.left)),
            "record_key_r": keys.take(pa.array(table.right)),
            "match_probability": pc.coalesce(pairs["match_probability"].take(at), pa.array(other)),
            "match_rule": pc.coalesce(pairs["match_rule"].take(at).cast(pa.string()), words),
        }
    )


def _clusters(keys: pa.Array, labels: np.ndarray, links: pa.Table) -> pd.DataFrame:
    """One row per record with its strongest link inside the cluster."""
    ends = np.r_[_ids(keys, links["record_key_l"]), _ids(keys, links["record_key_r"])]
    probability = np.tile(links["match_probability"].to_numpy(), 2)
    words = links["match_rule"].combine_chunks().dictionary_encode()
    # Positions of the words in their own order, so that ties do not depend on which came first.
    rank = pc.rank(words.dictionary, sort_keys="ascending").to_numpy()[words.indices.to_numpy()]
    order = np.lexsort((np.tile(rank, 2), -probability, ends))
    ends, first = np.unique(ends[order], return_index=True)
    best = order[first]
    likely, rule = np.ones(len(keys)), np.full(len(keys), -1)
    likely[ends], rule[ends] = probability[best], best % max(links.num_rows, 1)
    at = pa.array(np.maximum(rule, 0), mask=rule < 0)
    return pa.table(
        {
            "record_key": keys,
            "cluster_id": keys.take(pa.array(labels)),
            "match_probability": likely,
            "match_rule": pc.fill_null(links["match_rule"].take(at), SINGLE),
            "cluster_size": sizes(labels) if len(labels) else labels,
        }
    ).to_pandas()


def _refused(
    keys: pa.Array, pairs: pa.Table, scored: Pairs, clusterer: Clusterer, decisions: Decisions
) -> pd.DataFrame:
    """Links that are not in a cluster, and pairs a person parted, with the reason."""
    edges, labels = clusterer.edges, clusterer.labels
    at = np.flatnonzero((labels[edges.left] != labels[edges.right]) & (edges.kind == WEIGHED))
    reasons = [clusterer.reasons[position] for position in at.tolist()]
    place = edges.position[at]
    probability = scored.probability[place]
    known = set(zip(edges.left[at].tolist(), edges.right[at].tolist(), strict=True))
    parted = np.array([pair for pair in decisions.different if pair not in known], dtype=np.int64).reshape(-1, 2)
    left, right = np.r_[edges.left[at], parted[:, 0]], np.r_[edges.right[at], parted[:, 1]]
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


def _size_alarms(clusterer: Clusterer, settings: IdentitySettings) -> list[str]:
    """Lines about components that were cut for their size, and about forced customers that are larger."""
    lines = []
    if clusterer.too_large:
        lines.append(
            f"{clusterer.too_large} group(s) of linked records were larger than"
            f" {settings.most_records_per_customer} and were split at their weakest links"
        )
    largest = int(np.bincount(clusterer.labels).max()) if len(clusterer.labels) else 0
    if largest > settings.most_records_per_customer:
        lines.append(f"overrides hold {largest} records together, more than {settings.most_records_per_customer}")
    return lines


__all__ = ["FORCED_RULE", "SINGLE", "Customers", "customers"]
