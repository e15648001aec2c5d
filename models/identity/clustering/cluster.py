"""Who is one customer: connected links, and a second look at every component with something to decide.

Almost all components are plain and never leave numpy. A component is torn, and merged again link by
link, when it holds a pair that can't be one person, two records of a source without doubles, more values
than one customer has, too many records, or a weak bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .components import by_component, components, pairs_within, sizes
from .decisions import Decisions
from .merge import BY_REVIEW, CONFLICT, FORCED, STRAY, WEIGHED, Bridges, Rules, merge
from .slips import Limited, judged

NO_RULE = np.iinfo(np.int64).max
# Probabilities have six decimals: nothing is surer than this many bits.
MOST_BITS = 20.0


@dataclass(frozen=True)
class Pairs:
    """Scored pairs as ids, left below right. rank: position of the deterministic rule, NO_RULE if none."""

    left: np.ndarray
    right: np.ndarray
    probability: np.ndarray
    weight: np.ndarray
    rank: np.ndarray
    is_conflict: np.ndarray

    def is_link(self, link_probability: float) -> np.ndarray:
        """Mask: likely enough, or a deterministic rule says so."""
        return (self.probability >= link_probability) | (self.rank != NO_RULE)

    @property
    def odds(self) -> np.ndarray:
        """Log odds in bits, at most MOST_BITS either way; a deterministic rule is as sure as can be."""
        p = np.clip(self.probability, 2.0**-MOST_BITS, 1 - 2.0**-MOST_BITS)
        return np.where(self.rank != NO_RULE, MOST_BITS, np.log2(p / (1 - p)))


@dataclass(frozen=True)
class Limits:
    """What one customer may be. unique: per record the code of its source if that holds nobody twice, else -1."""

    most_records: int
    unique: np.ndarray
    values: Mapping[str, Limited] = field(default_factory=dict)


@dataclass(frozen=True)
class Edges:
    """Candidate links in the order in which they are taken; `position` counts within the pairs, -1 if not scored."""

    left: np.ndarray
    right: np.ndarray
    kind: np.ndarray
    odds: np.ndarray
    position: np.ndarray

    def and_strays(self, left: np.ndarray, right: np.ndarray) -> Edges:
        """The same links, and behind them those of strays to their homes."""
        kind, nowhere = np.full(len(left), STRAY), np.full(len(left), -1)
        return Edges(
            np.r_[self.left, left],
            np.r_[self.right, right],
            np.r_[self.kind, kind],
            np.r_[self.odds, np.full(len(left), MOST_BITS)],
            np.r_[self.position, nowhere],
        )


def _edges(pairs: Pairs, link_probability: float, decisions: Decisions) -> Edges:
    """Forced pairs, then those of deterministic rules by priority, then by probability; ties by weight and id."""
    linked = np.flatnonzero(pairs.is_link(link_probability))
    order = np.lexsort(
        (
            pairs.right[linked],
            pairs.left[linked],
            -pairs.weight[linked],
            -pairs.probability[linked],
            pairs.rank[linked],
        )
    )
    linked = linked[order]
    same = np.array(decisions.same, dtype=np.int64).reshape(-1, 2)
    return Edges(
        np.r_[same[:, 0], pairs.left[linked]],
        np.r_[same[:, 1], pairs.right[linked]],
        np.r_[np.full(len(same), FORCED), np.full(len(linked), WEIGHED)],
        np.r_[np.full(len(same), MOST_BITS), pairs.odds[linked]],
        np.r_[np.full(len(same), -1), linked],
    )


def _foes(pairs: Pairs, decisions: Decisions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(left, right, is_by_review) of pairs that must not be together; a decision of a person goes before."""
    apart = np.array(decisions.different, dtype=np.int64).reshape(-1, 2)
    same = set(decisions.same)
    at = np.flatnonzero(pairs.is_conflict)
    if same:
        at = at[[pair not in same for pair in zip(pairs.left[at].tolist(), pairs.right[at].tolist(), strict=True)]]
    by_review = np.r_[np.ones(len(apart), bool), np.zeros(len(at), bool)]
    return np.r_[apart[:, 0], pairs.left[at]], np.r_[apart[:, 1], pairs.right[at]], by_review


