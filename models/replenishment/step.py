"""Replenishment of every shelf: periodic review up to a level (R, S) from the forecast's own error distribution."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from ..grades import as_day
from .ahead import Ahead, days_ahead, shared
from .policy import above, quantile, whole_packs
from .settings import ReplenishmentSettings

COLUMNS = [
    "product_id",
    "store_id",
    "as_of",
    "series_id",
    "share",
    "on_hand_units",
    "on_order_units",
    "expected_units",
    "safety_units",
    "order_up_to_units",
    "reorder_quantity",
    "stock_out_date",
    "stock_out_early_date",
    "stock_out_probability",
    "reason",
]
_MEASURES = ("expected_units", "safety_units", "order_up_to_units", "reorder_quantity", "stock_out_probability")


def run(
    stock: pd.DataFrame, forecast: pd.DataFrame, as_of: object, settings: ReplenishmentSettings | None = None
) -> pd.DataFrame:
    """When each shelf is expected to be empty and how much to order.

    Args:
        stock: one row per product_id and store_id: on_hand_units, on_order_units, next_delivery_on, lead_time_days,
            review_days, pack_units, service_level, series_id (whose forecast it lives on), share (its part of that,
            0 to 1) and quantity_per_unit (pieces of stock per unit of demand). What is missing, negative or beyond
            belief leaves the figures that need it empty and is said in `reason`.
        forecast: weekly rows of series_id, period_start, forecast, upper_80, all series and weeks.
        as_of: the day the stock is known for; the forecast's days after it count.

    Returns COLUMNS, ordered by product and store. The order covers the days until the delivery after the next
    order could arrive (lead time and review) with probability `service_level`: order up to that quantile of demand,
    less what is there and on its way, in whole packs; never negative.
    """
    settings, day = settings or ReplenishmentSettings(), as_day(as_of)
    rows = stock.sort_values(["product_id", "store_id"], kind="stable", ignore_index=True)
    ahead = days_ahead(forecast, day, settings)
    size = settings.rows_at_once
    parts = [_part(rows.iloc[first : first + size], ahead, day, settings) for first in range(0, len(rows), size)]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return table[COLUMNS]


def _numbers(rows: pd.DataFrame, column: str, missing: float = np.nan) -> np.ndarray:
    values = pd.to_numeric(rows[column], errors="coerce").to_numpy("float64", na_value=np.nan)
    return np.where(np.isfinite(values), values, missing)


def _part(rows: pd.DataFrame, ahead: Ahead, as_of: date, settings: ReplenishmentSettings) -> pd.DataFrame:
    on_hand, on_order = _numbers(rows, "on_hand_units"), np.maximum(_numbers(rows, "on_order_units", 0.0), 0.0)
    lead, pack = _numbers(rows, "lead_time_days"), _numbers(rows, "pack_units", 1.0)
    review = _numbers(rows, "review_days", settings.review_days)
    level = _numbers(rows, "service_level", settings.service_level)
    level = np.where((level > 0) & (level < 1), level, settings.service_level)
    share, per_unit = _numbers(rows, "share"), _numbers(rows, "quantity_per_unit", 1.0)
    place = np.searchsorted(ahead.series, series := rows["series_id"].fillna("").astype(str).to_numpy())
    found = np.zeros(len(rows), dtype=bool)
    inside = place < len(ahead.series)
    found[inside] = ahead.series[place[inside]] == series[inside]

    covered = lead + np.maximum(review, 0.0)
    reasons = (
        (~found | ~(share >= 0), "no forecast speaks for it"),
        (~(on_hand >= 0), "nobody knows what is there"),
        (~(lead >= 0), "no lead time"),
        (covered > settings.most_days, f"lead time and review beyond {settings.most_days} days"),
    )
    reason = np.select([one for one, _ in reasons], [text for _, text in reasons], default="")
    foreseen = found & (share >= 0)
    mean, variance = _demand(ahead, place, foreseen, np.clip(share, 0.0, 1.0), per_unit)
    stocked = foreseen & (on_hand >= 0)
    orders = reason == ""

    days = np.where(orders, covered, 0.0).astype(int)
    expected, spread = _until(mean, days), _until(variance, days)
    up_to = quantile(expected, spread, level, settings)
    pack = np.where(pack > 0, pack, 1.0)
    order = whole_packs(up_to - np.nan_to_num(on_hand) - on_order, pack)
    coming = _arrivals(rows, on_order, lead, as_of, settings)
    has_come = coming[:, None] <= np.arange(1, settings.most_days + 1)
    there = np.nan_to_num(on_hand)[:, None] + np.where(has_come, on_order[:, None], 0.0)
    used, wide = mean.cumsum(axis=1), variance.cumsum(axis=1)
    z = _z(settings.early_level)
    wait = np.where(orders, lead, 0.0).astype(int)
    at_delivery = np.nan_to_num(on_hand) + np.where(coming <= wait, on_order, 0.0)
    chance = above(at_delivery, _until(mean, wait), _until(variance, wait), settings)
    table = rows[["product_id", "store_id", "series_id", "share", "on_hand_units", "on_order_units"]].assign(
        as_of=as_of,
        expected_units=np.where(orders, expected, np.nan),
        safety_units=np.where(orders, up_to - expected, np.nan),
        order_up_to_units=np.where(orders, up_to, np.nan),
        reorder_quantity=np.where(orders, order, np.nan),
        stock_out_date=_first_day(used >= there, stocked & (mean.sum(axis=1) > 0), as_of),
        stock_out_early_date=_first_day(used + z * np.sqrt(wide) >= there, stocked & (mean.sum(axis=1) > 0), as_of),
        stock_out_probability=np.where(orders, chance, np.nan),
        reason=reason,
    )
    return table.round(dict.fromkeys(_MEASURES, settings.decimals))


def _demand(
    ahead: Ahead, place: np.ndarray, foreseen: np.ndarray, share: np.ndarray, per_unit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each row's daily demand, in pieces of stock; zero where nothing is foreseen."""
    size = ahead.mean.shape[1]
    mean, variance = np.zeros((len(place), size)), np.zeros((len(place), size))
    at = place[foreseen]
    parts = shared(ahead.mean[at], ahead.variance[at], share[foreseen])
    pieces = per_unit[foreseen][:, None]
    mean[foreseen], variance[foreseen] = parts[0] * pieces, parts[1] * pieces**2
    return mean, variance


