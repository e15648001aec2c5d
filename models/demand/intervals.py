"""Intervals from out-of-time errors (split conformal, Vovk et al. 2005), in each series' own recent spread.

Errors of the served, coherent forecasts at older origins, known by the origin, are pooled over the nodes of a level
and class, for each horizon. Where a tenth and more of a group's periods bring nothing, zero itself is the lower
tenth: the interval then begins at zero and ends where 80 % (95 %) lie below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np

from .choose import Choice, Rolled, serve
from .features import window
from .panel import Panel
from .settings import DemandSettings

SHARES = (0.80, 0.95)
# Shares at which bounds are worked out, to find the one that covered as often as intended.
GRID = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995)
# Periods that a series' recent spread is made of.
RECENT = 26
# Up to so many nodes each is told by its own errors first.
FEW = 100
# Judged horizons that do not overlap, of which half the correction is believed.
BELIEVED = 2.0
# Judged origins after which one counts half as much: errors grow and shrink with the season.
HALF_LIFE = 4.0
# Amounts of a tier from which its own coverage is read.
LEAST_COVERED = 300


@dataclass(frozen=True)
class Errors:
    """Errors in spreads at older origins, (origins, horizon, nodes), and whether nothing was sold.

    windows: how often the horizon fits between the first and the last of them. Errors of overlapping windows repeat one
    another, so a node tells no more independent ones than that.
    """

    scaled: np.ndarray
    nothing: np.ndarray
    windows: float = np.inf


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


def errors(known: np.ndarray, served: np.ndarray, spread: np.ndarray, windows: float = np.inf) -> Errors:
    """Errors in spreads; NaN where nothing is known or the spread is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = (known - served) / np.where(spread > 0, spread, np.nan)[:, None, :]
    return Errors(scaled, np.where(np.isnan(scaled), np.nan, known == 0), windows)


def quantile(values: np.ndarray, share: float, independent: float = np.inf) -> float:
    """The conformal quantile of n sorted values: the ceil((n + 1) share)-th for shares over a half, else mirrored.

    independent: how many of them there are where they repeat one another; the share is then raised as for so few.
    """
    count = len(values)
    alike = min(independent, count)
    upper = max(share, 1.0 - share)
    place = min(int(np.ceil(min((alike + 1) / alike * upper, 1.0) * count - 1e-9)), count)
    return float(values[place - 1] if share > 0.5 else values[count - place])


def _limits(scaled: np.ndarray, nothing: float, share: float, independent: float) -> tuple[float, float]:
    """Lower and upper limit in spreads; the lower is -inf where zero is itself in the lower tail."""
    tail = (1.0 - share) / 2
    if nothing >= tail:
        return -np.inf, quantile(scaled, share, independent)
    return quantile(scaled, tail, independent), quantile(scaled, 1.0 - tail, independent)


def limits(past: Errors, groups: list[np.ndarray], horizon: int, settings: DemandSettings) -> np.ndarray:
    """(grid, 2, horizon) lower and upper limits in spreads; groups are nodes, the closest first, wider after."""
    out = np.empty((len(GRID), 2, horizon))
    for ahead in range(horizon):
        scaled, nothing, nodes = _pool(past, groups, ahead, settings.least_residuals)
        scaled, share_of_nothing = np.sort(scaled), float(nothing.mean()) if len(nothing) else 0.0
        independent = max(past.windows, 1.0) * max(nodes, 1)
        for place, share in enumerate(GRID):
            told = _limits(scaled, share_of_nothing, share, independent) if len(scaled) else np.nan
            out[place, :, ahead] = told
    return out


