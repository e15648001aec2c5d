"""Forecasts made for intermittent demand, of all series at once and at every origin: Croston's family.

Each is flat over the horizon. Smoothing rates are chosen per series from a few, by the squared error one step ahead.
"""

from __future__ import annotations

import numpy as np

RATES = (0.05, 0.1, 0.2, 0.3)
# Buckets longer than this hold no news within a season of weeks.
LONGEST_BUCKET = 12


def _flat(rates: np.ndarray, horizon: int) -> np.ndarray:
    """(origins, nodes) rates as forecasts (origins, horizon, nodes), never negative."""
    return np.repeat(np.maximum(rates, 0.0)[:, None], horizon, axis=1)


def _best(amounts: np.ndarray, origins: np.ndarray, forecasts: list[np.ndarray]) -> np.ndarray:
    """Of forecasts (periods, nodes) for the period after each, the one that erred least up to each origin."""
    least, chosen = None, None
    for forecast in forecasts:
        error = np.zeros_like(amounts)
        error[1:] = amounts[1:] - forecast[:-1]
        total = np.cumsum(np.nan_to_num(error) ** 2, axis=0)[origins]
        at = forecast[origins]
        if least is None:
            least, chosen = total, at
        else:
            chosen, least = np.where(total < least, at, chosen), np.minimum(total, least)
    return chosen


def croston_sba(amounts: np.ndarray, origins: np.ndarray, horizon: int) -> np.ndarray:
    """Croston's (1972) size over interval with the correction of Syntetos and Boylan (2005)."""
    return _flat(_best(amounts, origins, [_croston(amounts, rate) for rate in RATES]), horizon)


def _croston(amounts: np.ndarray, rate: float) -> np.ndarray:
    nodes = amounts.shape[1]
    size, gap, since, met = np.zeros(nodes), np.ones(nodes), np.zeros(nodes), np.zeros(nodes)
    out = np.zeros_like(amounts)
    for period, row in enumerate(amounts):
        known = ~np.isnan(row)
        since += known
        sold = known & (np.nan_to_num(row) > 0)
        step = np.maximum(rate, 1.0 / (met + 1.0))
        size = np.where(sold, size + step * (np.nan_to_num(row) - size), size)
        gap = np.where(sold, gap + step * (since - gap), gap)
        since = np.where(sold, 0.0, since)
        met += sold
        out[period] = (1.0 - rate / 2.0) * size / gap
    return out


def tsb(amounts: np.ndarray, origins: np.ndarray, horizon: int) -> np.ndarray:
    """Teunter, Syntetos and Babai (2011): the chance of a sale is smoothed every period and fades when sales stop."""
    pairs = [(size, chance) for size in (0.1, 0.2) for chance in (0.03, 0.07, 0.15)]
    return _flat(_best(amounts, origins, [_tsb(amounts, *pair) for pair in pairs]), horizon)


def _tsb(amounts: np.ndarray, rate: float, chance_rate: float) -> np.ndarray:
    nodes = amounts.shape[1]
    size, chance, met, seen = np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros(nodes)
    out = np.zeros_like(amounts)
    for period, row in enumerate(amounts):
        known = ~np.isnan(row)
        sold = known & (np.nan_to_num(row) > 0)
        size = np.where(sold, size + np.maximum(rate, 1.0 / (met + 1.0)) * (np.nan_to_num(row) - size), size)
        change = np.maximum(chance_rate, 1.0 / (seen + 1.0)) * (sold - chance)
        chance = np.where(known, chance + change, chance)
        met += sold
        seen += known
        out[period] = size * chance
    return out


def _bucketed(amounts: np.ndarray, bucket: int, rate: float) -> np.ndarray:
    """Smoothed mean per period of buckets that end at each period: (periods, nodes)."""
    told = np.cumsum(~np.isnan(amounts), axis=0).astype("float64")
    total = np.cumsum(np.nan_to_num(amounts), axis=0)
    told[bucket:], total[bucket:] = told[bucket:] - told[:-bucket].copy(), total[bucket:] - total[:-bucket].copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(told > 0, total / told, np.nan)
    out, buckets = np.zeros_like(amounts), np.zeros_like(amounts)
    for period in range(len(amounts)):
        before = out[period - bucket] if period >= bucket else np.zeros(amounts.shape[1])
        count = buckets[period - bucket] if period >= bucket else np.zeros(amounts.shape[1])
        known = ~np.isnan(mean[period])
        step = np.maximum(rate, 1.0 / (count + 1.0))
        out[period] = np.where(known, before + step * (np.nan_to_num(mean[period]) - before), before)
        buckets[period] = count + known
    return out


def aggregated(amounts: np.ndarray, origins: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """ADIDA (Nikolopoulos et al. 2011) and IMAPA (Petropoulos and Kourentzes 2015).

    ADIDA smooths sums over buckets as long as the mean interval between sales; IMAPA averages all bucket lengths up
    to that.
    """
    interval = np.clip(np.ceil(mean_interval(amounts)[origins]), 1, LONGEST_BUCKET)
    adida, total = np.zeros(interval.shape), np.zeros(interval.shape)
    for bucket in range(1, min(LONGEST_BUCKET, int(interval.max(initial=1.0))) + 1):
        smoothed = _bucketed(amounts, bucket, 0.2)[origins]
        adida = np.where(interval == bucket, smoothed, adida)
        total += np.where(interval >= bucket, smoothed, 0.0)
    return _flat(adida, horizon), _flat(total / interval, horizon)


def mean_interval(amounts: np.ndarray) -> np.ndarray:
    """Observed periods per sale so far (ADI), (periods, nodes); infinite before the first sale."""
    told = np.cumsum(~np.isnan(amounts), axis=0)
    sold = np.cumsum(np.nan_to_num(amounts) > 0, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sold > 0, told / np.maximum(sold, 1), np.inf)
