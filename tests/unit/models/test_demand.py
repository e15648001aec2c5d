"""Demand: beats naive forecasts, never negative, honest intervals, blind to what comes after as_of."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from conftest import make_weekly
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand import DemandSettings, run
from models.demand.features import build_panel, model_rows
from models.grades import GRADE_COLUMNS

QUICK = DemandSettings(judged_origins=8, trees=60, learning_rate=0.1)
AS_OF = date(2017, 12, 31)  # a Sunday: its week is complete


@pytest.fixture(scope="module")
def weekly() -> pd.DataFrame:
    return make_weekly(series=15, weeks=52, seed=8)


@pytest.fixture(scope="module")
def result(weekly):
    return run(weekly, AS_OF, QUICK)


def assert_sound(forecast: pd.DataFrame) -> None:
    assert (forecast.lower_units >= 0).all()
    assert (forecast.lower_units <= forecast.forecast_units).all()
    assert (forecast.forecast_units <= forecast.upper_units).all()
    assert not forecast[["forecast_units", "lower_units", "upper_units", "naive_units"]].isna().any().any()
    assert (forecast.served_by.str.len() > 0).all()


def test_it_beats_both_naive_forecasts_on_seasonal_data(result) -> None:
    assert result.served_by == "gradient boosting"
    assert list(result.grades.columns) == GRADE_COLUMNS
    mase = result.grades[result.grades.metric == "mase"].set_index("baseline")
    assert set(mase.index) == {"same as last week", "mean of the last four weeks"}
    assert (mase.value < 0.75 * mase.baseline_value).all()


def test_four_weeks_for_every_series(result, weekly) -> None:
    assert_sound(result.forecast)
    weeks = sorted(result.forecast.week_start.unique())
    assert weeks == [date(2018, 1, 1), date(2018, 1, 8), date(2018, 1, 15), date(2018, 1, 22)]
    assert result.forecast.groupby("series_id").horizon_weeks.agg(list).map(lambda h: h == [1, 2, 3, 4]).all()
    assert set(result.forecast.series_id) == set(weekly.series_id)


def test_the_rhythm_is_forecast_not_the_mean(result) -> None:
    """Week 52 begins a new round: the first of the four weeks is the strong one."""
    by_horizon = result.forecast.groupby("horizon_weeks").forecast_units.sum()
    assert by_horizon[1] > 1.3 * by_horizon[2:].max()


def test_intervals_hold_about_as_often_as_they_say(result) -> None:
    covered = result.grades.set_index("metric").value["interval_coverage"]
    assert 0.6 <= covered <= 0.98


def test_row_order_changes_no_byte(result, weekly) -> None:
    again = run(weekly.sample(frac=1, random_state=3), AS_OF, QUICK)
    pd.testing.assert_frame_equal(again.forecast, result.forecast, check_exact=True)
    pd.testing.assert_frame_equal(again.grades, result.grades, check_exact=True)


def test_nothing_after_as_of_is_used(weekly) -> None:
    day = date(2017, 11, 15)  # a Wednesday: the week of the 13th is not complete
    known = weekly[weekly.week_start < date(2017, 11, 13)]
    poisoned = weekly.assign(units=weekly.units.where(weekly.week_start < date(2017, 11, 13), 1e9))
    then, now = run(known, day, QUICK), run(poisoned, day, QUICK)
    pd.testing.assert_frame_equal(now.forecast, then.forecast, check_exact=True)
    pd.testing.assert_frame_equal(now.grades, then.grades, check_exact=True)
    assert now.forecast.week_start.min() == date(2017, 11, 13)


def test_a_series_that_begins_after_as_of_is_unknown(weekly) -> None:
    late = weekly[weekly.series_id == "S01"].iloc[-2:].assign(series_id="late")
    assert "late" not in set(run(pd.concat([weekly, late]), date(2017, 12, 10), QUICK).forecast.series_id)


def test_the_judged_models_learn_only_from_weeks_before(weekly, monkeypatch) -> None:
    from models.demand import evaluate

    learnt: list[int] = []
    real = evaluate.fit
    monkeypatch.setattr(
        evaluate, "fit", lambda rows, s: (learnt.append(int((rows.origin + rows.horizon).max())), real(rows, s))[1]
    )
    panel = build_panel(weekly, pd.Timestamp(AS_OF))
    judged = evaluate.backtest(model_rows(panel, np.arange(52), QUICK), 51, QUICK)
    assert learnt == [40, 44]  # eight origins, refitted every four, the last one four weeks before the end
    assert sorted(judged.origin.unique()) == list(range(40, 48))


def test_inputs_at_an_origin_do_not_change_when_later_weeks_do(weekly) -> None:
    settings_ = DemandSettings()
    panel = build_panel(weekly, pd.Timestamp(AS_OF))
    later = panel.units.copy()
    later.iloc[31:] = 12345.0
    inputs = [c for c in model_rows(panel, np.array([30]), settings_).columns if c != "units"]
    before = model_rows(panel, np.array([30]), settings_)[inputs]
    after = model_rows(type(panel)(later, panel.promoted), np.array([30]), settings_)[inputs]
    pd.testing.assert_frame_equal(before, after)


def test_difficult_series_are_survived_and_marked(weekly) -> None:
    mondays = sorted(weekly.week_start.unique())
    odd = {
        "one point": weekly.iloc[:1].assign(week_start=mondays[-1], units=5.0),
        "all zero": weekly[weekly.series_id == "S00"].assign(units=0.0),
        "new": weekly[weekly.series_id == "S01"].iloc[-3:],
        "gappy": weekly[weekly.series_id == "S02"].iloc[::3],
        "ended": weekly[weekly.series_id == "S03"].iloc[:10],
        "constant": weekly[weekly.series_id == "S04"].assign(units=7.0),
        "huge": weekly[weekly.series_id == "S05"].assign(units=lambda d: d.units * 1e6),
        "negative": weekly[weekly.series_id == "S06"].assign(units=lambda d: d.units - 500),
    }
    table = pd.concat([weekly, *(rows.assign(series_id=name) for name, rows in odd.items())])
    forecast = run(table, AS_OF, QUICK).forecast
    assert_sound(forecast)
    assert set(odd) <= set(forecast.series_id)
    by = forecast.groupby("series_id")
    assert (by.forecast_units.sum()[["all zero", "ended"]] == 0).all()
    assert set(forecast[forecast.series_id.isin(["one point", "new"])].served_by) == {
        "four-week mean: too little history"
    }
    assert (forecast[forecast.series_id == "constant"].forecast_units == 7.0).all()


def test_a_single_week_of_data_and_none() -> None:
    one = make_weekly(series=1, weeks=1, seed=1, start="2017-12-25")
    forecast = run(one, AS_OF)
    assert_sound(forecast.forecast)
    assert "too little history" in forecast.note
    assert run(one.iloc[:0], AS_OF).forecast.empty
    assert run(one, date(2017, 12, 30)).forecast.empty  # its week ends on the 31st


def test_a_model_that_does_not_beat_the_naive_forecasts_is_not_served() -> None:
    """The model has only ever seen growth; through the weeks it is judged on, everything falls."""
    growing = make_weekly(series=15, weeks=40, seed=1, start="2017-03-27")
    week = growing.groupby("series_id").cumcount()
    growing["units"] = 400.0 + 10.0 * np.minimum(week, 56 - week)
    result = run(growing, AS_OF, DemandSettings(judged_origins=8, trees=1, learning_rate=1e-9))
    mase = result.grades[result.grades.metric == "mase"]
    assert (mase.value > mase.baseline_value).all()
    assert (result.served_by, set(result.forecast.served_by)) == (
        "four-week mean",
        {"four-week mean: model did not beat it"},
    )
    assert "did not beat" in result.note
    assert (result.forecast.forecast_units == result.forecast.naive_units).all()
    assert_sound(result.forecast)


def test_broken_input_raises(weekly) -> None:
    with pytest.raises(ValueError, match="Monday"):
        run(weekly.assign(week_start=date(2017, 1, 3)), AS_OF)
    with pytest.raises(ValueError, match="more than one row"):
        run(pd.concat([weekly, weekly.iloc[:1]]), AS_OF)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(0, 51), st.floats(0, 1e7, allow_nan=False)),
        min_size=1,
        max_size=60,
        unique_by=lambda row: row[:2],
    )
)
def test_any_history_gives_a_sound_forecast(rows: list[tuple[str, int, float]]) -> None:
    mondays = pd.date_range("2017-01-02", periods=52, freq="7D")
    table = pd.DataFrame(
        {
            "series_id": [row[0] for row in rows],
            "week_start": [mondays[row[1]].date() for row in rows],
            "units": [row[2] for row in rows],
            "promoted_share": 0.0,
        }
    )
    forecast = run(table, AS_OF, QUICK).forecast
    assert_sound(forecast)
    assert len(forecast) == 4 * table.series_id.nunique()
