"""Segments: the same for any row order, named, worth more than a split by recency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import make_purchases
from sklearn.metrics import adjusted_rand_score

from models.segments import SegmentSettings, segment
from models.segments.evaluate import explained_share, recency_split
from models.segments.features import behaviour

# Fewer repeats than at night: what is tested here holds for any.
QUICK = replace(SegmentSettings(), stability_repeats=2, stability_starts=2, starts=5)


@pytest.fixture(scope="module")
def found(purchases):
    return segment(purchases[0], QUICK)


def test_row_order_changes_no_byte(found, purchases) -> None:
    again = segment(purchases[0].sample(frac=1, random_state=6), QUICK)
    pd.testing.assert_frame_equal(again.assignments, found.assignments, check_exact=True)
    pd.testing.assert_frame_equal(again.profiles, found.profiles, check_exact=True)
    pd.testing.assert_frame_equal(again.grades, found.grades, check_exact=True)
    pd.testing.assert_frame_equal(again.state, found.state, check_exact=True)


def test_everybody_of_the_newest_day_has_one_segment(found, purchases) -> None:
    features = purchases[0]
    assert sorted(found.assignments.customer_id) == sorted(features.customer_id.unique())
    assert set(found.assignments.as_of) == {features.as_of.max()}
    assert found.profiles.customers.sum() == len(found.assignments)
    assert found.profiles.share.sum() == pytest.approx(1.0, abs=1e-5)


def test_ids_fall_with_spend_and_names_are_unique(found, purchases) -> None:
    profiles = found.profiles
    assert list(profiles.behaviour_segment_id) == list(range(1, len(profiles) + 1))
    assert profiles.behaviour_segment.is_unique
    today = purchases[0].merge(found.assignments, on=["customer_id", "as_of"])
    assert np.log1p(today.spend_84d).groupby(today.behaviour_segment_id).mean().is_monotonic_decreasing
    assert found.assignments.groupby("behaviour_segment_id").behaviour_segment.nunique().eq(1).all()


def test_they_explain_the_next_four_weeks_better_than_recency(found) -> None:
    """Where nobody fades away, how much somebody buys says more than when they last did."""
    features, _ = make_purchases(400, seed=3, dates=3, fading=0.05)
    grade = segment(features, QUICK).grades.set_index("metric").loc["next_28d_spend_explained"]
    assert grade.value > grade.baseline_value > 0
    assert 0 < found.grades.set_index("metric").value["stability_adjusted_rand"] <= 1


def test_known_groups_are_recovered() -> None:
    draws = np.random.default_rng(4)
    kinds = np.repeat(np.arange(4), 60)
    centres = np.array([[40, 2000, 50, 1], [40, 200, 5, 1], [3, 400, 130, 10], [1, 10, 10, 60]])
    values = np.exp(np.log(centres[kinds]) + draws.normal(0, 0.12, (240, 4)))
    features = pd.DataFrame(values, columns=["orders_84d", "spend_84d", "basket_usd", "recency_days"])
    features = features.assign(customer_id=[f"C{k}" for k in range(240)], as_of="2017-12-31", spend_28d=1.0)
    result = segment(features, replace(SegmentSettings(), largest_k=6))
    merged = result.assignments.set_index("customer_id").behaviour_segment_id[features.customer_id]
    assert adjusted_rand_score(kinds, merged) > 0.99
    assert len(result.profiles) == 4


def test_a_customers_segment_does_not_depend_on_the_others_assigned(found, purchases) -> None:
    features = purchases[0]
    today = features[features.as_of == features.as_of.max()].sort_values("customer_id").reset_index(drop=True)
    together = found.model.assign(today, SegmentSettings())
    alone = [found.model.assign(today.iloc[[k]], SegmentSettings())[0] for k in range(0, len(today), 50)]
    assert list(together[::50]) == alone


@pytest.mark.parametrize("customers", [0, 1, 5])
def test_few_customers_share_one_segment(customers: int) -> None:
    features, _ = make_purchases(6, seed=1, dates=2)
    few = features[features.customer_id.isin(sorted(features.customer_id.unique())[:customers])]
    result = segment(few)
    assert result.assignments.customer_id.nunique() == customers
    assert set(result.assignments.behaviour_segment) <= {"All customers"} | {"all customers"}


def test_identical_customers_share_one_segment(purchases) -> None:
    features = purchases[0]
    same = features.assign(**{c: 1.0 for c in features.columns if c not in ("customer_id", "as_of")})
    assert segment(same).assignments.behaviour_segment_id.nunique() == 1


def test_missing_values_and_no_known_column(purchases) -> None:
    features = purchases[0].assign(coupon_share_84d=np.nan, web_sessions_84d=np.inf)
    assert np.isfinite(behaviour(features, SegmentSettings()).to_numpy()).all()
    with pytest.raises(ValueError, match="no behaviour column"):
        segment(features[["customer_id", "as_of"]])


def test_explained_share_by_hand() -> None:
    values = np.array([1.0, 1.0, 5.0, 5.0])
    assert explained_share(np.array([0, 0, 1, 1]), values) == pytest.approx(1.0)
    assert explained_share(np.array([0, 1, 0, 1]), values) == pytest.approx(0.0)
    assert explained_share(np.array([0, 1, 0, 1]), np.ones(4)) == 0.0
    assert np.bincount(recency_split(pd.Series(np.arange(100.0)), 4)).tolist() == [24, 25, 25, 26]
