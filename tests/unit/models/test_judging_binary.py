"""Judging of probabilities: the published figures, no matter in what order rows and ties come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from models.judging import binary
from models.judging.binary import measure, tally

# Few distinct scores, so that ties are the rule.
ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])), min_size=2, max_size=60)


def arrays(rows: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([y for y, _ in rows], dtype="int64"), np.array([p for _, p in rows])


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, data=st.data())
def test_figures_agree_with_scikit_learn_and_with_any_row_order(rows, data) -> None:
    target, score = arrays(rows)
    found = measure(target, score)
    assert found["brier"] == pytest.approx(brier_score_loss(target, score))
    if 0 < target.sum() < len(target):
        assert found["auc"] == pytest.approx(roc_auc_score(target, score))
        assert found["pr_auc"] == pytest.approx(average_precision_score(target, score))
    again = data.draw(st.permutations(range(len(rows))))
    assert repr(measure(target[again], score[again])) == repr(found)


@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_calibration_error_is_at_least_the_gap_of_the_means(rows) -> None:
    target, score = arrays(rows)
    counted = tally(target, score)
    error = binary.expected_calibration_error(counted)
    assert error >= abs(score.mean() - target.mean()) - 1e-9
    assert error <= 1
    assert binary.expected_calibration_error(counted, bins=1) == pytest.approx(abs(score.mean() - target.mean()))


def test_calibration_error_by_hand() -> None:
    target = np.array([0, 0, 0, 1, 1, 1, 1, 0])
    score = np.array([0.1, 0.1, 0.3, 0.3, 0.6, 0.6, 0.9, 0.9])
    # bins of four: predicted 0.2 and 0.75, observed 0.25 and 0.75
    assert binary.expected_calibration_error(tally(target, score), bins=2) == pytest.approx(0.025)
    by_bin = binary.reliability(tally(target, score), bins=2)
    np.testing.assert_allclose(by_bin["predicted"], [0.2, 0.75])
    np.testing.assert_allclose(by_bin["observed"], [0.25, 0.75])


def test_true_probabilities_are_calibrated_and_wrong_ones_are_not() -> None:
    draws = np.random.default_rng(4)
    score = draws.random(20_000)
    target = (draws.random(20_000) < score).astype(int)
    assert measure(target, score)["calibration_error"] < 0.015
    assert measure(target, score**2)["calibration_error"] > 0.1


def test_lift_is_the_top_share_over_all_and_shares_ties() -> None:
    target = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    assert binary.lift(tally(target, np.linspace(1, 0, 10)), 0.1) == pytest.approx(5.0)
    assert binary.lift(tally(target, np.full(10, 0.2)), 0.1) == pytest.approx(1.0)


def test_what_rows_cannot_say_is_not_a_number() -> None:
    never = measure(np.zeros(5), np.linspace(0, 1, 5))
    assert np.isnan([never["auc"], never["pr_auc"], never["lift_at_10_percent"]]).all()
    assert never["brier"] > 0
    assert np.isnan(list(measure(np.array([]), np.array([])).values())).all()


@pytest.mark.parametrize("target, score", [([0, 2], [0.1, 0.2]), ([0, 1], [0.1, np.nan]), ([0, 1], [0.1])])
def test_unusable_rows_are_refused(target, score) -> None:
    with pytest.raises(ValueError, match=r"outcome|score"):
        measure(np.array(target), np.array(score))


def test_intervals_hold_the_figure_and_do_not_depend_on_row_order() -> None:
    draws = np.random.default_rng(9)
    customers = np.array([f"C{k}" for k in draws.integers(0, 150, 600)])
    score = draws.random(600).round(2)
    target = (draws.random(600) < score).astype(int)
    found = binary.intervals(customers, target, score, resamples=60)
    for metric, value in measure(target, score).items():
        low, high = found[metric]
        assert low < high
        # The calibration error of a resample is higher than its own: noise only ever adds.
        assert low - 0.03 <= value <= high
    again = draws.permutation(600)
    assert binary.intervals(customers[again], target[again], score[again], resamples=60) == found


def test_customers_are_drawn_whole() -> None:
    """Rows of one customer that repeat each other widen the interval as if they were one row."""
    draws = np.random.default_rng(3)
    score = draws.random(80)
    target = (draws.random(80) < score).astype(int)
    once = binary.intervals(np.arange(80), target, score, ["brier"], resamples=100)
    tenfold = binary.intervals(
        np.repeat(np.arange(80), 10), np.repeat(target, 10), np.repeat(score, 10), ["brier"], resamples=100
    )
    np.testing.assert_allclose(tenfold["brier"], once["brier"])


def test_models_are_compared_on_the_same_draws() -> None:
    target, score = np.array([0, 1] * 20), np.tile([0.2, 0.7], 20)
    found = binary.resampled(np.arange(40), target, {"a": score, "b": score}, ["brier"], resamples=10)
    assert (found["a"]["brier"] == found["b"]["brier"]).all()
