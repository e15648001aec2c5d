"""Customers on random graphs: nothing dropped, everything obeyed, and a reason for each refusal."""

from __future__ import annotations

import networkx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity.clustering.cluster import NO_RULE, Clusterer, Limits, Pairs
from models.identity.clustering.components import components, pairs_within
from models.identity.clustering.decisions import Decisions, decide
from models.identity.clustering.households import homes
from models.identity.clustering.merge import BY_REVIEW, CONFLICT, SIZE, UNIQUE_SOURCE, WEAK_BRIDGE, Bridges
from models.identity.clustering.slips import Limited
from models.identity.known import Known

LINK = 0.7
BRIDGES, NO_BRIDGES = Bridges.of(0.95, 0.6), Bridges(-99.0, 0.5)


def pairs_of(rows: list[tuple[int, int, float]], ranks: dict | None = None, conflicts: set | None = None) -> Pairs:
    """Pairs from (left, right, probability)."""
    rows = sorted({(min(a, b), max(a, b)): p for a, b, p in rows if a != b}.items())
    keys = [pair for pair, _ in rows]
    left, right = (np.array([key[side] for key in keys], dtype=np.int64) for side in (0, 1))
    rank = np.array([(ranks or {}).get(key, NO_RULE) for key in keys], dtype=np.int64)
    bad = np.array([key in (conflicts or set()) for key in keys], dtype=bool)
    return Pairs(left, right, np.array([p for _, p in rows]), np.zeros(len(rows)), rank, bad)


def clustered(
    count: int,
    pairs: Pairs,
    decisions: Decisions | None = None,
    limits: Limits | None = None,
    bridges: Bridges = NO_BRIDGES,
    enemies: set[tuple[int, int]] = frozenset(),
) -> Clusterer:
    """The records 0 to `count` - 1 as customers; `enemies` only show when somebody asks about them."""
    limits = limits or Limits(count + 1, np.full(count, -1))

    def asked(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.array([pair in enemies for pair in zip(left.tolist(), right.tolist(), strict=True)], dtype=bool)

    return Clusterer(count, pairs, decisions or Decisions(), limits, LINK, bridges, asked)


def groups(labels: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


@st.composite
def worlds(draw):
    """Random pairs with conflicts, decisions, sources and values among a dozen records."""
    count = draw(st.integers(2, 12))
    record = st.integers(0, count - 1)
    rows = draw(st.lists(st.tuples(record, record, st.sampled_from([0.1, 0.4, 0.75, 0.8, 0.9, 0.99])), max_size=40))
    pair = st.tuples(record, record).filter(lambda two: two[0] < two[1])
    conflicts = draw(st.sets(pair, max_size=5))
    different = draw(st.sets(pair, max_size=3))
    same = draw(st.sets(pair, max_size=3))
    unique = np.array(draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count)))
    values = np.array(draw(st.lists(st.integers(-1, 4), min_size=count, max_size=count)))
    size = draw(st.integers(2, 12))
    return count, rows, conflicts, same, different, unique, values, size


