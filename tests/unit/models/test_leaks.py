"""Features that hold the future are refused, whatever they are called; honest ones are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.churn import ChurnSettings, LeakedFutureError, run
from models.leaks import refuse_disguised_outcome, refuse_future_times


def trained(purchases, **columns) -> None:
    features, outcomes = purchases
    run(features.assign(**columns), outcomes, features.as_of.max(), ChurnSettings(resamples=2, origins=1))


def answer(purchases, column: str) -> pd.Series:
    """A column of the outcomes on the rows of the features."""
    features, outcomes = purchases
    keys = ["customer_id", "as_of"]
    return features[keys].merge(outcomes[[*keys, column]], on=keys, how="left")[column].astype("float64")


@pytest.mark.parametrize(
    "column", ["orders_next_28d", "is_churned", "future_spend", "churn_label", "days_ahead", "lapsed_on"]
)
def test_a_column_named_after_the_future_is_refused(purchases, column: str) -> None:
    with pytest.raises(LeakedFutureError, match=column):
        trained(purchases, **{column: 1.0})


def test_the_outcome_with_two_percent_noise_is_refused(purchases) -> None:
    left = answer(purchases, "is_churned")
    noise = np.random.default_rng(0).random(len(left)) < 0.02
    with pytest.raises(LeakedFutureError, match="loyalty_level"):
        trained(purchases, loyalty_level=left.where(~noise, 1 - left))


def test_a_count_of_the_window_is_refused(purchases) -> None:
    with pytest.raises(LeakedFutureError, match="visits"):
        trained(purchases, visits=answer(purchases, "orders_next_28d"))


def test_a_time_after_as_of_is_refused_and_one_before_is_not(purchases) -> None:
    day = pd.to_datetime(purchases[0].as_of)
    with pytest.raises(LeakedFutureError, match="row_touched_at"):
        trained(purchases, row_touched_at=day + pd.Timedelta(days=3))
    refuse_future_times(purchases[0].assign(row_touched_at=day + pd.Timedelta(hours=23), note="text"))
    with pytest.raises(LeakedFutureError, match="row_touched_on"):
        refuse_future_times(purchases[0].assign(row_touched_on=(day + pd.Timedelta(days=1)).dt.date))


def test_an_answer_known_for_some_only_is_refused(purchases) -> None:
    """A note that is written when a customer leaves: empty for all others, and for most who leave."""
    left = answer(purchases, "is_churned")
    written = (left == 1) & (np.random.default_rng(1).random(len(left)) < 0.4)
    with pytest.raises(LeakedFutureError, match="note_length"):
        trained(purchases, note_length=np.where(written, 100.0, np.nan))


def test_strong_and_honest_columns_pass() -> None:
    draws = np.random.default_rng(2)
    target = (draws.random(4000) < 0.13).astype(int)
    strong = draws.normal(size=4000) + 1.8 * target  # AUC 0.90
    refuse_disguised_outcome(pd.DataFrame({"strong": strong, "noise": draws.random(4000)}), target)
    few = np.r_[np.ones(40), np.zeros(4000)]
    refuse_disguised_outcome(pd.DataFrame({"luck": few}), few)
