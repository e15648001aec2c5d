"""Churn: judged out of time, never on the future, each row on its own, honest when data are thin."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest
from conftest import make_purchases

from models.churn import ChurnSettings, LeakedFutureError, run
from models.churn.evaluate import lift, measure
from models.grades import GRADE_COLUMNS


def newest(features: pd.DataFrame) -> object:
    return features.as_of.max()


@pytest.fixture(scope="module")
def scored(purchases):
    features, outcomes = purchases
    return run(features, outcomes, newest(features))


def test_the_model_beats_recency_alone_out_of_time(scored) -> None:
    assert scored.served_by == "model"
    grades = scored.grades.set_index("metric")
    assert list(scored.grades.columns) == GRADE_COLUMNS
    assert grades.value["auc"] > grades.baseline_value["auc"] > 0.5
    assert grades.value["brier"] < grades.baseline_value["brier"]
    assert set(grades.baseline) == {"recency alone"}


def test_the_judged_days_lie_before_the_run_and_after_the_training(scored, purchases) -> None:
    day = newest(purchases[0])
    assert (scored.grades.evaluated_to == day).all()
    assert (scored.grades.evaluated_from == day - pd.Timedelta(days=27)).all()


def test_scores_are_probabilities_of_active_customers_with_reasons(scored, purchases) -> None:
    features = purchases[0]
    today = features[(features.as_of == newest(features)) & (features.recency_days < 56)]
    assert sorted(scored.scores.customer_id) == sorted(today.customer_id)
    assert scored.scores.churn_probability.between(0, 1).all()
    assert scored.scores.is_at_risk.any() and not scored.scores.is_at_risk.all()
    assert scored.scores.reason.str.len().gt(5).all()
    at_risk = scored.scores.groupby("is_at_risk").churn_probability
    assert at_risk.min()[True] > at_risk.max()[False]


def test_row_order_changes_no_byte(scored, purchases) -> None:
    features, outcomes = (table.sample(frac=1, random_state=5) for table in purchases)
    again = run(features, outcomes, newest(features))
    pd.testing.assert_frame_equal(again.scores, scored.scores, check_exact=True)
    pd.testing.assert_frame_equal(again.grades, scored.grades, check_exact=True)


def test_a_rows_score_does_not_depend_on_its_batch(scored, purchases) -> None:
    features = purchases[0]
    today = features[features.as_of == newest(features)].set_index("customer_id").loc[scored.scores.customer_id]
    today = today.reset_index()
    together = scored.model.probability(today)
    for row in (0, 7, len(today) - 1):
        assert scored.model.probability(today.iloc[[row]])[0] == pytest.approx(together[row], abs=1e-12)


@pytest.mark.parametrize(
    "column", ["orders_next_28d", "is_churned", "future_spend", "churn_label", "days_ahead", "lapsed_on"]
)
def test_a_column_named_after_the_future_is_refused(purchases, column: str) -> None:
    features, outcomes = purchases
    with pytest.raises(LeakedFutureError, match=column):
        run(features.assign(**{column: 1.0}), outcomes, newest(features))


def test_the_outcome_under_another_name_is_refused(purchases) -> None:
    features, outcomes = purchases
    answer = outcomes[["customer_id", "as_of", "is_churned"]].rename(columns={"is_churned": "loyalty_level"})
    leaking = features.merge(answer, on=["customer_id", "as_of"], how="left")
    with pytest.raises(LeakedFutureError, match="loyalty_level"):
        run(leaking.astype({"loyalty_level": "float64"}), outcomes, newest(features))


def test_nothing_after_the_run_day_is_looked_at(purchases) -> None:
    """A run of a month ago gives the same answer whether or not later rows exist."""
    features, outcomes = purchases
    earlier = sorted(features.as_of.unique())[-2]
    then = run(features[features.as_of <= earlier], outcomes[outcomes.as_of < earlier], earlier)
    now = run(features, outcomes, earlier)
    pd.testing.assert_frame_equal(now.scores, then.scores, check_exact=True)
    pd.testing.assert_frame_equal(now.grades, then.grades, check_exact=True)


def test_the_judged_model_learns_only_from_windows_that_had_ended(purchases, monkeypatch) -> None:
    from models.churn import step

    seen = []
    real = step.fit
    monkeypatch.setattr(step, "fit", lambda rows, settings: (seen.append(rows.as_of.max()), real(rows, settings))[1])
    features, outcomes = purchases
    run(features, outcomes, newest(features))
    judged_on = pd.Timestamp(outcomes.as_of.max())
    assert seen == [judged_on - pd.Timedelta(days=28), judged_on]  # judged first, then refitted on everything


def test_80_customers_are_served_the_baseline_and_told_so() -> None:
    features, outcomes = make_purchases(80, seed=2, dates=3)
    result = run(features, outcomes, newest(features))
    assert result.served_by == "baseline"
    assert "too little history" in result.note
    assert result.scores.reason.str.contains("too little history").all()
    np.testing.assert_array_equal(result.scores.churn_probability, result.scores.baseline_probability)
    assert result.scores.churn_probability.nunique() > 3


@pytest.mark.parametrize("churned", [True, False])
def test_one_class_only(purchases, churned: bool) -> None:
    features, outcomes = purchases
    result = run(features, outcomes.assign(is_churned=churned), newest(features))
    assert result.served_by == "baseline"
    assert result.scores.churn_probability.nunique() == 1
    assert result.scores.churn_probability.between(0, 1, inclusive="neither").all()


def test_no_outcomes_yet(purchases) -> None:
    features, outcomes = purchases
    result = run(features, outcomes.iloc[:0], newest(features))
    assert result.served_by == "baseline"
    assert "no labelled history" in result.note
    assert len(result.scores) > 0 and result.grades.empty


def test_a_model_that_does_not_beat_the_baseline_is_not_served(purchases) -> None:
    """Everything but recency is noise: recency alone is the whole truth."""
    draws = np.random.default_rng(1)
    features, outcomes = purchases
    noise = {
        c: draws.random(len(features)) for c in features.columns if c not in ("customer_id", "as_of", "recency_days")
    }
    joined = outcomes.merge(features[["customer_id", "as_of", "recency_days"]])
    chance = 1 / (1 + np.exp(4 - 1.5 * np.log1p(joined.recency_days)))
    outcomes = joined.assign(is_churned=draws.random(len(joined)) < chance)[outcomes.columns]
    result = run(features.assign(**noise), outcomes, newest(features))
    assert result.served_by == "baseline"
    assert "did not beat" in result.note
    assert (result.scores.churn_probability == result.scores.baseline_probability).all()


def test_quiet(purchases, capsys, recwarn, caplog) -> None:
    features, outcomes = purchases
    with caplog.at_level(logging.INFO):
        run(features, outcomes, newest(features), ChurnSettings(seed=1))
    assert capsys.readouterr() == ("", "")
    assert not recwarn.list and not caplog.records


def test_lift_is_the_top_tenth_over_all_and_shares_ties() -> None:
    target = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    assert lift(target, np.linspace(1, 0, 10), 0.1) == pytest.approx(5.0)
    assert lift(target, np.full(10, 0.2), 0.1) == pytest.approx(1.0)
    assert measure(target, np.full(10, 0.2), 0.1)["auc"] == pytest.approx(0.5)
