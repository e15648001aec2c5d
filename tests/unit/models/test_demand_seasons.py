"""Seasons of days and quarters are kept."""

from __future__ import annotations

from datetime import date

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
