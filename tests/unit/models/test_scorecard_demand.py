"""Past forecasts beside what was sold: figures by hand, what could not be bought left out, any order."""

import dataclasses
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from models.scorecard import TASKS, About, ScorecardSettings, grade_demand

_DAY = date(2017, 6, 4)  # a Sunday
_TASK = {task.name: task for task in TASKS}
_QUICK = ScorecardSettings(resamples=30)
_SERIES = {"product": ["product:a", "product:b"], "product_category": ["SOUP"], "total": ["total"]}


def _history(weeks_back: int = 20, weeks_ahead: int = 8, seed: int = 1) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    rows = []
    for level, names in _SERIES.items():
        for name in names:
            for week in range(-weeks_back, weeks_ahead):
                start = _DAY + timedelta(days=1 + 7 * week)
                rows.append(("week", level, name, start, float(draws.integers(5, 30)), float(draws.integers(10, 99))))
    return pd.DataFrame(rows, columns=["frequency", "level", "series_id", "period_start", "units", "sales_usd"])


def _answers(history: pd.DataFrame, off: float = 2.0, naive: float = 5.0) -> pd.DataFrame:
    """A forecast that is off by a constant, and a naive one that is off by more."""
    ahead = history[pd.to_datetime(history["period_start"]) > pd.Timestamp(_DAY)]
    ahead = ahead.assign(horizon=ahead.groupby(["level", "series_id"]).cumcount() + 1)
    units = ahead["units"]
    return ahead.assign(
        forecast_units=units + off, naive_units=units - naive, lower_80_units=units, upper_80_units=units + 1,
        lower_95_units=units + 1, upper_95_units=units + 9, series_class="smooth", model="theta",
    ).drop(columns=["units", "sales_usd"])  # fmt: skip


def _graded(answers: pd.DataFrame, history: pd.DataFrame, task: str = "weeks_4") -> pd.DataFrame:
    about = About(_TASK[task], _DAY, "night", _TASK[task].horizon_days, "theta")
    return grade_demand(about, answers, history, _QUICK)


def _figure(graded: pd.DataFrame, metric: str, dimension: str = "all", member: str = "all") -> pd.Series:
    chosen = (graded["metric"] == metric) & (graded["dimension"] == dimension) & (graded["member"] == member)
    return graded[chosen].iloc[0]


def test_the_figures_are_those_worked_out_by_hand():
    history = _history()
    graded = _graded(_answers(history), history)
    past = history[pd.to_datetime(history["period_start"]) <= pd.Timestamp(_DAY)]
    changes = past.groupby(["level", "series_id"])["units"].apply(lambda units: np.diff(units))
    rmsse = {key: 2 / np.sqrt(np.mean(change**2)) for key, change in changes.items()}
    last = past[pd.to_datetime(past["period_start"]) > pd.Timestamp(_DAY) - pd.Timedelta(days=34)]
    last = last.groupby(["level", "series_id"]).tail(4)
    worth = last.groupby(["level", "series_id"])["sales_usd"].sum()
    product = sum(worth[key] * rmsse[key] for key in rmsse if key[0] == "product") / worth["product"].sum()
    levels = [product, rmsse["product_category", "SOUP"], rmsse["total", "total"]]
    assert _figure(graded, "wrmsse")["value"] == pytest.approx(np.mean(levels), abs=1e-6)
    assert _figure(graded, "wrmsse")["baseline_value"] == pytest.approx(2.5 * np.mean(levels), abs=1e-6)
    assert _figure(graded, "wrmsse", "level", "product")["value"] == pytest.approx(product, abs=1e-6)
    assert _figure(graded, "rmsse")["value"] == pytest.approx(np.mean(list(rmsse.values())), abs=1e-6)
    mase = np.mean([2 / np.mean(np.abs(change)) for change in changes])
    assert _figure(graded, "mase")["value"] == pytest.approx(mase, abs=1e-6)
    assert _figure(graded, "coverage_80")["value"] == 1.0
    assert _figure(graded, "coverage_95")["value"] == 0.0
    assert _figure(graded, "coverage_95")["baseline"] == "share intended"
    assert _figure(graded, "bias")["value"] > 0 > _figure(graded, "bias")["baseline_value"]
    assert _figure(graded, "wrmsse")["population"] == 16
    assert _figure(graded, "not_judged")["value"] == 0


@pytest.mark.parametrize(("task", "periods"), [("weeks_1", 1), ("weeks_4", 4), ("weeks_8", 8)])
def test_each_task_judges_its_own_weeks(task, periods):
    history = _history()
    assert _figure(_graded(_answers(history), history, task), "wrmsse")["population"] == 4 * periods


def test_weeks_in_which_nothing_could_be_bought_and_lost_series_are_left_out_and_told():
    history = _history()
    answers = _answers(history)
    start = _DAY + timedelta(days=1)
    history.loc[(history["series_id"] == "product:a") & (history["period_start"] == start), "units"] = None
    history = history[history["series_id"] != "product:b"]
    graded = _graded(answers, history)
    assert _figure(graded, "wrmsse")["population"] == 11
    assert _figure(graded, "not_judged")["value"] == pytest.approx(5 / 16, abs=1e-6)


def test_the_rest_of_a_category_is_not_judged_because_its_members_change():
    history = _history()
    answers = _answers(history)
    rest = answers[answers["level"] == "product"].assign(level="rest_of_category", forecast_units=1e9)
    pd.testing.assert_frame_equal(_graded(pd.concat([answers, rest]), history), _graded(answers, history))


def test_what_came_after_the_horizon_changes_nothing():
    history = _history()
    answers = _answers(history)
    later = pd.to_datetime(history["period_start"]) > pd.Timestamp(_DAY) + pd.Timedelta(days=28)
    changed = history.assign(units=history["units"].where(~later, 1e6))
    pd.testing.assert_frame_equal(_graded(answers, changed), _graded(answers, history))


def test_any_order_of_rows_gives_the_same_figures():
    history = _history()
    answers = _answers(history)
    mixed = _graded(answers.sample(frac=1, random_state=2), history.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(mixed, _graded(answers, history))


def test_nothing_to_judge_is_one_row_that_marks_it_as_graded():
    history = _history()
    for answers in (_answers(history).iloc[:0], pd.DataFrame({"series_id": ["SOUP"], "forecast_units": [3.0]})):
        graded = _graded(answers, history)
        assert list(graded["metric"]) == ["not_judged"]
        assert graded["value"].iloc[0] == 1.0


def test_a_series_that_never_changed_has_no_scale_and_stops_nothing():
    history = _history()
    history.loc[history["series_id"] == "product:a", "units"] = 7.0
    assert np.isfinite(_figure(_graded(_answers(history), history), "wrmsse")["value"])


def test_the_task_that_decides_who_serves_is_the_four_weeks():
    assert [task.name for task in TASKS if task.subject == "demand" and task.primary] == ["weeks_4"]
    assert dataclasses.asdict(_TASK["days_28"])["frequency"] == "day"
