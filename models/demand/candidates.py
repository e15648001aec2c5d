"""The candidates' forecasts at every origin, each made only from the periods up to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import boosted, intermittent, naive, smoothing
from .panel import Panel
from .settings import DemandSettings

NAIVE = "seasonal naive"
SMOOTHING, THETA, BOOSTED = "exponential smoothing", "theta", boosted.NAME
SBA, TSB, ADIDA, IMAPA = "Croston-SBA", "TSB", "ADIDA", "IMAPA"
MEANS = {window: f"mean of {window}" for window in naive.WINDOWS}

# The longer a mean, the less of it is chance.
_STEADIEST = (NAIVE, *(MEANS[window] for window in sorted(MEANS, reverse=True)))
_REGULAR = (*_STEADIEST, SMOOTHING, THETA, BOOSTED)
_RARE = (*_STEADIEST, SMOOTHING, SBA, TSB, ADIDA, IMAPA, BOOSTED)
# What each class may be served by, steadiest first: of two that judge the same the earlier one serves.
ALLOWED = {
    "smooth": _REGULAR,
    "erratic": (*_REGULAR, TSB, IMAPA),
    "intermittent": _RARE,
    "lumpy": _RARE,
    "short": (*_STEADIEST, SMOOTHING, BOOSTED),
}
BASELINES = _STEADIEST


@dataclass(frozen=True)
class Origins:
    """Origins (row numbers) oldest first, the last one being tonight's; `blocks` are the places of each refit.

    A block is (first place, last place + 1). The first block only warms up; the last holds tonight's origin alone.
    """

    at: np.ndarray
    blocks: list[tuple[int, int]]


def origins_of(panel: Panel, settings: DemandSettings) -> Origins:
    """Rolling origins of a panel: as many as its length allows, by weeks where periods are days."""
    last = panel.length - 1
    stride = 7 if panel.periods.frequency == "daily" else 1
    least = max(settings.short_periods, int(panel.length * (1 - settings.most_judged_share)))
    enough = -(-settings.wanted_errors // max(panel.clean.shape[1], 1))
    half = int(np.clip(enough, settings.half_origins, settings.most_half_origins))
    back = [last - stride * k for k in range(2 * half, 0, -1) if last - stride * k >= least]
    at = np.array([*back, last], dtype="int64")
    cuts = [0, *range(len(back) // 2, len(back), settings.refit_every), len(back)]
    blocks = [(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if b > a]
    return Origins(at, [*blocks, (len(back), len(back) + 1)])


def forecasts(panel: Panel, origins: Origins, horizon: int, settings: DemandSettings) -> dict[str, np.ndarray]:
    """Forecasts of every candidate, (origins, horizon, nodes) each; NaN where one does not serve a node.

    The baselines know of closed periods only that they bring nothing; the others learn from what full periods would
    have brought and forecast the share that is open.
    """
    at = origins.at
    baselines = {NAIVE: naive.seasonal(panel.clean, at, horizon, panel.season)}
    for window, name in MEANS.items():
        baselines[name] = naive.moving_means(panel.clean, at, horizon, window)
    if (panel.is_open == 1.0).all():
        return baselines | _models(panel, origins, horizon, settings)
    full = panel.clean / np.where(panel.is_open > 0, panel.is_open, np.nan)[: panel.length]
    is_open, made = panel.open_after(at, horizon), _models(replace(panel, clean=full), origins, horizon, settings)
    baselines = {name: forecast * (is_open > 0) for name, forecast in baselines.items()}
    return baselines | {name: forecast * is_open for name, forecast in made.items()}


def _models(panel: Panel, origins: Origins, horizon: int, settings: DemandSettings) -> dict[str, np.ndarray]:
    amounts, at, made = panel.clean, origins.at, {}
    made[SMOOTHING] = smoothing.exponential(amounts, at, horizon, panel.season)
    made[THETA] = smoothing.theta(amounts, at, horizon, panel.season)
    made[SBA] = intermittent.croston_sba(amounts, at, horizon)
    made[TSB] = intermittent.tsb(amounts, at, horizon)
    made[ADIDA], made[IMAPA] = intermittent.aggregated(amounts, at, horizon)
    if settings.boosted:
        model = boosted.Boosted(panel, horizon, settings)
        parts = [model.forecast(model.fit(int(at[first])), at[first:end]) for first, end in origins.blocks]
        made[BOOSTED] = np.concatenate(parts)
    return made


def known_actual(panel: Panel, origins: Origins, horizon: int) -> np.ndarray:
    """What happened after each origin, (origins, horizon, nodes); NaN where not observed or still to come."""
    target = origins.at[:, None] + np.arange(1, horizon + 1)
    inside = target < panel.length
    return np.where(inside[..., None], panel.actual[np.minimum(target, panel.length - 1)], np.nan)
