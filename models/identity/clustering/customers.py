"""From one night's scored pairs, and what people decided, to customers as tables.

A component of links is cut by what is in it alone. So one without a record that has changed, without a pair gained or
lost, and without another decision is the one of last night, cut as it was; only the others are cut again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..changes import Changes
from ..settings import IdentitySettings
from .before import Before
from .cluster import NO_RULE, Clusterer, Limits, Pairs
from .components import components
from .decisions import Decisions, decide
from .groups import DIFFERENT, REFUSED, SAME, STRAYS, choices
from .links import FORCED_RULE, SINGLE, clusters_table, links_table, links_within, refused_table
from .merge import WEIGHED, Bridges
from .rare_names import TELLING, Strays, bring_home
from .slips import Limited

Compared = Callable[..., pa.Table]
NO_PAIRS = (np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Customers:
    """Tables as in `Resolution`. choices: what the next night must know, see `groups.Groups`."""

    clusters: pd.DataFrame
    links: pd.DataFrame
    refused: pd.DataFrame
    choices: pa.Table


def scored_pairs(pairs: pa.Table, ends: pa.Table) -> Pairs:
    """The table of pairs with ids, which `ends` has row by row, in place of record keys."""
    return Pairs(
        ends["left"].to_numpy().astype(np.int64),
        ends["right"].to_numpy().astype(np.int64),
        pairs["match_probability"].to_numpy(),
        pairs["match_weight"].to_numpy(),
        pc.fill_null(pairs["rule_rank"].cast(pa.int64()), NO_RULE).to_numpy(),
        pairs["is_conflict"].to_numpy(),
    )


@dataclass(frozen=True)
class _Part:
    """Some whole components on their own: their records numbered anew, in the same order."""

    clusterer: Clusterer
    ids: np.ndarray
    own: np.ndarray

    def stage(self, labels: np.ndarray) -> np.ndarray:
        """`labels` of all records with those of this part."""
        out = labels.copy()
        out[self.ids] = self.ids[self.clusterer.labels]
        return out

    def bring_home(self, strays: Strays) -> None:
        inside = self.own[strays.left] >= 0
        self.clusterer.bring_home(self.own[strays.left[inside]], self.own[strays.right[inside]])

    def refused(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(left, right, reason) of scored links that don't hold."""
        edges, labels = self.clusterer.edges, self.clusterer.labels
        at = np.flatnonzero((labels[edges.left] != labels[edges.right]) & (edges.kind == WEIGHED))
        reasons = np.array([self.clusterer.reasons[position] for position in at.tolist()], dtype=object)
        return self.ids[edges.left[at]], self.ids[edges.right[at]], reasons


@dataclass(frozen=True)
class _Night:
    """All there is to cluster tonight."""

    keys: pa.Array
    compared: Compared
    pairs: Pairs
    decisions: Decisions
    settings: IdentitySettings
    limits: Mapping[str, int]
    conflicting: Callable[[pa.Table, pa.Table], pa.Table]

    def part(self, looked: np.ndarray) -> _Part:
        """The components of mask `looked`, clustered."""
        ids = np.flatnonzero(looked)
        rows = self.compared(ids if len(ids) < len(looked) else None)
        own = np.full(len(looked), -1)
        own[ids] = np.arange(len(ids))
        inside = looked[self.pairs.left] & looked[self.pairs.right]
        pairs = Pairs(
            own[self.pairs.left[inside]], own[self.pairs.right[inside]], self.pairs.probability[inside],
            self.pairs.weight[inside], self.pairs.rank[inside], self.pairs.is_conflict[inside],
        )  # fmt: skip
        same, different = (
            tuple((int(own[a]), int(own[b])) for a, b in decided if looked[a] and looked[b])
            for decided in (self.decisions.same, self.decisions.different)
        )
        keys = rows["record_key"].combine_chunks()

        def find_conflicts(left: np.ndarray, right: np.ndarray) -> np.ndarray:
            asked = pa.table({"record_key_l": keys.take(pa.array(left)), "record_key_r": keys.take(pa.array(right))})
            among = pa.array(np.union1d(left, right))
            found, few = self.conflicting(asked, rows.take(among)), keys.take(among)
            ends = [
                among.take(pc.index_in(found[side], value_set=few.cast(found[side].type))).to_numpy() * width
                for side, width in (("record_key_l", len(keys)), ("record_key_r", 1))
            ]
            return np.isin(left * len(keys) + right, ends[0] + ends[1])

        clusterer = Clusterer(
            len(ids),
            pairs,
            Decisions(same, different),
            _limits(rows, self.settings, self.limits),
            self.settings.link_probability,
            Bridges.of(self.settings.bridge_probability, self.settings.chain_probability),
            find_conflicts,
        )
        return _Part(clusterer, ids, own)


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


