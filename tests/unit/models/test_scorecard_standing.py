"""Who serves: a model stands back when it is worse over its last matured nights, and comes back by its backtests."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.scorecard import Standing, decide

_DAY = date(2017, 6, 4)
_PRIMARY = ("auc", "brier")


def _grades(*nights: tuple[float, float], baseline: tuple[float, float] = (0.70, 0.10), start: date = _DAY):
    """One row per night and figure; a night is (auc, brier) of the model."""
    return pd.DataFrame(
        [
            (start + timedelta(days=7 * number), metric, value, "recency alone", other)
            for number, night in enumerate(nights)
            for metric, value, other in zip(_PRIMARY, night, baseline, strict=True)
        ],
        columns=["as_of", "metric", "value", "baseline", "baseline_value"],
    )


_NONE = _grades()
_GOOD, _BAD = (0.80, 0.08), (0.60, 0.12)


def test_a_model_that_is_better_serves_and_nothing_is_said():
    assert decide(Standing(), _grades(*[_GOOD] * 5), _NONE, date(2017, 9, 3), _PRIMARY) == Standing()


def test_a_model_that_fell_below_its_baseline_stands_back_and_says_by_how_much():
    now = decide(Standing(), _grades(*[_BAD] * 4), _NONE, date(2017, 9, 3), _PRIMARY)
    assert (now.is_demoted, now.since) == (True, date(2017, 9, 3))
    assert "auc 0.6000 on its last 4 matured nights" in now.reason
    assert "below recency alone with 0.7000" in now.reason


def test_one_figure_is_enough_and_the_direction_of_the_figure_counts():
    assert "brier 0.1200" in decide(Standing(), _grades(*[(0.8, 0.12)] * 3), _NONE, _DAY, _PRIMARY).reason


def test_two_bad_nights_are_too_few_and_a_tie_is_no_loss():
    assert not decide(Standing(), _grades(_BAD, _BAD), _NONE, _DAY, _PRIMARY).is_demoted
    assert not decide(Standing(), _grades(*[(0.70, 0.10)] * 5), _NONE, _DAY, _PRIMARY).is_demoted


def test_only_the_last_four_weeks_decide():
    assert not decide(Standing(), _grades(*[_BAD] * 9, *[_GOOD] * 4), _NONE, _DAY, _PRIMARY).is_demoted
    assert decide(Standing(), _grades(*[_GOOD] * 9, *[_BAD] * 4), _NONE, _DAY, _PRIMARY).is_demoted


def test_the_best_of_several_baselines_counts():
    rows = _grades(*[_GOOD] * 4)
    better = rows.assign(baseline="another", baseline_value=[0.9, 0.01] * 4)
    now = decide(Standing(), pd.concat([better, rows]), _NONE, _DAY, _PRIMARY)
    assert "below another with 0.9000" in now.reason


def test_it_comes_back_after_three_won_backtests_in_a_row_and_not_before():
    away = Standing(True, _DAY, "demoted")
    for nights, back in (((_GOOD,) * 2, False), ((_GOOD, _BAD, _GOOD, _GOOD), False), ((_BAD, *[_GOOD] * 3), True)):
        now = decide(away, _NONE, _grades(*nights), date(2017, 9, 3), _PRIMARY)
        assert now.is_demoted is not back
        assert now.since == (date(2017, 9, 3) if back else _DAY)


def test_a_backtest_that_lacks_a_figure_wins_nothing():
    rows = _grades(*[_GOOD] * 3)
    assert decide(Standing(True, _DAY, "x"), _NONE, rows[rows["metric"] == "auc"], _DAY, _PRIMARY).is_demoted


def test_what_it_was_sent_back_for_does_not_count_again_once_it_is_back():
    back = Standing(False, date(2017, 8, 1), "back")
    assert decide(back, _grades(*[_BAD] * 4), _NONE, date(2017, 9, 3), _PRIMARY) == back
    assert decide(back, _grades(*[_BAD] * 4, start=date(2017, 8, 6)), _NONE, date(2017, 10, 1), _PRIMARY).is_demoted


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from([_GOOD, _BAD]), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(nights, random):
    rows = _grades(*nights)
    shuffled = rows.sample(frac=1, random_state=random.randrange(2**31)) if len(rows) else rows
    for before in (Standing(), Standing(True, _DAY, "demoted")):
        assert decide(before, rows, rows, date(2017, 9, 3), _PRIMARY) == decide(
            before, shuffled, shuffled, date(2017, 9, 3), _PRIMARY
        )