def _until(daily: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Sums of the first `days` days of each row."""
    sums = np.concatenate([np.zeros((len(daily), 1)), daily.cumsum(axis=1)], axis=1)
    return sums[np.arange(len(daily)), days]


def _arrivals(
    rows: pd.DataFrame, on_order: np.ndarray, lead: np.ndarray, as_of: date, settings: ReplenishmentSettings
) -> np.ndarray:
    """The day after as_of (1, 2, …) on which what is on order comes: as announced (overdue: 1), else a lead time."""
    announced = pd.to_datetime(rows["next_delivery_on"], errors="coerce")
    said = (announced - pd.Timestamp(as_of)).dt.days.to_numpy("float64", na_value=np.nan)
    due = np.where(np.isnan(said), np.where(lead >= 0, lead, np.inf), np.maximum(said, 1.0))
    return np.where(on_order > 0, due, np.inf)


def _first_day(is_empty: np.ndarray, asked: np.ndarray, as_of: date) -> pd.Series:
    """The first day on which it is so; none where it never is."""
    happens = asked & is_empty.any(axis=1)
    day = pd.Timestamp(as_of) + pd.to_timedelta(is_empty.argmax(axis=1) + 1, unit="D")
    return pd.Series(np.where(happens, day.date, None), dtype=object).to_numpy()


def _z(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(level)
