"""Notes say what the figures say: what moved is told, what did not is not, and what is unknown is said to be."""

from datetime import date, timedelta

import pandas as pd

from models import demand_notes

_DAY = date(2017, 12, 31)
_MONDAY = date(2018, 1, 1)


def _weeks(units=lambda week: 100.0, promoted=lambda week: 0.2, price=lambda week: 1.0) -> pd.DataFrame:
    """Weeks -20 to 3 around the first week ahead; what lies ahead has no units and no price."""
    rows = [
        {
            "series_id": "SOUP",
            "week_start": _MONDAY + timedelta(weeks=week),
            "units": units(week) if week < 0 else None,
            "promoted_share": promoted(week),
            "price_ratio": price(week) if week < 0 else None,
        }
        for week in range(-20, 4)
    ]
    return pd.DataFrame(rows)


def _forecast(units: float = 100.0) -> pd.DataFrame:
    starts = [_MONDAY + timedelta(weeks=week) for week in range(8)]
    return pd.DataFrame({"series_id": "SOUP", "period_start": starts, "forecast": units})


def _calendar(**named: str) -> pd.DataFrame:
    days = [_MONDAY + timedelta(days=day) for day in range(-40, 40)]
    return pd.DataFrame(
        {
            "day": days,
            "holiday": [named.get(day.strftime("d%m%d")) for day in days],
            "is_closed": [day == date(2017, 12, 25) and "d1225" in named for day in days],
        }
    )


def _note(weeks=None, forecast=None, calendar=None, previous=None) -> pd.Series:
    weeks = _weeks() if weeks is None else weeks
    forecast = _forecast() if forecast is None else forecast
    calendar = _calendar() if calendar is None else calendar
    return demand_notes.run(weeks, forecast, calendar, _DAY, previous).iloc[0]


def test_where_nothing_moved_nothing_is_told_to_have_moved():
    told = _note()
    assert told["moved"] == ""
    assert told["change_share"] == 0
    assert "about the same as the last 4 (100)" in told["note"]
    assert "There is no earlier forecast" in told["note"]


def test_each_thing_that_moved_is_named_with_its_figures():
    told = _note(
        weeks=_weeks(
            units=lambda week: 100.0 if week >= -4 else 80.0,
            promoted=lambda week: 0.5 if week >= 0 else 0.1,
            price=lambda week: 0.9,
        ),
        forecast=_forecast(130.0),
        calendar=_calendar(d1225="Christmas Day", d0101="New Year's Day", d0115="Martin Luther King Day"),
    )
    assert told["moved"] == "level, promotion, price, calendar"
    assert told["change_share"] == 0.3
    assert "30% above the last 4 (100)" in told["note"]
    assert "25% above the 8 before" in told["note"]
    assert "More of it is planned on display or in the mailer: 50% of its sales, 10% in the last weeks" in told["note"]
    assert "a unit brought 10% below usual" in told["note"]
    assert "Coming weeks: New Year's Day, Martin Luther King Day." in told["note"]
    assert "closed on 2017-12-25" in told["note"]


def test_no_plan_is_said_and_not_taken_for_no_promotions():
    told = _note(weeks=_weeks(promoted=lambda week: 0.2 if week < 0 else None))
    assert "No plan of promotions is known" in told["note"]
    assert "promotion" not in told["moved"]
    assert pd.isna(told["promoted_ahead"])


def test_the_forecast_before_is_compared_over_the_weeks_that_both_speak_for():
    """The night before also spoke for a week that is over by now."""
    before = pd.concat(
        [
            _forecast(80.0).iloc[:3],
            pd.DataFrame({"series_id": ["SOUP"], "period_start": [date(2017, 12, 25)], "forecast": [9_999.0]}),
        ]
    ).assign(as_of=date(2017, 12, 30))
    told = _note(previous=before)
    assert told["revision"] == 0.25
    assert "Beside the forecast of 2017-12-30: 25% above it." in told["note"]


def test_a_category_new_this_week_has_a_note_too():
    told = _note(weeks=_weeks().iloc[:0].astype({"units": float, "promoted_share": float, "price_ratio": float}))
    assert "nothing was sold in the last weeks" in told["note"]
    assert demand_notes.run(_weeks(), _forecast().iloc[:0], _calendar(), _DAY).empty
