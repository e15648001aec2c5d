"""Intervals from out-of-time errors (split conformal, Vovk et al. 2005), in each series' own recent spread.

Errors of the served, coherent forecasts at older origins, known by the origin, are pooled over the nodes of a level
and class, for each horizon. Where a tenth and more of a node's own periods bring nothing, zero itself is its lower
tenth: the interval then begins at zero and ends where 80 % (95 %) lie below, as read from nodes of that kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
# Newest periods of a node that say how often it brings nothing, and how many of them are enough to say so.
TOLD, ENOUGH = 52, 12


@dataclass(frozen=True)
class Errors:
    """Errors in spreads at older origins, (origins, horizon, nodes).

    windows: how often the horizon fits between the first and the last of them. Errors of overlapping windows repeat one
    another, so a node tells no more independent ones than that.
    """

    scaled: np.ndarray
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


def errors(known: np.ndarray, served: np.ndarray, spread: np.ndarray, windows: float = np.inf) -> Errors:
    """Errors in spreads; NaN where nothing is known or the spread is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return Errors((known - served) / np.where(spread > 0, spread, np.nan)[:, None, :], windows)


def quantile(values: np.ndarray, share: np.ndarray | float, independent: float = np.inf) -> np.ndarray:
    """The conformal quantile of n sorted values: the ceil((n + 1) share)-th for shares over a half, else mirrored.

    independent: how many of them there are where they repeat one another; the share is then raised as for so few.
    """
    share, count = np.asarray(share), len(values)
    raised = np.minimum(_raised(share, min(independent, count)), 1.0)
    place = np.minimum(np.ceil(raised * count - 1e-9).astype("int64"), count)
    return values[np.where(share > 0.5, place - 1, count - place)]


def _raised(share: np.ndarray, independent: float) -> np.ndarray:
    """The share that so few values are asked for, to hold the intended one on average; over 1 where they cannot."""
    return (independent + 1) / independent * np.maximum(share, 1.0 - share)


def limits(
    past: Errors,
    groups: Iterable[np.ndarray],
    horizon: int,
    settings: DemandSettings,
    one_sided: bool = False,
    sorted_before: dict | None = None,
) -> np.ndarray:
    """(grid, 2, horizon) lower and upper limits in spreads; groups are nodes, the closest first, wider after.

    one_sided: the lower limit is -inf and the whole miss is above. sorted_before: errors that other nodes asked for, by
    the identity of the group's array, which the caller keeps alive.
    """
    sorted_before = {} if sorted_before is None else sorted_before
    groups, out, shares = list(groups), np.full((2, len(GRID), horizon), np.nan), np.array(GRID)
    sides = np.stack([(1.0 - shares) / 2, shares if one_sided else (1.0 + shares) / 2])
    for ahead in range(horizon):
        left = np.ones(sides.shape, dtype=bool)
        for scaled, nodes in _pools(past, groups, ahead, settings.least_residuals, sorted_before):
            independent = min(max(past.windows, 1.0) * nodes, len(scaled))
            out[..., ahead][left] = quantile(scaled, sides[left], independent)
            tail = 1.0 - np.maximum(sides, 1.0 - sides)
            left &= _raised(sides, independent) > 1.0 - tail / 2  # so few tell no quantile: ask more nodes
            if not left.any():
                break
    if one_sided:
        out[0] = -np.inf
    return out.transpose(1, 0, 2)


def _pools(
    past: Errors, groups: list[np.ndarray], ahead: int, least: int, sorted_before: dict
) -> Iterator[tuple[np.ndarray, int]]:
    """Sorted errors of each group that has enough of this horizon, else of neighbouring ones; at last all there are.

    With them the number of nodes that they come from.
    """

    def gathered(scaled: np.ndarray) -> tuple[np.ndarray, int]:
        told = ~np.isnan(scaled)
        return np.sort(scaled[told]), int(told.any(axis=(0, 1)).sum())

    reach = past.scaled.shape[1]
    for nodes in groups:
        key = (id(nodes), ahead)
        if key not in sorted_before:
            found = None
            for near in (0, 1, 2, reach):
                scaled = past.scaled[:, max(ahead - near, 0) : ahead + near + 1][..., nodes]
                if np.count_nonzero(~np.isnan(scaled)) >= least:
                    found = gathered(scaled)
                    break
            sorted_before[key] = found
        if sorted_before[key] is not None:
            yield sorted_before[key]
    if "all" not in sorted_before:
        sorted_before["all"] = gathered(past.scaled)
    if len(sorted_before["all"][0]):
        yield sorted_before["all"]


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
    groups = list(_groups(rolled, classes))
    for share, bounds in zip(SHARES, out, strict=True):
        one_sided = silent >= (1.0 - share) / 2 - 1e-9
        kept, sorted_before = {}, {}
        for mine, wider in groups:
            for kind in np.unique(one_sided[mine]):
                for some in wider:
                    if (id(some), kind) not in kept:
                        kept[id(some), kind] = some[one_sided[some] == kind]
                alike = [kept[id(some), kind] for some in wider]
                told = limits(past, [*alike, *wider], horizon, settings, bool(kind), sorted_before)
                here = mine[one_sided[mine] == kind]
                for side, sign in enumerate((-1.0, 1.0)):
                    limit = np.where(np.isnan(told[:, side]), sign * walk, told[:, side])[..., None]
                    with np.errstate(invalid="ignore"):
                        moved = np.nan_to_num(limit * spread[here], nan=0.0, posinf=0.0)  # -inf of no spread: nothing
                    bounds[:, side][..., here] = served[:, here] + moved
    out[:, :, 0] = np.clip(np.minimum(out[:, :, 0], served), 0.0, None)
    out[:, :, 1] = np.maximum(out[:, :, 1], served)
    out[:, :, 0] = np.minimum.accumulate(out[:, :, 0], axis=1)  # the wider holds the narrower
    out[:, :, 1] = np.maximum.accumulate(out[:, :, 1], axis=1)
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
            if level:  # an even sum first of even ones: those of few, lumpy members err by many times their spread
                near, sums, even = tree.level >= max(level - 1, 1), tree.level >= 1, classes == name
                wider += [np.flatnonzero(some) for some in (near & even, sums & even, near, sums)]
            wider.append(np.flatnonzero(classes == name))
            if len(classes) > FEW:
                yield mine, wider
            else:
                yield from ((node, [node, *wider]) for node in mine[:, None])


def grid(rolled: Rolled, choice: Choice, place: int, served: np.ndarray, cap: np.ndarray, settings: DemandSettings):
    """Bounds (shares, grid, 2, horizon, nodes) around what is served at an origin, from errors known by then."""
    past = serve(rolled, choice, 0, place, cap) if place else rolled.actual[:0]
    span = float(rolled.origins.at[place] - rolled.origins.at[0]) if place else 0.0
    known = errors(rolled.known_at(place), past, rolled.spread[:place], span / rolled.actual.shape[1])
    return around(rolled, choice.classes, known, served, rolled.spread[place], rolled.nothing[place], settings)
