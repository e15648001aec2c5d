"""Exponential smoothing and theta of thousands of series at once, at every origin.

The recursions run over the periods with all series side by side, once per set of parameters of a grid; the set with
the smallest error so far is each series' own at each origin. That is what fitting by least squares one step ahead
does, without a search per series, and the origins come for free.
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
# Numbers worked on at once: enough that the loop over periods costs little, few enough for the cache.
_BATCH = 20_000
_LAST_RESORT = 1e300


@dataclass(frozen=True)
class _Sets:
    """Sets of parameters of one kind side by side, (sets, 1) each. kind: "" (no season), "add" or "multiply"."""

    alpha: np.ndarray
    beta: np.ndarray
    damping: np.ndarray
    gamma: np.ndarray
    kind: str = ""

    def count(self, season: int) -> np.ndarray:
        """Parameters and starting states of each set, (sets, 1), for the penalty of AICc."""
        return 2 + 3 * (self.damping > 0) + (1 + season if self.kind else 0)


def _sets(nodes: int, seasonal: bool) -> Iterator[_Sets]:
    """The grid, in batches that stay in the processor's cache."""
    grids = {"": [(a, *trend, 0.0) for a in ALPHAS for trend in TRENDS]}
    if seasonal:
        some = [(a, *trend, g) for a in SEASONAL_ALPHAS for trend in TRENDS for g in GAMMAS]
        grids |= {"add": some, "multiply": some}
    size = max(_BATCH // max(nodes, 1), 1)
    for kind, grid in grids.items():
        for first in range(0, len(grid), size):
            yield _Sets(*(np.array(column)[:, None] for column in zip(*grid[first : first + size], strict=True)), kind)


def _run(amounts: np.ndarray, given: _Sets, season: int, origins: np.ndarray) -> Iterator[tuple[int, tuple]]:
    """States after each origin: (place of the origin, (squared error, count of it, periods, level, trend, season)).

    Arrays are (sets, nodes); the counts (nodes,); the seasonal states (season, sets, nodes).
    """
    shape = (len(given.alpha), amounts.shape[1])
    level, trend, total = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    judged, count = np.zeros(shape[1]), np.zeros(shape[1])
    seasonal = np.full((season, *shape), 1.0 if given.kind == "multiply" else 0.0) if given.kind else None
    # The first periods teach the states; their errors say nothing about the set of parameters.
    warm = 2 * season if given.kind else 4
    damped, trend_rate = bool((given.damping > 0).any()), given.alpha * given.beta
    wanted = {int(origin): place for place, origin in enumerate(origins)}
    for period, row in enumerate(amounts[: int(origins.max()) + 1]):
        known = ~np.isnan(row)
        base = level + given.damping * trend if damped else level
        now = seasonal[period % season] if seasonal is not None else None
        expected = base if now is None else base + now if given.kind == "add" else base * now
        error = np.where(known, row - expected, 0.0)
        # A mean of all so far until it is steadier than the smoothing itself: no starting value to guess.
        step = np.maximum(given.alpha, 1.0 / (count + 1.0))
        divided = error if given.kind != "multiply" else error / np.maximum(now, 0.05)
        level = base + step * divided
        if damped:
            trend = given.damping * trend + trend_rate * (count >= 3) * divided
        if now is not None:
            rate = np.maximum(given.gamma, 0.5 / (count // season + 1.0))
            if given.kind == "add":
                seasonal[period % season] = now + rate * error
            else:
                ratio = error / np.maximum(np.abs(base), 1e-9)
                seasonal[period % season] = np.where(base > 0, np.clip(now + rate * ratio, 0.02, 50.0), now)
        late = known & (count >= warm)
        total += np.where(late, error * error, 0.0)
        judged += late
        count += known
        if period in wanted:
            yield wanted[period], (total, judged, count, level, trend, seasonal)


def exponential(amounts: np.ndarray, origins: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Forecasts (origins, horizon, nodes) of exponential smoothing; level, damped trend and season by AICc.

    `amounts` is (periods, nodes) with NaN where unknown; an origin is the row number of the last period known.
    Seasons longer than 24 periods are left to other models.
    """
    nodes, length = amounts.shape[1], int(origins.max()) + 1
    seasonal = 1 < season <= LONGEST_SEASON and length >= 3 * season
    best = np.full((len(origins), nodes), np.inf)
    out = np.zeros((len(origins), horizon, nodes))
    everyone = np.arange(nodes)
    for given in _sets(nodes, seasonal):
        parameters = given.count(season)
        for place, (total, judged, count, level, trend, states) in _run(amounts, given, season, origins):
            score = _aicc(total, judged, parameters)
            if given.kind:
                score = np.where((judged > parameters + 1) & (count >= 3 * season), score, np.inf)
            else:  # what serves a series too short to choose for
                usual = (given.alpha == ALPHAS[3]) & (given.damping == 0)
                score = np.where(judged >= 2, score, np.where(usual, _LAST_RESORT, np.inf))
            chosen = np.argmin(score, axis=0)
            least = score[chosen, everyone]
            better = np.flatnonzero(least < best[place])
            if not len(better):
                continue
            best[place, better], one = least[better], chosen[better]
            turns = np.cumsum(given.damping[one, 0] ** np.arange(1, horizon + 1)[:, None], axis=0)
            forecast = level[one, better] + turns * trend[one, better]
            if states is not None:
                turn = states[(int(origins[place]) + np.arange(1, horizon + 1)) % season][:, one, better]
                forecast = forecast + turn if given.kind == "add" else forecast * turn
            out[place][:, better] = forecast
    return np.maximum(out, 0.0)


def _aicc(total: np.ndarray, judged: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """AICc per judged period, which compares sets judged on different numbers of them; (sets, nodes)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.log(total / judged) + 2 * parameters / np.maximum(judged - parameters - 1, 0.5)
    return np.where(total > 0, score, -1e9 + parameters)


def theta(amounts: np.ndarray, origins: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Forecasts (origins, horizon, nodes) of the theta method: smoothing with half of the line's slope as drift.

    Assimakopoulos and Nikolopoulos (2000) in the form of Hyndman and Billah (2003); the season is taken out first by
    ratios to the moving mean where it is clear, and put back.
    """
    if not 1 < season <= LONGEST_SEASON:
        return np.maximum(_theta(amounts, origins, horizon), 0.0)
    nodes = amounts.shape[1]
    out = np.empty((len(origins), horizon, nodes))
    together = max(_BATCH // max(nodes, 1), 1)  # each origin has seasonal figures, and so amounts, of its own
    for first in range(0, len(origins), together):
        some = origins[first : first + together]
        flat, back = np.full((int(some.max()) + 1, len(some), nodes), np.nan), []
        for place, origin in enumerate(some):
            index = _indices(amounts[: origin + 1], season)
            flat[: origin + 1, place] = amounts[: origin + 1] / index[np.arange(origin + 1) % season]
            back.append(index[(origin + np.arange(1, horizon + 1)) % season])
        made = _theta(flat.reshape(len(flat), -1), some, horizon).reshape(len(some), horizon, len(some), nodes)
        own = np.arange(len(some))
        out[first : first + together] = made[own, :, own] * np.stack(back)
    return np.maximum(out, 0.0)


def _theta(amounts: np.ndarray, origins: np.ndarray, horizon: int) -> np.ndarray:
    nodes = amounts.shape[1]
    best = np.full((len(origins), nodes), np.inf)
    level, alpha = np.zeros((len(origins), nodes)), np.full((len(origins), nodes), ALPHAS[3])
    zero = np.zeros((1, 1))
    size = max(_BATCH // max(nodes, 1), 1)
    for first in range(0, len(ALPHAS), size):
        rates = np.array(ALPHAS[first : first + size])[:, None]
        given = _Sets(rates, zero, zero, zero)
        for place, (total, judged, _, state, _, _) in _run(amounts, given, 1, origins):
            score = np.where(judged >= 2, total, np.where(rates == ALPHAS[3], _LAST_RESORT, np.inf))
            chosen = np.argmin(score, axis=0)
            least = np.min(score, axis=0)
            better = np.flatnonzero(least < best[place])
            best[place, better], one = least[better], chosen[better]
            level[place, better], alpha[place, better] = state[one, better], rates[one, 0]
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