def _repeated_source(labels: np.ndarray, unique: np.ndarray) -> np.ndarray:
    """Mask over labels: the component has two records of one source that holds nobody twice."""
    known = (unique >= 0) & (sizes(labels) > 1)
    out = np.zeros(len(labels), bool)
    if known.any():
        width = int(unique.max()) + 1
        both, counts = np.unique(labels[known].astype(np.int64) * width + unique[known], return_counts=True)
        out[both[counts > 1] // width] = True
    return out


def _has_weak_link(labels: np.ndarray, edges: Edges, strong_bits: float) -> np.ndarray:
    """Mask over labels: a component of three or more is held together by a link below `strong_bits`."""
    count = len(labels)
    strong = edges.odds >= strong_bits
    firm = components(count, edges.left[strong], edges.right[strong])
    weak = (firm[edges.left] != firm[edges.right]) & (sizes(labels)[edges.left] > 2)
    out = np.zeros(count, bool)
    out[labels[edges.left[weak]]] = True
    return out


class Clusterer:
    """Works out who is one customer. `labels`: per record the smallest id of its cluster. `edges`: the links
    looked at, in their order. `reasons`: position in `edges` -> why it was refused. `too_large`: components that
    were larger than a customer may be.
    """

    def __init__(
        self,
        count: int,
        pairs: Pairs,
        decisions: Decisions,
        limits: Limits,
        link_probability: float,
        bridges: Bridges,
        find_conflicts: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ):
        """`find_conflicts` takes two arrays of ids and returns a mask of pairs that can't be one person; it is
        asked once about each pair, and only about those that were not scored."""
        self.count, self.pairs, self.limits, self.bridges = count, pairs, limits, bridges
        self.find_conflicts = find_conflicts
        self.forced = np.sort(_codes(np.array(decisions.same, dtype=np.int64).reshape(-1, 2).T, count))
        self.foes = _foes(pairs, decisions)
        self.seen = np.sort(_codes((pairs.left, pairs.right), count))
        self.odds, self.is_link = pairs.odds, pairs.is_link(link_probability)
        self.base = _edges(pairs, link_probability, decisions)
        self.labels, self.reasons = np.arange(count), {}
        self._run(self.base, np.ones(count, bool))

    def bring_home(self, left: np.ndarray, right: np.ndarray) -> None:
        """Take the links of strays to their homes too, after all others."""
        if len(left):
            touched = np.zeros(self.count, bool)
            touched[left] = True
            self._run(self.base.and_strays(left, right), touched)

    def _run(self, edges: Edges, touched: np.ndarray) -> None:
        """Cluster anew what `edges` connect to the records of mask `touched`; all else stays as it is."""
        self.edges = edges
        self.whole = components(self.count, edges.left, edges.right)
        looked = np.zeros(self.count, bool)
        looked[self.whole[touched]] = True
        self.labels = np.where(looked[self.whole], self.whole, self.labels)
        self.reasons = {at: why for at, why in self.reasons.items() if not looked[self.whole[edges.left[at]]]}
        large = np.bincount(self.whole, minlength=self.count) > self.limits.most_records
        self.too_large = int(large.sum())
        torn = large | _repeated_source(self.whole, self.limits.unique)
        torn |= _has_weak_link(self.whole, edges, self.bridges.strong_bits)
        self.limited = {name: judged(self.whole, one) for name, one in self.limits.values.items()}
        for _, mask in self.limited.values():
            torn |= mask
        together = self.whole[self.foes[0]] == self.whole[self.foes[1]]
        torn[self.whole[self.foes[0][together]]] = True
        self._cut(torn & looked)
        while (found := self._new_foes(looked)) is not None:
            self.foes = tuple(np.r_[old, new] for old, new in zip(self.foes, found, strict=True))
            looked = np.zeros(self.count, bool)
            looked[self.whole[found[0]]] = True
            self._cut(looked)

    def _new_foes(self, looked: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Pairs that are together, can't be one person and were not known to be so; None without any.

        Cutting where a clash shows and looking again ends in the same clusters as knowing all clashes from
        the start: what was joined holds none, and what was refused was refused for a known one.
        """
        left, right = pairs_within(self.labels, looked[self.whole])
        code = _codes((left, right), self.count)
        fresh = ~(_contains(self.seen, code) | _contains(self.forced, code))
        left, right = left[fresh], right[fresh]
        if not len(left):
            return None
        self.seen = np.union1d(self.seen, code[fresh])
        clash = self.find_conflicts(left, right)
        return (left[clash], right[clash], np.zeros(int(clash.sum()), bool)) if clash.any() else None

    def _cut(self, torn: np.ndarray) -> None:
        """Work the components of mask `torn` (over labels) out again, link by link."""
        if not torn.any():
            return
        whole, edges, pairs, foes = self.whole, self.edges, self.pairs, self.foes
        inside = torn[whole[pairs.left]] & (whole[pairs.left] == whole[pairs.right])
        near = np.flatnonzero(inside & ~pairs.is_conflict)
        apart = np.flatnonzero(torn[whole[foes[0]]] & (whole[foes[0]] == whole[foes[1]]))
        records, links = np.flatnonzero(torn[whole]), np.flatnonzero(torn[whole[edges.left]])
        for label, parts in by_component(whole, records, edges.left[links], pairs.left[near], foes[0][apart]):
            ids, link = records[parts[0]], links[parts[1]]
            scored, foe = near[parts[2]], apart[parts[3]]
            names = [name for name, (_, mask) in self.limited.items() if mask[label]]
            rules = Rules(
                self.limits.most_records,
                _enemies(foes, foe),
                _known(ids, self.limits.unique),
                {name: _known(ids, self.limited[name][0]) for name in names},
                {name: self.limits.values[name].most for name in names},
            )
            home, reasons = merge(
                ids.tolist(),
                _rows(link, edges.left, edges.right, edges.kind, edges.odds),
                _rows(scored, pairs.left, pairs.right, self.odds, self.is_link),
                rules,
                self.bridges,
            )
            first: dict[int, int] = {}
            for record in ids.tolist():
                self.labels[record] = first.setdefault(home[record], record)
            for at, reason in zip(link.tolist(), reasons, strict=True):
                if reason is None:
                    self.reasons.pop(at, None)
                else:
                    self.reasons[at] = reason


def _rows(which: np.ndarray, *columns: np.ndarray) -> Iterator[tuple]:
    return zip(*(column[which].tolist() for column in columns), strict=True)


def _codes(pairs: Sequence[np.ndarray], count: int) -> np.ndarray:
    """A pair of ids as one number."""
    return pairs[0].astype(np.int64) * count + pairs[1]


def _contains(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    if not len(ordered):
        return np.zeros(len(values), bool)
    return ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values


def _known(ids: np.ndarray, codes: np.ndarray) -> dict[int, int]:
    return {record: code for record, code in zip(ids.tolist(), codes[ids].tolist(), strict=True) if code >= 0}


def _enemies(foes: tuple[np.ndarray, np.ndarray, np.ndarray], which: np.ndarray) -> dict[int, dict[int, str]]:
    table: dict[int, dict[int, str]] = {}
    for a, b, by_review in zip(*(one[which].tolist() for one in foes), strict=True):
        reason = BY_REVIEW if by_review else CONFLICT
        for record, foe in ((a, b), (b, a)):
            if table.setdefault(record, {}).get(foe) != BY_REVIEW:
                table[record][foe] = reason
    return table