def decided(count: int, same: set, different: set) -> Decisions:
    rows = [("same", *pair) for pair in sorted(same)] + [("different", *pair) for pair in sorted(different)]
    table = pd.DataFrame(rows, columns=["decision", "record_key_l", "record_key_r"]).astype(str)
    return decide(table, pa.array([str(n) for n in range(count)]))


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_nothing_is_dropped_and_every_rule_is_obeyed(world) -> None:
    count, rows, conflicts, same, different, unique, values, size = world
    decisions = decided(count, same, different)
    texts = pa.array(["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd", "eeeeeeee"])
    limits = Limits(size, unique, {"email": Limited(values, texts, 2)})
    # A clash is known from the start where the pair was scored, and found when asked where it was not.
    found = clustered(count, pairs_of(rows, None, conflicts), decisions, limits, BRIDGES, conflicts)
    forced = networkx.Graph(decisions.same)
    forced.add_nodes_from(range(count))
    chains = {record: frozenset(chain) for chain in networkx.connected_components(forced) for record in chain}
    labels = found.labels
    assert all(labels[a] == labels[b] for a, b in decisions.same)
    assert all(labels[a] != labels[b] for a, b in decisions.different)
    assert all(labels[a] != labels[b] for a, b in conflicts if chains[a] != chains[b] or len(chains[a]) == 1)
    for group in groups(labels):
        assert min(group) == labels[min(group)]
        parts = {chains[record] for record in group}
        own = [unique[list(part)] for part in parts]
        seen = [set(codes[codes >= 0].tolist()) for codes in own]
        assert sum(map(len, seen)) == len(set().union(*seen))
        kinds = {int(values[record]) for record in group} - {-1}
        assert len(kinds) <= max(2, *(len({int(values[r]) for r in part} - {-1}) for part in parts))
        assert len(group) <= max(size, *map(len, parts))
    # A link between two customers was refused for a reason, and no other was.
    edges = found.edges
    apart = np.flatnonzero(labels[edges.left] != labels[edges.right])
    assert all(at in found.reasons for at in apart.tolist())


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_without_anything_to_decide_customers_are_what_links_connect(world) -> None:
    count, rows, *_ = world
    pairs = pairs_of(rows)
    graph = networkx.Graph()
    graph.add_nodes_from(range(count))
    linked = pairs.probability >= LINK
    graph.add_edges_from(zip(pairs.left[linked].tolist(), pairs.right[linked].tolist(), strict=True))
    wanted = {frozenset(group) for group in networkx.connected_components(graph)}
    assert groups(components(count, pairs.left[linked], pairs.right[linked])) == wanted
    found = clustered(count, pairs)
    assert groups(found.labels) == wanted
    left, right = pairs_within(found.labels)
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == {
        (a, b) for group in wanted for a in group for b in group if a < b
    }


def test_a_chain_of_weak_links_falls_apart_and_a_firm_one_does_not() -> None:
    chain = [(0, 1, 0.75), (1, 2, 0.75), (2, 3, 0.75)]
    weak = clustered(4, pairs_of(chain), bridges=BRIDGES)
    assert groups(weak.labels) == {frozenset({0, 1}), frozenset({2, 3})}
    assert set(weak.reasons.values()) == {WEAK_BRIDGE}
    firm = clustered(4, pairs_of([(a, b, 0.99) for a, b, _ in chain]), bridges=BRIDGES)
    assert len(groups(firm.labels)) == 1


def firm_groups(*links: tuple[int, int, float]) -> Pairs:
    """0-1-2 and 3-4-5, each firmly one person, with `links` in between."""
    inside = [(a, b, 0.999) for group in ((0, 1, 2), (3, 4, 5)) for a in group for b in group if a < b]
    return pairs_of([*inside, *links])


def test_before_and_after_a_wedding_or_a_move_is_one_person() -> None:
    """One sure link over the change, or a likely one that nothing speaks against, or two likely ones."""
    for links in ([(2, 3, 0.97)], [(2, 3, 0.8)], [(2, 3, 0.75), (1, 4, 0.72), (0, 5, 0.06), (0, 4, 0.06)]):
        assert len(groups(clustered(6, firm_groups(*links), bridges=BRIDGES).labels)) == 1


def test_one_weak_link_against_the_word_of_the_others_is_no_bridge() -> None:
    against = [(a, b, 0.1) for a in (0, 1, 2) for b in (3, 4, 5)]
    found = clustered(6, firm_groups(*against, (2, 3, 0.8)), bridges=BRIDGES)
    assert groups(found.labels) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}
    assert list(found.reasons.values()) == [WEAK_BRIDGE]


def test_a_rule_goes_before_a_probability_and_the_first_rule_before_the_second() -> None:
    """One record can have only one of three partners of a source without doubles."""
    limits = Limits(9, np.array([-1, 0, 0, 0]))
    likely = [(0, 1, 0.99), (0, 2, 0.8), (0, 3, 0.2)]
    assert groups(clustered(4, pairs_of(likely), limits=limits).labels) >= {frozenset({0, 1})}
    by_rule = clustered(4, pairs_of(likely, {(0, 2): 1, (0, 3): 0}), limits=limits)
    assert groups(by_rule.labels) >= {frozenset({0, 3})}
    assert set(by_rule.reasons.values()) == {UNIQUE_SOURCE}


