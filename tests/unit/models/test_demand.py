"""Demand: beats naive forecasts, coherent, never negative, honest intervals, blind to what comes after as_of."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import make_weekly
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand import DemandSettings, run, step
from models.demand.step import FORECAST_COLUMNS, LEDGER_COLUMNS
from models.grades import GRADE_COLUMNS

QUICK = DemandSettings(trees=20, learning_rate=0.25, horizon=4, half_origins=6, most_half_origins=6)
TREELESS = DemandSettings(boosted=False, horizon=4, half_origins=4, most_half_origins=4)
AS_OF = date(2017, 12, 31)  # a Sunday: its week is complete
AMOUNTS = ["lower_95", "lower_80", "forecast", "upper_80", "upper_95"]


def history_of(weekly: pd.DataFrame) -> pd.DataFrame:
    return weekly.rename(columns={"week_start": "date", "units": "value", "sales_usd": "revenue"})


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    return history_of(make_weekly(series=15, weeks=52, seed=8))


@pytest.fixture(scope="module")
def hierarchy(history) -> pd.DataFrame:
    names = sorted(history.series_id.unique())
    return pd.DataFrame(
        {
            "series_id": names,
            "product_category": [f"C{k % 5}" for k in range(len(names))],
            "department": [f"D{k % 5 % 2}" for k in range(len(names))],
        }
    )


@pytest.fixture(scope="module")
def promotions(history) -> pd.DataFrame:
    """The rhythm goes on: a promotion in the first of four weeks."""
    weeks = pd.date_range("2018-01-01", periods=4, freq="7D")
    return pd.DataFrame(
        [(name, week, 0.5 * (k == 0)) for name in history.series_id.unique() for k, week in enumerate(weeks)],
        columns=["series_id", "date", "promoted_share"],
    )


@pytest.fixture(scope="module")
def result(history, hierarchy, promotions):
    return run(history, AS_OF, promotions, hierarchy, QUICK)


def assert_sound(forecast: pd.DataFrame) -> None:
    assert list(forecast.columns) == FORECAST_COLUMNS
    amounts = forecast[AMOUNTS].to_numpy()
    assert np.isfinite(amounts).all() and np.isfinite(forecast.naive).all()
    assert (amounts[:, 0] >= 0).all()
    assert (np.diff(amounts, axis=1) >= 0).all(), "intervals are nested around the forecast"
    assert (forecast.model.str.len() > 0).all()


def test_it_beats_both_naive_forecasts_on_rhythmic_data(result) -> None:
    assert "gradient boosting" in result.served_by
    assert result.note == ""
    assert list(result.grades.columns) == GRADE_COLUMNS
    for metric in ("wrmsse", "rmsse", "mase"):
        rows = result.grades[result.grades.metric == metric].set_index("baseline")
        assert set(rows.index) == {"seasonal naive", "mean of the last eight periods"}
        assert (rows.value < 0.75 * rows.baseline_value).all()


def test_every_series_and_sum_is_forecast(result, history) -> None:
    forecast = result.forecast
    assert_sound(forecast)
    assert sorted(forecast.period_start.unique()) == [date(2018, 1, d) for d in (1, 8, 15, 22)]
    assert forecast.groupby("level").series_id.nunique().to_dict() == {
        "series": 15, "product_category": 5, "department": 2, "total": 1,
    }  # fmt: skip
    assert set(forecast[forecast.level == "series"].series_id) == set(history.series_id)
    assert list(result.ledger.columns) == LEDGER_COLUMNS and len(result.ledger) == 23
    assert set(result.comparison.columns) >= {"series_class", "candidate", "rmsse", "chosen"}


def test_sums_add_up_to_the_last_digit(result, hierarchy) -> None:
    forecast = result.forecast
    bottom = forecast[forecast.level == "series"].merge(hierarchy, on="series_id")
    for level in ("product_category", "department"):
        sums = bottom.groupby([level, "horizon"]).forecast.sum().round(3)
        told = forecast[forecast.level == level].set_index(["series_id", "horizon"]).forecast
        assert (sums.sort_index() == told.sort_index().round(3)).all()
    total = forecast[forecast.level == "total"].set_index("horizon").forecast
    assert (bottom.groupby("horizon").forecast.sum().round(3) == total.round(3)).all()


def test_a_promotion_planned_ahead_raises_the_forecast(result, history, hierarchy, promotions) -> None:
    total = result.forecast[result.forecast.level == "total"].set_index("horizon").forecast
    assert total[1] > 1.3 * total[[2, 3, 4]].max()
    moved = promotions.assign(promoted_share=np.tile([0.0, 0.5, 0.0, 0.0], 15))
    other = run(history, AS_OF, moved, hierarchy, QUICK).forecast
    planned = other[other.level == "total"].set_index("horizon").forecast
    assert planned[2] > total[2]


def test_intervals_hold_about_as_often_as_they_say(result) -> None:
    covered = result.grades.set_index("metric").value
    assert 0.6 <= covered["coverage_80"] <= 0.98
    assert covered["coverage_80"] < covered["coverage_95"]


def test_the_order_of_rows_and_the_kind_of_table_change_no_byte(result, history, hierarchy, promotions) -> None:
    mixed = run(
        pa.Table.from_pandas(history.sample(frac=1, random_state=3)),
        AS_OF,
        duckdb.from_df(promotions.sample(frac=1, random_state=1)),
        hierarchy.sample(frac=1, random_state=2),
        QUICK,
    )
    for name in ("forecast", "ledger", "grades", "comparison"):
        pd.testing.assert_frame_equal(getattr(mixed, name), getattr(result, name), check_exact=True)


def test_nothing_after_as_of_is_used(history, hierarchy) -> None:
    day = date(2017, 11, 15)  # a Wednesday: the week of the 13th is not complete
    known = history[history.date < date(2017, 11, 13)]
    late = history.date >= date(2017, 11, 13)
    poisoned = history.assign(value=history.value.where(~late, 1e9), revenue=history.revenue.where(~late, 1e9))
    then, now = run(known, day, None, hierarchy, QUICK), run(poisoned, day, None, hierarchy, QUICK)
    for name in ("forecast", "ledger", "grades", "comparison"):
        pd.testing.assert_frame_equal(getattr(now, name), getattr(then, name), check_exact=True)
    assert now.forecast.period_start.min() == date(2017, 11, 13)


def test_choices_and_trees_of_a_judged_origin_know_nothing_later(history, monkeypatch) -> None:
    from models.demand import boosted, choose

    asked: list[int] = []
    real = boosted.Boosted.fit
    monkeypatch.setattr(boosted.Boosted, "fit", lambda self, last: (asked.append(last), real(self, last))[1])
    seen: list[tuple[int, int]] = []
    real_choice = choose.Rolled.known_at

    def known_at(self, place):
        known = real_choice(self, place)
        target = self.origins.at[:place, None] + np.arange(1, known.shape[1] + 1)
        told = ~np.isnan(known).all(axis=2)
        seen.append((int(self.origins.at[place]), int(target[told].max()) if told.any() else -1))
        return known

    monkeypatch.setattr(choose.Rolled, "known_at", known_at)
    run(history, AS_OF, None, None, QUICK)
    assert asked == [39, 45, 51]  # twelve origins, the last one before tonight's 51
    assert seen and all(newest <= origin for origin, newest in seen)


def test_a_demoted_model_leaves_the_best_baseline_to_serve(history, hierarchy) -> None:
    result = run(history, AS_OF, None, hierarchy, TREELESS, demoted="worse than the baseline for four weeks")
    modelled = result.forecast[result.forecast.series_class.isin(["smooth", "erratic"])]
    assert set(modelled.model) <= {"seasonal naive", "mean of 4", "mean of 8", "mean of 13", "mean of 26"}
    assert result.note == "worse than the baseline for four weeks"
    assert set(modelled.reason) <= {"", result.note}
    assert_sound(result.forecast)


def test_difficult_series_each_have_their_outcome(history) -> None:
    mondays = sorted(history.date.unique())
    one = history[history.series_id == "S01"]
    late = history[history.series_id == "S02"]
    odd = {
        "one point": one.iloc[:1].assign(date=mondays[-1], value=5.0),
        "all zero": one.assign(value=0.0),
        "begins this week": one.iloc[-1:],
        "new": one.iloc[-3:],
        "short": one.iloc[-8:],
        "gaps": late.iloc[::3],
        "ended": late.iloc[:10],
        "constant": late.assign(value=7.0),
        "huge": late.assign(value=late.value * 1e6),
        "spike": late.assign(value=late.value.where(late.index != late.index[30], 1e9)),
        "closed": late.assign(value=late.value.where(np.arange(52) % 5 > 0)),
        "无糖茶 é": late.assign(value=late.value - 20.0),
    }
    table = pd.concat([history, *(rows.assign(series_id=name) for name, rows in odd.items())])
    result = run(table, AS_OF, None, None, QUICK)
    assert_sound(result.forecast)
    ledger = result.ledger.set_index("series_id")
    assert set(odd) <= set(ledger.index)
    assert (ledger.loc[["one point", "begins this week", "new"], "series_class"] == "new").all()
    assert (ledger.loc[["one point", "begins this week", "new"], "reason"] != "").all()
    told = result.forecast.groupby("series_id").forecast
    assert ledger.series_class[["all zero", "ended", "short"]].tolist() == ["zero", "ended", "short"]
    assert (told.sum()[["all zero", "ended"]] == 0).all()
    assert ledger.reason["ended"] and ledger.reason["all zero"]
    assert (told.mean()["one point"], told.max()["constant"], told.min()["constant"]) == (5.0, 7.0, 7.0)
    assert told.max()["spike"] < 20 * late.value.max()
    assert ledger.series_class["gaps"] in ("intermittent", "lumpy")
    assert told.mean()["gaps"] < 0.7 * told.mean()["S02"]
    assert abs(told.mean()["closed"] / told.mean()["S02"] - 1) < 0.25, "closed weeks are not zero demand"
    assert "taken as zero" in result.about["put right"]


def test_values_that_are_no_numbers_are_not_observed(history) -> None:
    text = history.assign(value=history.value.astype(str).astype(object))
    pd.testing.assert_frame_equal(run(text, AS_OF, None, None, TREELESS).forecast,
                                  run(history, AS_OF, None, None, TREELESS).forecast)  # fmt: skip
    broken = history.assign(value=history.value.astype(object))
    broken.iloc[5, broken.columns.get_loc("value")] = "n/a"
    broken.iloc[6, broken.columns.get_loc("value")] = np.inf
    missing = history.assign(value=history.value.where(~history.index.isin([5, 6])))
    told = run(broken, AS_OF, None, None, TREELESS)
    pd.testing.assert_frame_equal(told.forecast, run(missing, AS_OF, None, None, TREELESS).forecast)
    assert (
        told.about["put right"] == "1 values were no numbers: taken as not observed"
        or "2 values" in (told.about["put right"])
    )


def test_what_brings_threads_is_loaded_before_they_are_limited(monkeypatch) -> None:
    """A library loaded later takes all processors and waits for them by spinning: ten times the processor time."""
    order = []
    monkeypatch.setattr(step.boosted, "load", lambda: order.append("load"))
    monkeypatch.setattr(step, "threadpool_limits", lambda count: order.append(count) or nullcontext())
    one = history_of(make_weekly(series=1, weeks=1, seed=1, start="2017-12-25"))
    run(one, AS_OF)
    assert order == ["load", 1]
    run(one, AS_OF, None, None, TREELESS)
    assert order == ["load", 1, 1], "without trees nothing is loaded"


def test_a_single_week_of_data_and_none() -> None:
    one = history_of(make_weekly(series=1, weeks=1, seed=1, start="2017-12-25"))
    told = run(one, AS_OF)
    assert_sound(told.forecast)
    assert told.grades.empty and "new" in told.note, told.note
    assert run(one.iloc[:0], AS_OF).forecast.empty
    assert list(run(one.iloc[:0], AS_OF).forecast.columns) == FORECAST_COLUMNS
    assert run(one, date(2017, 12, 30)).forecast.empty  # its week ends on the 31st


def test_a_model_that_does_not_beat_the_naive_forecasts_is_not_served() -> None:
    """Noise around a level that nothing foretells: a mean is as good as it gets."""
    draws = np.random.default_rng(4)
    weeks = pd.date_range("2017-01-02", periods=52, freq="7D")
    table = pd.DataFrame(
        [(f"N{k}", week, float(draws.poisson(50))) for k in range(12) for week in weeks],
        columns=["series_id", "date", "value"],
    )
    result = run(table, AS_OF, None, None, QUICK)
    assert_sound(result.forecast)
    served = set(result.forecast.model)
    if result.note:
        assert served <= {"seasonal naive", "mean of 4", "mean of 8", "mean of 13", "mean of 26"}
    assert abs(result.forecast.forecast.mean() / 50 - 1) < 0.1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.assign(date=pd.to_datetime(t.date) + pd.Timedelta(days=1)), "must begin on a Monday"),
        (lambda t: t.assign(date=[date(2017, 1, 3), *t.date[1:]]), "give a Monday"),
        (lambda t: pd.concat([t, t.iloc[:2]]), "2 rows repeat a series and period, first 'S00' on 2017-01-02"),
        (lambda t: t.drop(columns="value"), "no column value"),
        (lambda t: t.assign(series_id=[None, *t.series_id[1:]]), "1 rows have no series_id"),
        (lambda t: t.assign(date=["someday", *t.date[1:].astype(str)]), "no readable date"),
    ],
)
def test_input_that_cannot_be_meant_is_refused_in_one_line(history, change, said) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        run(change(history), AS_OF)
    assert "\n" not in str(refused.value)


ANY_HISTORY = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(0, 51), st.one_of(st.none(), st.floats(0, 1e9))),
    min_size=1,
    max_size=60,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=8, deadline=None)
@given(ANY_HISTORY, st.booleans())
def test_any_history_gives_a_sound_forecast(rows, nested) -> None:
    assert_sound_whatever(rows, nested)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(ANY_HISTORY, st.booleans())
def test_any_of_many_histories_gives_a_sound_forecast(rows, nested) -> None:
    assert_sound_whatever(rows, nested)


def assert_sound_whatever(rows, nested) -> None:
    mondays = pd.date_range("2017-01-02", periods=52, freq="7D")
    table = pd.DataFrame(
        {"series_id": [r[0] for r in rows], "date": [mondays[r[1]] for r in rows], "value": [r[2] for r in rows]}
    )
    hierarchy = pd.DataFrame({"series_id": ["A", "B"], "group": ["x", None]}) if nested else None
    told = run(table, AS_OF, None, hierarchy, TREELESS)
    assert_sound(told.forecast)
    bottom = told.forecast[told.forecast.level == "series"]
    assert len(bottom) == 4 * table.series_id.nunique()
    if nested:
        total = told.forecast[told.forecast.level == "total"].forecast.to_numpy()
        assert total == pytest.approx(bottom.groupby("horizon").forecast.sum().to_numpy(), rel=1e-9, abs=1e-3)
