"""Why two records are one customer, or why not: a verdict in words, the evidence, and Splink's picture of it."""

from __future__ import annotations

import heapq
import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from .clustering.customers import FORCED_RULE
from .clustering.decisions import COLUMNS as DECISION_COLUMNS
from .clustering.merge import BY_REVIEW, CONFLICT, SIZE, UNIQUE_SOURCE, WEAK_BRIDGE
from .clustering.rare_names import RULE as STRAY_RULE
from .evidence import Evidence, evidence
from .labels import Threshold
from .scoring import conflicting
from .settings import IdentitySettings
from .state import State

# Pairs between two customers that are searched for the contradiction that keeps them apart.
_MOST_PAIRS = 10_000


class Night(Protocol):
    """What an explanation reads of a night: a `Resolution`, or the same tables out of a lake."""

    clusters: pd.DataFrame
    links: pd.DataFrame
    refused: pd.DataFrame
    state: State
    threshold: Threshold


@dataclass(frozen=True)
class Explanation:
    """sentences: the verdict in words, the first one settles it. path: the links from one record to the other
    (left, right, match_rule, match_probability) where they are one customer. evidence: the pair itself, compared.
    names: how the two are called.
    """

    is_same: bool
    sentences: tuple[str, ...]
    path: pd.DataFrame
    evidence: Evidence
    names: tuple[str, str]

    @property
    def verdict(self) -> str:
        """All in words."""
        return " ".join(self.sentences)

    def table(self) -> pd.DataFrame:
        """The evidence for a reader: one row per comparison."""
        table = self.evidence.table
        table = table.rename(columns={"left": self.names[0], "right": self.names[1]})
        return table.rename(columns={"match_weight": "match weight (bits)", "rarity_weight": "rarity (bits)"})

    def to_png(self, scale: float = 1.0) -> bytes:
        """Splink's waterfall chart as a picture; drawn without network."""
        import vl_convert

        return vl_convert.vegalite_to_png(self.evidence.chart.chart_dict, scale=scale)

    def to_html(self) -> str:
        """Verdict, table and Splink's interactive chart on one page that needs no network."""
        page = self.evidence.chart.to_html(inline=True)
        page = re.sub(r"splink-chart-[0-9a-f]{32}", "splink-chart-pair", page)  # a page is the same each time
        one, two = (html.escape(name) for name in self.names)
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.sentences)
        table = self.table().to_html(index=False, na_rep="", border=0)
        head = f"<h1>{one} and {two}</h1>{said}{table}"
        page = page.replace("<title>Splink chart</title>", f"<title>{one} and {two}</title>{_STYLE}", 1)
        return page.replace("<body>", f"<body>{head}", 1)


_STYLE = (
    "<style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #ddd}</style>"
)


def explain(
    night: Night,
    key_a: str,
    key_b: str,
    overrides: pd.DataFrame | pa.Table | None = None,
    *,
    settings: IdentitySettings | None = None,
    names: Mapping[str, str] | None = None,
    show_values: bool = False,
) -> Explanation:
    """Why two records are, or are not, one customer in `night`.

    overrides: the decisions that held, as given to `resolve`. names: record_key to what it is called in the verdict
    (system:key); the key itself without it. show_values: real values in table and chart in place of their shapes.

    Raises:
        KeyError: one of them is no record of the night. ValueError: both are the same record.
    """
    settings = settings or IdentitySettings()
    found = evidence(night.state.effective, night.state.model, key_a, key_b, show_values=show_values)
    teller = _Teller(night, settings, overrides, lambda key: (names or {}).get(key, key))
    label = night.clusters.set_index("record_key")["cluster_id"]
    if label[key_a] == label[key_b]:
        path = teller.path(key_a, key_b)
        return Explanation(True, teller.one(path, found), path, found, (teller.name(key_a), teller.name(key_b)))
    members = [label.index[label == label[key]].tolist() for key in (key_a, key_b)]
    sentences = teller.two(key_a, key_b, members, found)
    return Explanation(False, sentences, teller.path(key_a, key_a), found, (teller.name(key_a), teller.name(key_b)))


