"""Exponential smoothing and theta of thousands of series at once, at every origin.

The recursions run over the periods with all series side by side, once per set of parameters of a grid; the set with
the smallest error so far is each series' own at each origin. That is what fitting by least squares one step ahead
does, without a search per series: a thousand times faster than one series at a time, and the origins come for free.
Hyndman, Koehler, Ord and Snyder (2008): states in error-correction form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

ALPHAS = (0.03, 0.07, 0.13, 0.2, 0.3, 0.45, 0.65, 0.9)
# (share of alpha that the trend takes, damping); none and two speeds.
TRENDS = ((0.0, 0.0), (0.05, 0.95), (0.2, 0.85))
SEASONAL_ALPHAS = (0.03, 0.1, 0.2, 0.4, 0.7)
GAMMAS = (0.03, 0.1, 0.25)
# Longer seasons than this have more states than a series has news of them.
LONGEST_SEASON = 24


@dataclass(frozen=True)
class _Set:
    """One set of parameters. kind: "" (no season), "add" or "multiply"."""

    alpha: float
    beta: float
    damping: float
    gamma: float = 0.0
    kind: str = ""

    def count(self, season: int) -> int:
        """Parameters and starting states, for the penalty of AICc."""
        return 2 + (3 if self.damping else 0) + (1 + season if self.kind else 0)


def _sets(season: int, seasonal: bool) -> Iterator[_Set]:
    for alpha in ALPHAS:
        for beta, damping in TRENDS:
            yield _Set(alpha, beta, damping)
    if not seasonal:
        return
    for kind in ("add", "multiply"):
        for alpha in SEASONAL_ALPHAS:
            for beta, damping in TRENDS:
                for gamma in GAMMAS:
                    yield _Set(alpha, beta, damping, gamma, kind)


def _run(amounts: np.ndarray, given: _Set, season: int, origins: np.ndarray) -> Iterator[tuple[int, tuple]]:
    """States after each origin: (place of the origin, (squared error, count, level, trend, seasonal states))."""
    nodes = amounts.shape[1]
    level, trend, total, count = np.zeros(nodes), np.zeros(nodes), np.zeros(nodes), np.zeros(nodes)
    seasonal = np.full((season, nodes), 1.0 if given.kind == "multiply" else 0.0) if given.kind else None
    wanted = {int(origin): place for place, origin in enumerate(origins)}
    for period, row in enumerate(amounts[: int(origins.max()) + 1]):
        known = ~np.isnan(row)
        value = np.where(known, row, 0.0)
        base = level + given.damping * trend if given.damping else level
        now = seasonal[period % season] if seasonal is not None else None
        expected = base if now is None else base + now if given.kind == "add" else base * now
        error = np.where(known, value - expected, 0.0)
        # A mean of all so far until it is steadier than the smoothing itself: no starting value to guess.
        step = np.maximum(given.alpha, 1.0 / (count + 1.0))
        divided = error if given.kind != "multiply" else error / np.maximum(now, 0.05)
        level = base + step * divided
        if given.damping:
            trend = given.damping * trend + np.where(count >= 3, given.alpha * given.beta, 0.0) * divided
        if now is not None:
            rate = np.maximum(given.gamma, 0.5 / (count // season + 1.0))
            if given.kind == "add":
                seasonal[period % season] = now + rate * error
            else:
                ratio = error / np.maximum(np.abs(base), 1e-9)
                seasonal[period % season] = np.where(base > 0, np.clip(now + rate * ratio, 0.02, 50.0), now)
        # The first season teaches the seasonal states; its errors say nothing about the set of parameters.
        judged = known & (count >= max(4, 2 * season if given.kind else 4))
        total += np.where(judged, error * error, 0.0)
        count += known
        if period in wanted:
            yield wanted[period], (total, count, level, trend, seasonal)


def exponential(amounts: np.ndarray, origins: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Forecasts (origins, horizon, nodes) of exponential smoothing; level, damped trend and season by AICc.

    `amounts` is (periods, nodes) with NaN where unknown; an origin is the row number of the last period known.
    Seasons longer than 24 periods are left to other models.
    """
    nodes, length = amounts.shape[1], int(origins.max()) + 1
    seasonal = 1 < season <= LONGEST_SEASON and length >= 3 * season
    best = np.full((len(origins), nodes), np.inf)
    out = np.zeros((len(origins), horizon, nodes))
    ahead = np.arange(1, horizon + 1)[:, None]
    start = 2 * season if seasonal else 4
    for given in _sets(season, seasonal):
        damped = np.cumsum(given.damping ** np.arange(1, horizon + 1))[:, None] if given.damping else 0.0
        for place, (total, count, level, trend, states) in _run(amounts, given, season, origins):
            judged = np.maximum(count - (2 * season if given.kind else 4), 0)
            parameters = given.count(season)
            free = judged - parameters - 1
            with np.errstate(divide="ignore", invalid="ignore"):
                score = np.log(total / judged) + 2 * parameters / judged * (judged / np.maximum(free, 0.5))
            score = np.where(judged >= 2, np.where(total > 0, score, -np.inf), np.inf)
            if given == _Set(ALPHAS[3], *TRENDS[0]):  # what serves a series too short to choose for
                score = np.where(np.isinf(best[place]) & (judged < 2), 1e300, score)
            if given.kind:
                score = np.where((free > 0) & (count >= 3 * season), score, np.inf)
            better = score < best[place]
            if not better.any():
                continue
            best[place] = np.where(better, score, best[place])
            forecast = level + damped * trend if given.damping else np.broadcast_to(level, (horizon, nodes))
            if given.kind:
                turn = states[(int(origins[place]) + ahead[:, 0]) % season]
                forecast = forecast + turn if given.kind == "add" else forecast * turn
            out[place] = np.where(better, forecast, out[place])
    return np.maximum(out, 0.0) if start else out


