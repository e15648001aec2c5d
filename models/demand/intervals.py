"""Intervals from out-of-time errors (split conformal, Vovk et al. 2005), in each series' own recent spread.

Errors of the served, coherent forecasts at older origins, known by the origin, are pooled over the nodes of a level
and class, for each horizon. Where a tenth and more of a group's periods bring nothing, zero itself is the lower
tenth: the interval then begins at zero and ends where 80 % (95 %) lie below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .choose import Choice, Rolled, serve
from .features import window
from .panel import Panel
from .settings import DemandSettings

SHARES = (0.80, 0.95)
# Periods that a series' recent spread is made of.
RECENT = 26
# Errors older than this many origins of the newest count half as much, and so on.


@dataclass(frozen=True)
class Errors:
    """Errors in spreads at older origins, (origins, horizon, nodes), and whether nothing was sold."""

    scaled: np.ndarray
    nothing: np.ndarray


def spreads(panel: Panel, origins: np.ndarray) -> np.ndarray:
    """Recent spread of each node at each origin, (origins, nodes): the usual error of a mean, never quite zero."""
    out = np.empty((len(origins), panel.clean.shape[1]))
    for place, origin in enumerate(origins):
        recent = window(panel.clean, int(origin), RECENT)
        told = ~np.isnan(recent)
        count = np.maximum(told.sum(axis=0), 1)
        mean = np.where(told, recent, 0.0).sum(axis=0) / count
        around = np.where(told, (recent - mean) ** 2, 0.0).sum(axis=0) / count
        ever = np.nan_to_num(panel.scale[origin])
        out[place] = np.sqrt(0.7 * around + 0.15 * ever + 1e-4 * mean**2)
    return out


def errors(known: np.ndarray, served: np.ndarray, spread: np.ndarray) -> Errors:
    """Errors in spreads; NaN where nothing is known or the spread is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = (known - served) / np.where(spread > 0, spread, np.nan)[:, None, :]
    return Errors(scaled, np.where(np.isnan(scaled), np.nan, known == 0))


def quantile(values: np.ndarray, share: float) -> float:
    """The conformal quantile: the ceil((n + 1) share)-th smallest of n for shares over a half, mirrored below."""
    if share < 0.5:
        return -quantile(-values, 1.0 - share)
    place = min(int(np.ceil((len(values) + 1) * share - 1e-9)), len(values))
    return float(np.partition(values, place - 1)[place - 1])


def _limits(scaled: np.ndarray, nothing: np.ndarray, share: float) -> tuple[float, float]:
    """Lower and upper limit in spreads; the lower is -inf where zero is itself in the lower tail."""
    tail = (1.0 - share) / 2
    if nothing.mean() >= tail:
        return -np.inf, quantile(scaled, share)
    return quantile(scaled, tail), quantile(scaled, 1.0 - tail)


def limits(past: Errors, groups: list[np.ndarray], horizon: int, settings: DemandSettings) -> np.ndarray:
    """(shares, 2, horizon) lower and upper limits in spreads; groups are nodes, the closest first, wider after."""
    out = np.empty((len(SHARES), 2, horizon))
    for ahead in range(horizon):
        scaled, nothing = _pool(past, groups, ahead, settings.least_residuals)
        for place, share in enumerate(SHARES):
            out[place, :, ahead] = _limits(scaled, nothing, share) if len(scaled) else (-np.inf, np.nan)
    return out


def _pool(past: Errors, groups: list[np.ndarray], ahead: int, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Errors of the closest group that has enough of this horizon, else of neighbouring horizons, else of a wider."""
    reach = past.scaled.shape[1]
    for nodes in groups:
        for near in (0, 1, 2, reach):
            ahead_of = slice(max(ahead - near, 0), ahead + near + 1)
            scaled, nothing = past.scaled[:, ahead_of][..., nodes], past.nothing[:, ahead_of][..., nodes]
            told = ~np.isnan(scaled)
            if told.sum() >= least:
                return scaled[told], nothing[told]
    scaled, nothing = past.scaled[~np.isnan(past.scaled)], past.nothing[~np.isnan(past.scaled)]
    return scaled, nothing


def around(
    rolled: Rolled, classes: np.ndarray, past: Errors, served: np.ndarray, spread: np.ndarray, settings: DemandSettings
) -> np.ndarray:
    """Bounds (shares, 2, horizon, nodes) around forecasts (horizon, nodes) with spreads (nodes,); lower >= 0.

    Without any known error the interval is the forecast plus and minus the spread times the root of the horizon
    (the rule of the random walk), times 1.28 and 1.96.
    """
    tree = rolled.panel.tree
    horizon, nodes = served.shape
    out = np.empty((len(SHARES), 2, horizon, nodes))
    walk = spread * np.sqrt(np.arange(1, horizon + 1))[:, None]
    for level in range(len(tree.levels)):
        for name in np.unique(classes[tree.level == level]):
            mine = np.flatnonzero((tree.level == level) & (classes == name))
            wider = [mine]
            if level:
                wider.append(np.flatnonzero(tree.level >= max(level - 1, 1)))
                wider.append(np.flatnonzero(tree.level >= 1))
            wider.append(np.flatnonzero(classes == name))
            told = limits(past, wider, horizon, settings)
            for place in range(len(SHARES)):
                for side in range(2):
                    limit = told[place, side][:, None]
                    width = np.where(np.isnan(limit), (-1, 1)[side] * (1.28, 1.96)[place], 0.0) * walk[:, mine]
                    with np.errstate(invalid="ignore"):
                        moved = np.where(np.isnan(limit), width, limit * spread[mine])
                    moved = np.where(np.isnan(moved), 0.0, moved)
                    out[place, side][:, mine] = served[:, mine] + moved
    out[:, 0] = np.clip(np.minimum(out[:, 0], served), 0.0, None)
    out[:, 1] = np.maximum(out[:, 1], served)
    for place in range(1, len(SHARES)):  # the wider holds the narrower
        out[place, 0] = np.minimum(out[place, 0], out[place - 1, 0])
        out[place, 1] = np.maximum(out[place, 1], out[place - 1, 1])
    return out


def bounds(
    rolled: Rolled, choice: Choice, place: int, served: np.ndarray, cap: np.ndarray, settings: DemandSettings
) -> np.ndarray:
    """Bounds (shares, 2, horizon, nodes) around what is served at an origin, from errors known by then."""
    spread = rolled.spread
    past = serve(rolled, choice, 0, place, cap) if place else rolled.actual[:0]
    known = errors(rolled.known_at(place), past, spread[:place])
    return around(rolled, choice.classes, known, served, spread[place], settings)
