"""Intervals from out-of-time errors (split conformal, Vovk et al. 2005), in each series' own recent spread.

Errors of the served, coherent forecasts at older origins, known by the origin, are pooled over the nodes of a level
and class, for each horizon. Where a tenth and more of a node's own periods bring nothing, zero itself is its lower
tenth: the interval then begins at zero and ends where 80 % (95 %) lie below, as read from nodes of that kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import NormalDist

import numpy as np

from .choose import Choice, Rolled, serve
from .features import window
from .panel import Panel
from .quantiles import Errors, Told, errors, first_that_tells, told
from .settings import DemandSettings

SHARES = (0.80, 0.95)
# Shares at which bounds are worked out, to find the one that covered as often as intended.
GRID = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995)
# Periods that a series' recent spread is made of.
RECENT = 26
# Up to so many nodes, which have many origins, each is told by its own errors first.
FEW = 100
# Newest periods of a node that say how often it brings nothing, and how many of them are enough to say so.
TOLD, ENOUGH = 52, 12


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


def nothing(panel: Panel, origins: np.ndarray) -> np.ndarray:
    """Share of each node's newest periods that brought nothing, as known at each origin: (origins, nodes).

    0 where too few periods are known to say so.
    """
    out = np.empty((len(origins), panel.actual.shape[1]))
    for place, origin in enumerate(origins):
        recent = window(panel.actual, int(origin), TOLD)
        count = (~np.isnan(recent)).sum(axis=0)
        out[place] = np.where(count >= ENOUGH, (recent == 0).sum(axis=0) / np.maximum(count, 1), 0.0)
    return out


class Limits:
    """Lower and upper limits in spreads, from past errors of groups of nodes; what was read once is kept.

    Arrays are (kind, 2, grid, horizon, cells); of the two kinds the first has the miss on both sides, the second all
    of it above (its lower limits are -inf).
    """

    def __init__(self, past: Errors, settings: DemandSettings) -> None:
        self.past, self.least = past, settings.least_residuals
        shares = np.array(GRID)
        self._sides = np.stack([np.stack([(1.0 - shares) / 2, upper]) for upper in ((1.0 + shares) / 2, shares)])
        self._read: dict[tuple[bytes, bool], Told] = {}

    def of(self, nodes: np.ndarray, apart: bool = False) -> Told:
        """What the errors of some nodes tell, together or (`apart`) of each alone."""
        key = (nodes.tobytes(), apart)
        if key not in self._read:
            self._read[key] = told(self.past, nodes, self._sides, self.least, apart)
        return self._read[key]

    def first(self, groups: Iterable[Told], cells: int = 1) -> np.ndarray:
        """Of the closest group that has enough errors, else of all errors there are."""
        everyone = np.arange(self.past.scaled.shape[2])
        key = (b"", False)
        if key not in self._read:
            self._read[key] = told(Errors(self._all(), self.past.windows), everyone, self._sides, 1)
        limits = first_that_tells([*groups, self._read[key]], cells)
        limits[1, 0] = -np.inf
        return limits

    def _all(self) -> np.ndarray:
        """Every error at a single horizon, (origins x horizon, 1, nodes)."""
        return self.past.scaled.reshape(-1, 1, self.past.scaled.shape[2])


def around(
    rolled: Rolled,
    classes: np.ndarray,
    past: Errors,
    served: np.ndarray,
    spread: np.ndarray,
    silent: np.ndarray,
    settings: DemandSettings,
) -> np.ndarray:
    """Bounds (shares, grid, 2, horizon, nodes) around forecasts (horizon, nodes); lower >= 0.

    spread, silent: (nodes,), recent spread and share of periods that brought nothing. Of each intended share, the nodes
    in whose lower tail zero lies get one-sided bounds from the errors of such nodes, the others two-sided ones from the
    errors of the others. Without any known error the interval is the forecast plus and minus the spread times the root
    of the horizon (the rule of the random walk), times the quantile of the normal distribution.
    """
    horizon, nodes = served.shape
    out = np.empty((len(SHARES), len(GRID), 2, horizon, nodes))
    walk = np.sqrt(np.arange(1, horizon + 1)) * np.array([NormalDist().inv_cdf((1 + s) / 2) for s in GRID])[:, None]
    walk = np.stack([-walk, walk])[..., None]
    read, groups, few = Limits(past, settings), list(_groups(rolled, classes)), len(classes) <= FEW
    for share, bounds in zip(SHARES, out, strict=True):
        one_sided = silent >= (1.0 - share) / 2 - 1e-9
        for mine, wider in groups:
            for kind in np.unique(one_sided[mine]):
                here = mine[one_sided[mine] == kind]
                alike = [some[one_sided[some] == kind] for some in wider]
                own = [read.of(here, apart=True)] if few else []
                limits = read.first([*own, *(read.of(some) for some in (*alike, *wider))], len(here) if few else 1)
                limit = np.where(np.isnan(limits[int(kind)]), walk, limits[int(kind)])
                with np.errstate(invalid="ignore"):
                    moved = np.nan_to_num(limit * spread[here], nan=0.0, posinf=0.0)  # -inf of no spread: nothing
                bounds[..., here] = served[:, here] + moved.swapaxes(0, 1)
    out[:, :, 0] = np.clip(np.minimum(out[:, :, 0], served), 0.0, None)
    out[:, :, 1] = np.maximum(out[:, :, 1], served)
    out[:, :, 0] = np.minimum.accumulate(out[:, :, 0], axis=1)  # the wider holds the narrower
    out[:, :, 1] = np.maximum.accumulate(out[:, :, 1], axis=1)
    return out


def _groups(rolled: Rolled, classes: np.ndarray) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Nodes of a level and class, and whose errors their limits are read from: the closest first, wider after."""
    tree = rolled.panel.tree
    for level in range(len(tree.levels)):
        for name in np.unique(classes[tree.level == level]):
            mine = np.flatnonzero((tree.level == level) & (classes == name))
            wider = [mine]
            if level:  # an even sum first of even ones: those of few, lumpy members err by many times their spread
                near, sums, even = tree.level >= max(level - 1, 1), tree.level >= 1, classes == name
                wider += [np.flatnonzero(some) for some in (near & even, sums & even, near, sums)]
            wider.append(np.flatnonzero(classes == name))
            yield mine, wider


def grid(rolled: Rolled, choice: Choice, place: int, served: np.ndarray, cap: np.ndarray, settings: DemandSettings):
    """Bounds (shares, grid, 2, horizon, nodes) around what is served at an origin, from errors known by then."""
    past = serve(rolled, choice, 0, place, cap) if place else rolled.actual[:0]
    span = float(rolled.origins.at[place] - rolled.origins.at[0]) if place else 0.0
    known = errors(rolled.known_at(place), past, rolled.spread[:place], span / rolled.actual.shape[1])
    return around(rolled, choice.classes, known, served, rolled.spread[place], rolled.nothing[place], settings)