def theta(amounts: np.ndarray, origins: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Forecasts (origins, horizon, nodes) of the theta method: smoothing with half of the line's slope as drift.

    Assimakopoulos and Nikolopoulos (2000) in the form of Hyndman and Billah (2003); the season is taken out first by
    ratios to the moving mean where it is clear, and put back.
    """
    if not 1 < season <= LONGEST_SEASON:
        return np.maximum(_theta(amounts, origins, horizon), 0.0)
    out = np.empty((len(origins), horizon, amounts.shape[1]))
    for place, origin in enumerate(origins):
        known = amounts[: origin + 1]
        index = _indices(known, season)
        flat = _theta(known / index[np.arange(origin + 1) % season], np.array([origin]), horizon)[0]
        out[place] = flat * index[(origin + np.arange(1, horizon + 1)) % season]
    return np.maximum(out, 0.0)


def _theta(amounts: np.ndarray, origins: np.ndarray, horizon: int) -> np.ndarray:
    nodes = amounts.shape[1]
    best = np.full((len(origins), nodes), np.inf)
    level, alpha = np.zeros((len(origins), nodes)), np.full((len(origins), nodes), ALPHAS[3])
    for rate in ALPHAS:
        for place, (total, count, state, _, _) in _run(amounts, _Set(rate, 0.0, 0.0), 1, origins):
            better = np.where(count >= 6, total, np.inf if rate != ALPHAS[3] else 1e300) < best[place]
            best[place] = np.where(better, total, best[place])
            level[place] = np.where(better, state, level[place])
            alpha[place] = np.where(better, rate, alpha[place])
    known = ~np.isnan(amounts)
    time = np.cumsum(known, axis=0) - 1.0
    value = np.where(known, amounts, 0.0)
    when = np.where(known, time, 0.0)
    n, x, y, xy, xx = (np.cumsum(a, axis=0)[origins] for a in (known, when, value, when * value, when * when))
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(n >= 6, (n * xy - x * y) / (n * xx - x * x), 0.0)
    start = (1.0 - (1.0 - alpha) ** np.maximum(n, 1)) / alpha
    ahead = np.arange(horizon)[None, :, None]
    return level[:, None] + 0.5 * np.nan_to_num(slope)[:, None] * (ahead + start[:, None])


def _indices(known: np.ndarray, season: int) -> np.ndarray:
    """Multiplicative seasonal indices (season, nodes) by the row number modulo the season; ones where unclear."""
    length, nodes = known.shape
    ones = np.ones((season, nodes))
    if length < 3 * season:
        return ones
    told = ~np.isnan(known)
    value = np.where(told, known, 0.0)
    window = season + 1 - season % 2
    weights = np.ones(window)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    half = window // 2
    over = np.zeros((length - 2 * half, nodes))
    share = np.zeros_like(over)
    for lag, weight in enumerate(weights):
        over += weight * value[lag : lag + len(over)]
        share += weight * told[lag : lag + len(over)]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(share > 0.7 * season, over / share, np.nan)
        ratio = np.where(told[half:-half] & (mean > 0), value[half:-half] / mean, np.nan)
    place = (np.arange(len(ratio)) + half) % season
    index, spread, count = ones.copy(), np.zeros((season, nodes)), np.zeros((season, nodes))
    for turn in range(season):
        part = ratio[place == turn]
        n = (~np.isnan(part)).sum(axis=0)
        index[turn] = np.where(n > 0, np.nansum(part, axis=0) / np.maximum(n, 1), np.nan)
        spread[turn] = np.nansum((part - index[turn]) ** 2, axis=0)
        count[turn] = n
    index = index / np.maximum(np.mean(index, axis=0), 1e-9)
    # F test of the season at about 1 in 20: the variance between the turns over that within them.
    within = spread.sum(axis=0) / np.maximum(count.sum(axis=0) - season, 1)
    between = (count * (index - 1.0) ** 2).sum(axis=0) / (season - 1)
    clear = (count.min(axis=0) >= 2) & (between > 2.5 * within) & np.isfinite(index).all(axis=0)
    return np.where(clear, np.clip(index, 0.05, 20.0), 1.0)
