"""A note per category: tonight's forecast beside the last weeks and beside the forecast of the night before.

Four things are looked at, because the features say something of them and of nothing else: the level of the last weeks,
what is promoted, what a unit brings, and the calendar. A note says that they moved; that one of them is the cause is
for a person to judge.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ..grades import as_day
from .settings import NotesSettings
from .words import calendar_words, sentence

COLUMNS = [
    "product_category",
    "as_of",
    "forecast_units",
    "usual_units",
    "change_share",
    "level_change",
    "promoted_ahead",
    "promoted_recent",
    "price_change",
    "closed_days_ahead",
    "closed_days_recent",
    "holidays_ahead",
    "holidays_recent",
    "previous_as_of",
    "revision",
    "moved",
    "note",
]
_RATES = ("change_share", "level_change", "promoted_ahead", "promoted_recent", "price_change", "revision")


def run(
    weeks: pd.DataFrame,
    forecast: pd.DataFrame,
    calendar: pd.DataFrame,
    as_of: object,
    previous: pd.DataFrame | None = None,
    settings: NotesSettings | None = None,
) -> pd.DataFrame:
    """One row per category that has a forecast, ordered by category.

    Args:
        weeks: series_id (category), week_start, units, promoted_share, price_ratio; weeks to come hold what is planned,
            empty where nothing is known.
        forecast: series_id, period_start, forecast: weeks ahead of the same categories.
        calendar: day, holiday (empty: none) and is_closed, days of the past weeks and of those ahead.
        as_of: the night.
        previous: the same as `forecast`, of the last night before, with its as_of; None when there was none.
        settings: how long is recent, and what is too small to tell.
    """
    settings, day = settings or NotesSettings(), as_day(as_of)
    ahead = forecast.sort_values(["series_id", "period_start"], kind="stable")
    ahead = ahead[ahead.groupby("series_id").cumcount() < settings.weeks]
    if ahead.empty:
        return pd.DataFrame(columns=COLUMNS)
    table = ahead.groupby("series_id").agg(forecast_units=("forecast", "mean"))
    first = pd.Timestamp(min(ahead["period_start"]))
    starts = pd.to_datetime(weeks["week_start"])
    back = ((first - starts).dt.days // 7).to_numpy()  # 1: the last week before the forecast
    recent, before = (
        (back >= 1) & (back <= settings.weeks),
        (back > settings.weeks) & (back <= settings.weeks + settings.before_weeks),
    )
    coming = (back <= 0) & (back > -settings.weeks)
    columns = {
        "usual_units": ("units", recent),
        "before_units": ("units", before),
        "promoted_ahead": ("promoted_share", coming),
        "promoted_recent": ("promoted_share", recent),
        "price_ratio": ("price_ratio", recent),
    }
    for name, (column, chosen) in columns.items():
        table[name] = weeks[chosen].groupby("series_id")[column].mean()
    table["change_share"] = _rate(table["forecast_units"], table["usual_units"])
    table["level_change"] = _rate(table["usual_units"], table["before_units"])
    table["price_change"] = table["price_ratio"] - 1.0
    said = _calendar(calendar, first, settings)
    for name in ("closed_days", "holidays"):
        table[f"{name}_ahead"], table[f"{name}_recent"] = len(said[name][0]), len(said[name][1])
    table["previous_as_of"], table["revision"] = _revision(ahead, previous, table.index)
    table = table.reset_index(names="product_category").assign(as_of=day)
    words = calendar_words(said["closed_days"], said["holidays"])
    told = [sentence(row, words, settings) for row in table.itertuples(index=False)]
    table["moved"], table["note"] = [one[0] for one in told], [one[1] for one in told]
    table = table.round(dict.fromkeys(_RATES, settings.decimals) | {"forecast_units": 2, "usual_units": 2})
    return table.sort_values("product_category", kind="stable", ignore_index=True)[COLUMNS]


def _rate(now: pd.Series, then: pd.Series) -> pd.Series:
    """Change as a share of before; missing where there was nothing before."""
    return now / then.where(then > 0) - 1.0


def _calendar(
    calendar: pd.DataFrame, first: pd.Timestamp, settings: NotesSettings
) -> dict[str, tuple[list[str], list[str]]]:
    """Closed days (as dates) and holidays (by name), of the coming weeks and of the last ones."""
    days = pd.to_datetime(calendar["day"])
    span = pd.Timedelta(weeks=settings.weeks)
    ahead = calendar[(days >= first) & (days < first + span)]
    recent = calendar[(days < first) & (days >= first - span)]

    def closed(rows: pd.DataFrame) -> list[str]:
        return [str(pd.Timestamp(day).date()) for day in rows.loc[rows["is_closed"].fillna(False).astype(bool), "day"]]

    def holidays(rows: pd.DataFrame) -> list[str]:
        return [str(name) for name in rows["holiday"].dropna()]

    return {"closed_days": (closed(ahead), closed(recent)), "holidays": (holidays(ahead), holidays(recent))}


def _revision(
    ahead: pd.DataFrame, previous: pd.DataFrame | None, series: pd.Index
) -> tuple[date | None, pd.Series | float]:
    """When the forecast before was made, and by how much tonight's differs over the weeks that both speak for."""
    if previous is None or previous.empty:
        return None, np.nan
    both = ahead.merge(previous, on=["series_id", "period_start"], suffixes=("", "_before"))
    sums = both.groupby("series_id")[["forecast", "forecast_before"]].sum()
    return as_day(previous["as_of"].iloc[0]), _rate(sums["forecast"], sums["forecast_before"]).reindex(series)
