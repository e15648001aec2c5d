"""Seasons of days and quarters are kept; closed days sell nothing and teach nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.demand import DemandSettings, run


def test_days_and_quarters_keep_their_season() -> None:
    days = pd.date_range("2017-01-02", periods=140)
    daily = pd.DataFrame({"series_id": "a", "date": days, "value": 10.0 + 20.0 * (days.day_of_week == 5)})
    told = run(daily, days[-1], None, None, DemandSettings(boosted=False, horizon=14)).forecast
    saturdays = pd.to_datetime(told.period_start).dt.day_of_week == 5
    assert told.forecast[saturdays].min() > 25 and told.forecast[~saturdays].max() < 15
    quarters = pd.date_range("1998-01-01", periods=60, freq="QS")
    quarterly = pd.DataFrame({"series_id": "a", "date": quarters, "value": 100.0 + 50.0 * (quarters.quarter == 3)})
    told = run(
        quarterly,
        "2012-12-31",
        None,
        None,
        DemandSettings(boosted=False, horizon=4, half_origins=4, most_half_origins=4),
    ).forecast
    assert told.period_start.tolist() == [date(2013, m, 1) for m in (1, 4, 7, 10)]
    assert told.forecast.idxmax() == 2 and told.forecast.max() == pytest.approx(150, rel=0.05)


def test_a_closed_day_takes_its_share_and_teaches_no_lower_level() -> None:
    mondays = pd.date_range("2017-01-02", periods=44, freq="7D")
    draws = np.random.default_rng(1).normal(1.0, 0.02, 40)
    closed = np.zeros(44)
    closed[[20, 37, 39, 41]] = [1, 2, 3, 1]
    week = pd.DataFrame({"series_id": "a", "date": mondays, "closed_days": closed})
    past = week[:40].assign(value=700.0 * draws * (1 - closed[:40] / 7))
    quick = DemandSettings(boosted=False, horizon=4, half_origins=6, most_half_origins=6)
    told = run(past, "2017-10-08", week[40:], None, quick)
    assert told.forecast.forecast.tolist() == pytest.approx([700, 600, 700, 700], rel=0.03)
    poisoned = past.assign(closed_days=past.closed_days.where(past.closed_days == 0, 7.0))
    assert np.isfinite(run(poisoned, "2017-10-08", week[40:], None, quick).forecast.forecast).all()


def test_a_day_declared_closed_is_foretold_as_nothing() -> None:
    days = pd.date_range("2017-01-02", periods=154)
    is_closed = (days.day_of_week == 6).astype(float)
    table = pd.DataFrame({"series_id": "a", "date": days, "closed_days": is_closed})
    value = 50.0 + 3 * np.random.default_rng(2).normal(size=140)
    past = table[:140].assign(value=np.where(is_closed[:140] == 1, np.nan, value))
    told = run(past, days[139], table[140:], None, DemandSettings(boosted=False, horizon=14)).forecast
    sunday = pd.to_datetime(told.period_start).dt.day_of_week == 6
    assert (told[sunday][["forecast", "upper_95"]] == 0).all(axis=None) and told.forecast[~sunday].between(45, 55).all()