def test_two_sources_without_doubles_are_matched_one_to_one() -> None:
    draws = np.random.default_rng(5)
    count = 20
    rows = [(a, b + count, float(draws.uniform(0.7, 0.99))) for a in range(count) for b in range(count)]
    unique = np.repeat([0, 1], count)
    found = clustered(2 * count, pairs_of(rows), limits=Limits(99, unique), bridges=BRIDGES)
    assert np.bincount(found.labels).max() == 2
    assert len(groups(found.labels)) == count
    best = max(rows, key=lambda row: row[2])
    assert found.labels[best[0]] == found.labels[best[1]]


def test_a_group_that_is_too_large_is_split_at_its_weakest_links() -> None:
    rows = [(0, 1, 0.99), (1, 2, 0.98), (2, 3, 0.71), (3, 4, 0.98), (4, 5, 0.99)]
    found = clustered(6, pairs_of(rows), limits=Limits(3, np.full(6, -1)))
    assert groups(found.labels) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}
    assert list(found.reasons.values()) == [SIZE]
    assert found.too_large == 1


def test_slips_of_one_number_are_one_number() -> None:
    texts = pa.array(["4831276", "4831726", "9920411"])
    rows = [(0, 1, 0.99), (1, 2, 0.98)]
    limits = Limits(9, np.full(3, -1), {"national_id": Limited(np.array([0, 1, 2]), texts, 1)})
    found = clustered(3, pairs_of(rows), limits=limits)
    assert groups(found.labels) == {frozenset({0, 1}), frozenset({2})}
    assert list(found.reasons.values()) == ["limit: national_id"]


@pytest.mark.parametrize("known", [True, False])
def test_a_bridge_does_not_join_two_that_cannot_be_one(known: bool) -> None:
    """The clash between the ends may have been scored, or show only once they would be together."""
    conflicts = {(0, 2)}
    rows = [(0, 1, 0.99), (1, 2, 0.9), (0, 2, 0.1)] if known else [(0, 1, 0.99), (1, 2, 0.9)]
    found = clustered(3, pairs_of(rows, None, conflicts if known else None), enemies=set() if known else conflicts)
    assert groups(found.labels) == {frozenset({0, 1}), frozenset({2})}
    assert list(found.reasons.values()) == [CONFLICT]


def test_people_are_obeyed_before_everything_else() -> None:
    limits = Limits(1, np.zeros(3, dtype=int), {"email": Limited(np.arange(3), pa.array(["a", "b", "c"]), 1)})
    pairs = pairs_of([(0, 1, 0.1), (1, 2, 0.99)], None, {(0, 1)})
    found = clustered(3, pairs, decided(3, {(0, 1)}, {(1, 2)}), limits)
    assert groups(found.labels) == {frozenset({0, 1}), frozenset({2})}
    assert set(found.reasons.values()) == {BY_REVIEW}


def test_a_decision_without_a_day_is_the_oldest_for_the_clusters_and_for_the_queue() -> None:
    rows = [("different", "a", "b", None), ("same", "b", "a", "2017-01-02"), ("different", "a", "b", "2017-01-01")]
    table = pd.DataFrame(rows, columns=["decision", "record_key_l", "record_key_r", "decided_on"])
    for overrides in (table, table[::-1], pa.Table.from_pandas(table, preserve_index=False)):
        found = decide(overrides, pa.array(["a", "b"]))
        assert (found.same, found.different) == (((0, 1),), ())
        assert Known(overrides).answer("a", "b") == "same"


def test_many_groups_too_large_for_a_home_are_split_each_as_if_alone() -> None:
    """Chains of 12 with their ids mixed."""
    chains, length, most = 50, 12, 8
    place = np.random.default_rng(2).permutation(chains * length).reshape(chains, length)
    ties = np.sort(np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()]), axis=0)
    found = homes(*ties[:, np.lexsort(ties[::-1])], chains * length, most)
    assert np.bincount(found).max() <= most
    one = np.sort(place[7])
    own = np.isin(ties[0], one)
    mine = ties[:, own][:, np.lexsort(ties[:, own][::-1])]
    alone = homes(*np.searchsorted(one, mine), length, most)
    assert (one[alone] == found[one]).all()