@dataclass(frozen=True)
class _Teller:
    night: Night
    settings: IdentitySettings
    overrides: Any
    name: Callable[[str], str]

    def path(self, start: str, end: str) -> pd.DataFrame:
        """The surest way over the links of the night; empty from a record to itself."""
        near: dict[str, list[tuple[str, float, str]]] = {}
        clusters, links = self.night.clusters, self.night.links
        own = clusters.loc[clusters["record_key"] == start, "cluster_id"].iloc[0]
        members = clusters.loc[clusters["cluster_id"] == own, "record_key"]
        for link in links[links["record_key_l"].isin(members)].itertuples(index=False):
            for a, b in ((link.record_key_l, link.record_key_r), (link.record_key_r, link.record_key_l)):
                near.setdefault(a, []).append((b, link.match_probability, link.match_rule))
        best: dict[str, float] = {start: 0.0}
        came: dict[str, tuple[str, float, str]] = {}
        queue = [(0.0, start)]
        while queue:
            so_far, at = heapq.heappop(queue)
            if at == end:
                break
            for to, probability, rule in near.get(at, []):
                # A step costs a little of itself: of equally sure ways the shorter one is told.
                cost = so_far - log(max(probability, 1e-12)) + 1e-6
                if cost < best.get(to, inf) - 1e-12:
                    best[to], came[to] = cost, (at, probability, rule)
                    heapq.heappush(queue, (cost, to))
        steps = []
        at = end
        while at in came and at != start:
            before, probability, rule = came[at]
            steps.append((before, at, rule, probability))
            at = before
        return pd.DataFrame(steps[::-1], columns=["left", "right", "match_rule", "match_probability"])

    def one(self, path: pd.DataFrame, found: Evidence) -> tuple[str, ...]:
        """In words, why the two are one customer."""
        if path.empty:
            return ("One customer, held together by links that are not kept any more.",)
        steps = [self._step(*step) for step in path.itertuples(index=False, name=None)]
        way = " - ".join([self.name(path["left"][0]), *(self.name(key) for key in path["right"])])
        first = f"One customer, because of {way}: {'; '.join(steps)}."
        if len(path) == 1:
            return (first,)
        return first, f"Compared with each other, the two have probability {found.probability:.4f}{_rule(found)}."

    def _step(self, left: str, right: str, rule: str, probability: float) -> str:
        pair = f"{self.name(left)} and {self.name(right)}"
        if rule == FORCED_RULE:
            return f"{pair} are the same {self._decided(left, right, 'same')}"
        if rule == STRAY_RULE:
            return f"{pair} share a name that no other customer bears (probability {probability:.4f})"
        if rule.startswith("rule: "):
            return f"{pair} agree by the rule {rule.removeprefix('rule: ')} (probability {probability:.4f})"
        return f"{pair} agree on {rule.replace('+', ', ') or 'many small things'} (probability {probability:.4f})"

    def _decided(self, left: str, right: str, word: str) -> str:
        """'by review of …' with who, when and why, where the decisions are at hand."""
        row = self._decision(left, right, word)
        if row is None:
            return "by review"
        who, when, why = (str(row.get(name) or "") for name in ("decided_by", "decided_on", "reason"))
        return f"by review of {who or 'nobody named'} on {when or 'no day named'} ({why or 'no reason given'})"

    def _decision(self, left: str, right: str, word: str) -> dict[str, Any] | None:
        if self.overrides is None or not len(self.overrides):
            return None
        table = self.overrides.to_pandas() if isinstance(self.overrides, pa.Table) else self.overrides
        about = table["record_key_l"].isin([left, right]) & table["record_key_r"].isin([left, right])
        rows = table[about & (table["decision"] == word)]
        rows = rows[[column for column in DECISION_COLUMNS if column in rows]].to_dict("records")
        return max(rows, key=lambda row: str(row.get("decided_on", "")), default=None)

    def two(self, key_a: str, key_b: str, members: Sequence[list[str]], found: Evidence) -> tuple[str, ...]:
        """In words, why the two are two customers."""
        refused = self.night.refused
        sides = [set(side) for side in members]
        across = refused[
            (refused["record_key_l"].isin(sides[0]) & refused["record_key_r"].isin(sides[1]))
            | (refused["record_key_l"].isin(sides[1]) & refused["record_key_r"].isin(sides[0]))
        ]
        itself = across[across["record_key_l"].isin([key_a, key_b]) & across["record_key_r"].isin([key_a, key_b])]
        limit = self.night.threshold.probability
        if len(itself):
            reason = str(itself["reason"].iloc[0])
            return (f"Two customers: {self._refusal(reason, (key_a, key_b), members, found)}",)
        said = [f"Two customers: {self._unlinked(found, limit)}"]
        for row in across.sort_values("match_probability", ascending=False).head(1).itertuples(index=False):
            pair = (row.record_key_l, row.record_key_r)
            said.append(
                f"Other records of the two do look alike, {self.name(pair[0])} and {self.name(pair[1])}, but"
                f" {self._refusal(row.reason, pair, members, None)}"
            )
        return tuple(said)

    def _unlinked(self, found: Evidence, limit: float) -> str:
        against = f" What contradicts one person: {', '.join(found.contradictions)}." if found.contradictions else ""
        if not found.blocks:
            scored = f"scored all the same they have probability {found.probability:.4f}"
            return f"they were never compared, for they have no block in common; {scored}.{against}"
        if found.probability < limit and found.rule is None:
            return f"their probability {found.probability:.4f} is below the threshold {limit:.2f}.{against}"
        return f"scored now they have probability {found.probability:.4f}{_rule(found)}, and were not linked.{against}"

    def _refusal(self, reason: str, pair: tuple[str, str], members: Sequence[list[str]], found: Evidence | None) -> str:
        """A refused link in words; `found` is the evidence of that pair itself."""
        if reason == BY_REVIEW:
            foe = next((two for two in _between(members) if self._decision(*two, "different")), pair)
            return f"{self._names(foe)} are different {self._decided(*foe, 'different')}."
        if reason == CONFLICT:
            if found is not None and found.contradictions:
                return f"they contradict each other: {', '.join(found.contradictions)}."
            foe = self._contradiction(members)
            return f"{self._names(foe) if foe else 'records of the two'} contradict each other."
        if reason == UNIQUE_SOURCE:
            return f"both have a record of {self._shared_source(members)}, whose records are each another person."
        if reason == WEAK_BRIDGE:
            return "the link is a weak bridge: too weak to hold two groups together alone."
        if reason == SIZE:
            return f"together they would have more than {self.settings.most_records_per_customer} records."
        if reason.startswith("limit: "):
            column = reason.removeprefix("limit: ")
            most = self.settings.limits.get(column)
            return f"together they would have more than {most} different values of {column}."
        return f"the link was refused: {reason}."

    def _names(self, pair: tuple[str, str]) -> str:
        return f"{self.name(pair[0])} and {self.name(pair[1])}"

    def _contradiction(self, members: Sequence[list[str]]) -> tuple[str, str] | None:
        asked = sorted({(min(pair), max(pair)) for pair in _between(members)})
        table = pa.table({"record_key_l": [a for a, _ in asked], "record_key_r": [b for _, b in asked]})
        clash = conflicting(table, self.night.state.effective, self.night.state.model).to_pylist()
        return (clash[0]["record_key_l"], clash[0]["record_key_r"]) if clash else None

    def _shared_source(self, members: Sequence[list[str]]) -> str:
        features = self.night.state.features.select(["record_key", "source"]).to_pandas().set_index("record_key")
        shared = set.intersection(*(set(features["source"].reindex(side)) for side in members))
        return ", ".join(sorted(shared & set(self.settings.unique_sources))) or "one system"


def _between(members: Sequence[list[str]]) -> list[tuple[str, str]]:
    """Pairs with one record of each side, at most _MOST_PAIRS."""
    width = max(1, _MOST_PAIRS // max(len(members[0]), 1))
    return [(a, b) for a in members[0] for b in members[1][:width]]


def _rule(found: Evidence) -> str:
    return f" and agree by the rule {'+'.join(found.rule)}" if found.rule else ""
