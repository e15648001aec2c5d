"""Groups that are carried on: who did not change does not move, ids are never used twice, names stay while true."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.segments import Before, SegmentSettings, from_state, segment, state_table
from models.segments.carry import matched, why_redraw
from models.segments.features import Scaling, behaviour, learn_scaling, scale
from models.segments.naming import named
from models.segments.train import SegmentModel, Word, drawn_from

COLUMNS = ["orders_84d", "spend_84d", "basket_usd", "recency_days"]
KINDS = np.array([[40, 2000, 50, 1], [40, 200, 5, 1], [3, 400, 130, 10], [1, 10, 10, 60]])
QUICK = replace(SegmentSettings(), largest_k=5, stability_repeats=2, starts=4, stability_starts=2)


def people(seed: int, day: str, customers: int = 240, noise: float = 0.3) -> pd.DataFrame:
    """Customers of four kinds, as customer_features of one date."""
    draws = np.random.default_rng(seed)
    values = np.exp(np.log(KINDS[np.arange(customers) % 4]) + draws.normal(0, noise, (customers, 4)))
    known = {"customer_id": [f"C{k:03d}" for k in range(customers)], "as_of": day, "spend_28d": 1.0}
    return pd.DataFrame(values, columns=COLUMNS).assign(**known)


@pytest.fixture(scope="module")
def first():
    return segment(people(1, "2017-12-01"), QUICK)


def _before(result) -> Before:
    return Before(from_state(result.state), result.assignments)


def test_the_state_is_the_model(first) -> None:
    again = from_state(state_table(first.model).sample(frac=1, random_state=3))
    np.testing.assert_array_equal(again.centres, first.model.centres)
    assert (again.names, again.words, again.next_id) == (first.model.names, first.model.words, first.model.next_id)
    features = people(2, "2017-12-02")
    np.testing.assert_array_equal(again.assign(features, QUICK), first.model.assign(features, QUICK))
    assert from_state(state_table(first.model).iloc[:0]) is None


def test_who_does_not_change_keeps_number_and_name_even_when_groups_are_drawn_anew(first) -> None:
    """Half of the customers buy differently the next day; the others stay what they were."""
    today, moved = people(1, "2017-12-02"), people(8, "2017-12-02", noise=1.2)
    is_same = np.arange(len(today)) % 8 < 4
    today.loc[~is_same, COLUMNS] = moved.loc[~is_same, COLUMNS]
    for changed in (replace(QUICK, redraw_when_looser_by=9.0), replace(QUICK, redraw_after_days=1)):
        night = segment(today, changed, _before(first))
        same = night.assignments[is_same].drop(columns="as_of")
        was = first.assignments[is_same].drop(columns="as_of")
        assert (same.reset_index(drop=True) == was.reset_index(drop=True)).all(axis=1).mean() >= 0.95
    assert "drawn anew (drawn 1 days ago)" in night.note


def test_a_customer_on_the_border_stays_and_one_who_moved_does_not(first) -> None:
    model, settings_ = first.model, SegmentSettings()
    today = people(5, "2017-12-02", noise=0.8)
    free = model.assign(today, settings_)
    where = np.full(len(today), int(model.ids[0]))
    kept = model.assign(today, settings_, where)
    distances = np.sqrt(((model.points(today, settings_)[:, None] - model.centres[None]) ** 2).sum(axis=2))
    is_clear = distances.min(axis=1) < 0.9 * distances[:, 0]
    np.testing.assert_array_equal(kept, np.where(is_clear, free, where))
    assert 0 < (kept != free).sum() < len(today)
    unknown = np.full(len(today), 99)
    np.testing.assert_array_equal(model.assign(today, settings_, unknown), free)


def test_a_night_depends_on_each_customer_alone(first) -> None:
    today = people(3, "2017-12-02", noise=0.8).sort_values("customer_id", ignore_index=True)
    was = _before(first).segments_of(today.customer_id)
    together = first.model.assign(today, QUICK, was)
    np.testing.assert_array_equal(first.model.assign(today, replace(QUICK, batch=7), was), together)
    alone = [first.model.assign(today.iloc[[k]], QUICK, was[[k]])[0] for k in range(0, len(today), 20)]
    assert alone == together[::20].tolist()


def test_a_new_group_gets_a_number_that_was_never_used(first) -> None:
    """One kind of customers disappears and another comes; ids of the others stay."""
    today = people(1, "2017-12-02")
    gone = np.arange(len(today)) % 4 == 1
    today.loc[gone, COLUMNS] = (
        [[1, 3000, 3000, 80]] * gone.sum() * np.exp(np.random.default_rng(3).normal(0, 0.1, (gone.sum(), 4)))
    )
    night = segment(today, replace(QUICK, redraw_after_days=1, smallest_k=4, largest_k=4), _before(first))
    by_kind = {
        kind: set(night.assignments.behaviour_segment_id[np.arange(len(today)) % 4 == kind]) for kind in range(4)
    }
    was = {kind: set(first.assignments.behaviour_segment_id[np.arange(len(today)) % 4 == kind]) for kind in range(4)}
    kept = [kind for kind in (0, 2, 3) if by_kind[kind] == was[kind]]
    assert len(kept) >= 2
    assert max(night.model.ids) >= first.model.next_id or by_kind[1] != was[1]
    assert night.model.next_id >= first.model.next_id
    assert len(set(night.model.ids.tolist())) == len(night.model.ids)


@given(st.permutations(range(4)), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_ids_follow_the_customers_however_the_new_groups_are_numbered(order, unlike) -> None:
    """Every new group continues the old one of the same customers; one that nobody was in is new."""
    values = np.repeat(np.arange(4.0), 5)[:, None]
    features = pd.DataFrame(values, columns=["orders_84d"]).assign(customer_id=[f"C{k}" for k in range(20)])
    scaling = Scaling(["orders_84d"], [np.array([0.0, 3.0])], [np.array([0.0, 1.0])], np.ones(1))
    centres = np.arange(4.0)[:, None] / 3

    def model(places: list[int], ids: list[int]) -> SegmentModel:
        names = {one: str(one) for one in ids}
        return SegmentModel(scaling, centres[places], np.array(ids), names, {}, 12, date(2017, 12, 1), 0, 1, 0)

    old = model([0, 1, 2, 3], [3, 5, 7, 11])
    assigned = pd.DataFrame({"customer_id": features.customer_id, "behaviour_segment_id": old.assign(features, QUICK)})
    assigned.loc[assigned.behaviour_segment_id == [3, 5, 7, 11][unlike], "behaviour_segment_id"] = 99
    kept = matched(Before(old, assigned), model(list(order), [1, 2, 3, 4]), features, QUICK)
    assert [int(kept.ids[list(order).index(place)]) for place in range(4)] == [3, 5, 7, 11]
    blind = replace(QUICK, same_segment_overlap=1.01)
    fresh = matched(Before(old, assigned), model(list(order), [1, 2, 3, 4]), features, blind)
    assert sorted(fresh.ids.tolist()) == [12, 13, 14, 15] and fresh.next_id == 16


def test_names_stay_while_they_are_true_and_are_never_shared(first) -> None:
    standing = pd.DataFrame({"orders_84d": [1.0, -1.0, 0.9], "spend_84d": [0.5, -0.5, 0.8]}, index=pd.Index([1, 2, 3]))
    words = {1: (Word("spend_84d", True), Word("orders_84d", True)), 2: (Word("spend_84d", True),), 3: ()}
    was = replace(first.model, names={1: "Old friends", 2: "High spend"}, words=words)
    names, _ = named(np.array([1, 2, 3]), standing, was, SegmentSettings())
    assert names[1] == "Old friends"
    assert names[2] == "Infrequent, low spend"
    assert len(set(names.values())) == 3
    without, _ = named(np.array([1, 2, 3]), standing.loc[[1, 1, 1]].set_axis([1, 2, 3]), None, SegmentSettings())
    assert len(set(without.values())) == 3, "groups that are alike in everything still have names of their own"


def test_groups_are_drawn_anew_only_for_a_reason(first) -> None:
    today, model = people(1, "2017-12-02"), first.model
    assert why_redraw(model, today, date(2017, 12, 2), QUICK) == ""
    assert segment(today, QUICK, _before(first)).note == "carried on, as drawn on 2017-12-01"
    assert why_redraw(model, today, date(2017, 12, 29), QUICK) == "drawn 28 days ago"
    assert why_redraw(model, today.assign(coupon_share_84d=today.orders_84d), date(2017, 12, 2), QUICK) == (
        "other columns are known"
    )
    assert "further from their groups" in why_redraw(
        model, people(1, "2017-12-02", noise=2.5), date(2017, 12, 2), QUICK
    )


def test_places_do_not_depend_on_outliers_and_follow_the_order() -> None:
    values = pd.DataFrame({"orders_84d": np.r_[np.zeros(50), np.arange(1.0, 50), 1e9]})
    scaling = learn_scaling(values, SegmentSettings())
    places = scale(behaviour(values, SegmentSettings()), scaling)[:, 0]
    assert (np.diff(places) >= 0).all() and places[0] == pytest.approx(0.25, abs=0.01) and places[-1] > 0.99
    assert places[60] == pytest.approx(0.6, abs=0.02), "the millionaire at the end moves nobody"


def test_a_sample_is_drawn_by_id_alone() -> None:
    features = people(1, "2017-12-01")
    chosen = drawn_from(features.sample(frac=1, random_state=2), replace(QUICK, drawn_on=50))
    assert len(chosen) == 50 and chosen.customer_id.is_monotonic_increasing
    more = drawn_from(
        pd.concat([features, people(1, "2017-12-01").assign(customer_id=lambda t: "X" + t.customer_id)]),
        replace(QUICK, drawn_on=100),
    )
    assert set(more.customer_id[more.customer_id.str.startswith("C")]) & set(chosen.customer_id)


def test_strange_customers_stop_nobody_and_change_nobody_else(first) -> None:
    """Negative totals, ten thousand orders, nothing known at all, a name in another script."""
    odd = pd.DataFrame(
        [[-5.0, -1e12, np.nan, np.inf], [10_000.0, 1e18, -np.inf, -3.0], [np.nan] * 4], columns=COLUMNS
    ).assign(customer_id=["A negative", "顾客", "Z"], as_of="2017-12-02", spend_28d=[np.nan, np.inf, -1.0])
    plain = segment(people(1, "2017-12-02"), QUICK, _before(first))
    night = segment(pd.concat([people(1, "2017-12-02"), odd], ignore_index=True), QUICK, _before(first))
    assert night.assignments.behaviour_segment.notna().all() and len(night.assignments) == 243
    others = night.assignments[night.assignments.customer_id.str.startswith("C")].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, plain.assignments)


def test_a_first_night_without_customers_leaves_nothing_to_carry() -> None:
    nobody = segment(people(1, "2017-12-01").iloc[:0], QUICK)
    assert from_state(nobody.state) is None and nobody.assignments.empty


def test_one_group_becomes_several_when_customers_come(first) -> None:
    few = segment(people(1, "2017-12-01", customers=12), QUICK)
    assert few.model.names == {1: "All customers"}
    night = segment(people(1, "2017-12-02"), QUICK, _before(few))
    assert len(night.model.ids) >= 4 and "one group only" in night.note
    assert 1 not in night.model.ids.tolist(), "all customers is not a quarter of them"