@dataclass(frozen=True)
class Grouped:
    """Who is one customer, before any table is written.

    labels: per record (ordered by key) the smallest id of its cluster. alone: labels before strays were brought home.
    again: mask of records whose clusters were worked out again. refused: (left, right, reason) of links that are none.
    """

    labels: np.ndarray
    alone: np.ndarray
    again: np.ndarray
    keys: pa.Array
    scored: pa.Table
    night: _Night
    strays: Strays
    refused: tuple[np.ndarray, np.ndarray, np.ndarray]
    alarms: tuple[str, ...]

    def tables(self) -> Customers:
        """The same as tables for people, and for the next night."""
        decisions, pairs = self.night.decisions, self.night.pairs
        ends, is_link = (pairs.left, pairs.right), pairs.is_link(self.night.settings.link_probability)
        found = links_within(self.labels, ends, is_link, decisions, self.strays)
        links = links_table(self.keys, self.scored, found, self.strays.probability)
        same, apart = (np.array(one, dtype=np.int64).reshape(-1, 2).T for one in (decisions.same, decisions.different))
        strays = self.strays.left, self.strays.right
        return Customers(
            clusters_table(self.keys, self.labels, found, links).to_pandas(),
            links.to_pandas(),
            refused_table(self.keys, self.scored, ends, self.refused, decisions),
            choices(**{REFUSED: self.refused, STRAYS: strays, SAME: same, DIFFERENT: apart}),
        )


def grouped(
    compared: Compared,
    pairs: pa.Table,
    ends: pa.Table,
    overrides: Any,
    settings: IdentitySettings,
    limits: Mapping[str, int],
    conflicting: Callable[[pa.Table, pa.Table], pa.Table],
    since: Changes | None = None,
) -> Grouped:
    """Every record in exactly one customer; those that nothing has changed for `since` last night are kept.

    `compared` (of rows, columns; None for all) are the effective features, in the order of their keys. `pairs` are
    ordered by keys, `ends` has the rows of their records. `limits`: column -> most distinct values that a customer may
    have. `conflicting` takes a table of record_key_l and record_key_r and the features of their records, and returns
    the pairs that can't be one person.
    """
    keys = compared(None, ["record_key"])["record_key"].combine_chunks()
    count = len(keys)
    night = _Night(keys, compared, scored_pairs(pairs, ends), decide(overrides, keys), settings, limits, conflicting)
    is_link = night.pairs.is_link(settings.link_probability)
    same = np.array(night.decisions.same, dtype=np.int64).reshape(-1, 2)
    edges = np.r_[night.pairs.left[is_link], same[:, 0]], np.r_[night.pairs.right[is_link], same[:, 1]]
    before = Before(since, count)
    whole = components(count, *edges)
    looked = _of_components(whole, before.changed(night.decisions))
    part = night.part(looked)
    alone = part.stage(before.alone)
    strays = bring_home(
        compared(None, ["record_key", "name_key", *TELLING]), alone, settings.most_namesakes, settings.link_probability,
        settings.probability_decimals,
    )  # fmt: skip
    if len(strays.left) or before.has_strays:
        whole = components(count, np.r_[edges[0], strays.left], np.r_[edges[1], strays.right])
        again = _of_components(whole, looked | before.changed_strays(strays))
        if (again & ~looked).any():
            # What links a stray's home together was kept: it takes part in the second stage as it does in the first.
            looked, part = again, night.part(again)
        part.bring_home(strays)
    labels = part.stage(before.cluster)
    refused = before.refused(looked, part.refused())
    too_large = int((np.bincount(whole, minlength=1) > settings.most_records_per_customer).sum())
    alarms = (*night.decisions.alarms, *_size_alarms(too_large, labels, settings))
    return Grouped(labels, alone, looked, keys, pairs, night, strays, refused, alarms)


def _of_components(whole: np.ndarray, marked: np.ndarray) -> np.ndarray:
    """Mask of the records whose component has one of mask `marked`."""
    hit = np.zeros(len(whole), bool)
    hit[whole[marked]] = True
    return hit[whole]


def _size_alarms(too_large: int, labels: np.ndarray, settings: IdentitySettings) -> list[str]:
    """Lines about components that were cut for their size, and about forced customers that are larger."""
    lines = []
    if too_large:
        lines.append(
            f"{too_large} group(s) of linked records were larger than"
            f" {settings.most_records_per_customer} and were split at their weakest links"
        )
    largest = int(np.bincount(labels).max()) if len(labels) else 0
    if largest > settings.most_records_per_customer:
        lines.append(f"overrides hold {largest} records together, more than {settings.most_records_per_customer}")
    return lines


__all__ = ["FORCED_RULE", "SINGLE", "Customers", "Grouped", "grouped"]
