"""One torn component: its links taken strongest first, each refused that breaks a rule.

Kruskal's algorithm with constraints. A loop in Python, for the few components with something to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log2

# How a link came to be: obeyed whatever it breaks, or taken only where no rule speaks against it.
FORCED, WEIGHED, STRAY = 0, 1, 2

WEAK_BRIDGE, SIZE, UNIQUE_SOURCE, BY_REVIEW, CONFLICT = (
    "weak bridge",
    "size",
    "unique source",
    "review: different",
    "conflict",
)


@dataclass
class Rules:
    """What no customer may break. `foes`: record -> record that it can't be with -> why. `source`: record
    -> code of its source, if that is unique. `values`: column -> record -> code of its value, for the
    columns with more values in this component than `limits` allows.
    """

    most_records: int
    foes: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    source: Mapping[int, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Group:
    records: set[int]
    foes: dict[int, str]
    sources: set[int]
    values: dict[str, set[int]]
    # Other group -> evidence in between: scored pairs, how many of them are links, their log odds summed up.
    near: dict[int, tuple[int, int, float]]
    # Record -> the records it was joined to, with the doubt of that link.
    tree: dict[int, list[tuple[int, float]]]


@dataclass(frozen=True)
class Bridges:
    """When one link alone is too weak to hold two groups together; see `bridges`."""

    strong_bits: float
    least_chain: float

    @classmethod
    def of(cls, bridge_probability: float, chain_probability: float) -> Bridges:
        """From probabilities: of a link that needs no second look, and of the least sure way through a customer."""
        return cls(log2(bridge_probability / (1 - bridge_probability)), chain_probability)

    def is_weak(self, link: float, scored: int, links: int, total: float, doubt: float) -> bool:
        """`link`: its log odds. Between the groups: pairs `scored`, those of them that are `links`, the `total` of
        their log odds. `doubt`: bits lost on the longest way through the link."""
        if link >= self.strong_bits or links > 1:
            return False
        return (scored > 1 and total + link < 0) or doubt > -log2(self.least_chain)


def _lone(record: int, rules: Rules) -> _Group:
    values = {column: ({codes[record]} if record in codes else set()) for column, codes in rules.values.items()}
    source = {rules.source[record]} if record in rules.source else set()
    return _Group({record}, dict(rules.foes.get(record, {})), source, values, {}, {record: []})


def _refusal(one: _Group, two: _Group, rules: Rules) -> str | None:
    few, many = (one, two) if len(one.foes) <= len(two.foes) else (two, one)
    met = few.foes.keys() & many.records
    if met:
        return min((few.foes[record] for record in met), key=lambda reason: reason != BY_REVIEW)
    if one.sources & two.sources:
        return UNIQUE_SOURCE
    for column, limit in rules.limits.items():
        if column in one.values:
            mine, others = one.values[column], two.values[column]
            # A person may have forced more values together: what adds none to them is still welcome.
            if len(mine | others) > max(limit, len(mine), len(others)):
                return f"limit: {column}"
    if len(one.records) + len(two.records) > rules.most_records:
        return SIZE
    return None


def _doubt(odds: float) -> float:
    """Bits lost when a link of these log odds is relied on: -log2 of its probability."""
    return log2(1 + 2.0**-odds)


def _farthest(group: _Group, record: int) -> float:
    """The most doubt on the way from `record` to any other of its group."""
    worst, open_ = 0.0, [(record, -1, 0.0)]
    while open_:
        at, came, doubt = open_.pop()
        worst = max(worst, doubt)
        open_ += [(to, at, doubt + more) for to, more in group.tree[at] if to != came]
    return worst


def _join(groups: dict[int, _Group], home: dict[int, int], keep: int, drop: int) -> None:
    """`drop` goes up in `keep`."""
    one, two = groups[keep], groups.pop(drop)
    for record in two.records:
        home[record] = keep
    one.records |= two.records
    one.foes.update(two.foes)
    one.sources |= two.sources
    for column, values in two.values.items():
        one.values[column] |= values
    one.near.pop(drop, None)
    two.near.pop(keep, None)
    one.tree |= two.tree
    for other, found in two.near.items():
        before = one.near.get(other, (0, 0, 0.0))
        joined = (before[0] + found[0], before[1] + found[1], before[2] + found[2])
        one.near[other] = joined
        other_near = groups[other].near
        del other_near[drop]
        other_near[keep] = joined


def merge(
    records: Iterable[int],
    links: Iterable[tuple[int, int, int, float]],
    evidence: Iterable[tuple[int, int, float, bool]],
    rules: Rules,
    bridges: Bridges,
) -> tuple[dict[int, int], list[str | None]]:
    """Join `records` over `links` (left, right, kind, log odds), which come strongest first.

    `evidence` are all scored pairs of the component (left, right, log odds, whether it is a link). Returns
    record -> one member of its group, and per link why it was refused, None if it wasn't.
    """
    home = {record: record for record in records}
    groups = {record: _lone(record, rules) for record in home}
    for left, right, odds, is_link in evidence:
        groups[left].near[right] = groups[right].near[left] = (1, int(is_link), odds)
    reasons: list[str | None] = []
    for left, right, kind, odds in links:
        a, b = home[left], home[right]
        if a == b:
            reasons.append(None)
            continue
        one, two = groups[a], groups[b]
        reason = None if kind == FORCED else _refusal(one, two, rules)
        looks_weak = kind == WEIGHED and odds < bridges.strong_bits
        if reason is None and looks_weak and len(one.records) + len(two.records) > 2:
            doubt = _farthest(one, left) + _doubt(odds) + _farthest(two, right)
            if bridges.is_weak(odds, *one.near[b], doubt):
                reason = WEAK_BRIDGE
        reasons.append(reason)
        if reason is None:
            one.tree[left].append((right, _doubt(odds)))
            two.tree[right].append((left, _doubt(odds)))
            keep, drop = (a, b) if len(one.records) >= len(two.records) else (b, a)
            _join(groups, home, keep, drop)
    return home, reasons