def _pool(past: Errors, groups: list[np.ndarray], ahead: int, least: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Errors of the closest group that has enough of this horizon, else of neighbouring horizons, else of a wider.

    With them, whether nothing was sold, and the number of nodes that they come from.
    """
    reach = past.scaled.shape[1]
    for nodes in groups:
        for near in (0, 1, 2, reach):
            ahead_of = slice(max(ahead - near, 0), ahead + near + 1)
            scaled, nothing = past.scaled[:, ahead_of][..., nodes], past.nothing[:, ahead_of][..., nodes]
            told = ~np.isnan(scaled)
            if told.sum() >= least:
                return scaled[told], nothing[told], int(told.any(axis=(0, 1)).sum())
    told = ~np.isnan(past.scaled)
    return past.scaled[told], past.nothing[told], int(told.any(axis=(0, 1)).sum())


def around(
    rolled: Rolled, classes: np.ndarray, past: Errors, served: np.ndarray, spread: np.ndarray, settings: DemandSettings
) -> np.ndarray:
    """Bounds (grid, 2, horizon, nodes) around forecasts (horizon, nodes) with spreads (nodes,); lower >= 0.

    Without any known error the interval is the forecast plus and minus the spread times the root of the horizon
    (the rule of the random walk), times the quantile of the normal distribution.
    """
    horizon, nodes = served.shape
    out = np.empty((len(GRID), 2, horizon, nodes))
    walk = np.sqrt(np.arange(1, horizon + 1)) * np.array([NormalDist().inv_cdf((1 + s) / 2) for s in GRID])[:, None]
    for mine, wider in _groups(rolled, classes):
        told = limits(past, wider, horizon, settings)
        for side, sign in enumerate((-1.0, 1.0)):
            limit = np.where(np.isnan(told[:, side]), sign * walk, told[:, side])[..., None]
            with np.errstate(invalid="ignore"):
                moved = np.nan_to_num(limit * spread[mine], nan=0.0, posinf=0.0)  # -inf times no spread is nothing
            out[:, side][..., mine] = served[:, mine] + moved
    out[:, 0] = np.clip(np.minimum(out[:, 0], served), 0.0, None)
    out[:, 1] = np.maximum(out[:, 1], served)
    out[:, 0] = np.minimum.accumulate(out[:, 0], axis=0)  # the wider holds the narrower
    out[:, 1] = np.maximum.accumulate(out[:, 1], axis=0)
    return out


def _groups(rolled: Rolled, classes: np.ndarray) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Nodes that share their limits, and whose errors these are read from: the closest first, wider after.

    Of a few series, which have many origins, each has enough errors of its own.
    """
    tree = rolled.panel.tree
    for level in range(len(tree.levels)):
        for name in np.unique(classes[tree.level == level]):
            mine = np.flatnonzero((tree.level == level) & (classes == name))
            wider = [mine]
            if level:
                wider += [np.flatnonzero(tree.level >= max(level - 1, 1)), np.flatnonzero(tree.level >= 1)]
            wider.append(np.flatnonzero(classes == name))
            if len(classes) > FEW:
                yield mine, wider
            else:
                yield from ((node, [node, *wider]) for node in mine[:, None])


def grid(rolled: Rolled, choice: Choice, place: int, served: np.ndarray, cap: np.ndarray, settings: DemandSettings):
    """Bounds (grid, 2, horizon, nodes) around what is served at an origin, from errors known by then."""
    past = serve(rolled, choice, 0, place, cap) if place else rolled.actual[:0]
    span = float(rolled.origins.at[place] - rolled.origins.at[0]) if place else 0.0
    known = errors(rolled.known_at(place), past, rolled.spread[:place], span / rolled.actual.shape[1])
    return around(rolled, choice.classes, known, served, rolled.spread[place], settings)


@dataclass
class Covered:
    """How often bounds of each share of the grid held at judged origins, as it was known at later ones.

    Conformal bounds assume that tomorrow errs like yesterday; where errors grow or shrink, those of the last weeks
    say by how much. So the share that covered 80 % there is asked for in place of 80 %.
    """

    rolled: Rolled
    judged: list[tuple[int, np.ndarray]] = field(default_factory=list)

    def add(self, place: int, bounds: np.ndarray) -> None:
        """Note the bounds of a judged origin: (grid, 2, horizon, nodes)."""
        actual = self.rolled.actual[place]
        within = (actual >= bounds[:, 0]) & (actual <= bounds[:, 1])
        self.judged.append((place, within))

    def at(self, place: int, bounds: np.ndarray) -> np.ndarray:
        """Bounds (shares, 2, horizon, nodes) that cover as intended by what is known at the origin of `place`."""
        out = np.empty((len(SHARES), *bounds.shape[1:]))
        tier = np.minimum(self.rolled.panel.tree.level, 1)
        for above in (0, 1):
            curve, count = self._curve(place, tier == above)
            for where, share in enumerate(SHARES):
                asked = share
                if count:
                    needed = float(np.interp(share, np.maximum.accumulate(curve), GRID))
                    asked = share + (needed - share) * count / (count + BELIEVED)
                high = min(int(np.searchsorted(GRID, asked)), len(GRID) - 1)
                low = max(high - 1, 0)
                part = (asked - GRID[low]) / (GRID[high] - GRID[low]) if high > low else 1.0
                mixed = bounds[low] + np.clip(part, 0.0, 1.0) * (bounds[high] - bounds[low])
                out[where][..., tier == above] = mixed[..., tier == above]
        return out

    def _curve(self, place: int, mine: np.ndarray) -> tuple[np.ndarray, float]:
        """Share covered by each share of the grid and how many separate horizons say so; 0 where too few."""
        at = self.rolled.origins.at
        inside, total, origins, amounts = np.zeros(len(GRID)), 0.0, 0.0, 0
        for other, within in self.judged:
            reach = min(int(at[place] - at[other]), within.shape[1])
            if other >= place or reach < 1:
                continue
            told = ~np.isnan(self.rolled.actual[other][:reach]) & mine
            weight = 0.5 ** ((place - other - 1) / HALF_LIFE)
            inside += weight * within[:, :reach][:, told].sum(axis=1)
            total += weight * told.sum()
            origins += weight
            amounts += int(told.sum())
        if len(at) > 1:
            origins *= min(float(at[-1] - at[-2]) / self.rolled.actual.shape[1], 1.0)
        return (inside / total, origins) if amounts >= LEAST_COVERED else (inside, 0.0)
