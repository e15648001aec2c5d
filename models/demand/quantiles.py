"""Conformal quantiles of past errors, of groups of nodes or of every node by itself, for all horizons at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Horizons on either side that are asked as well where one alone has too few errors; then all of them.
NEIGHBOURS = (0, 1, 2)


@dataclass(frozen=True)
class Errors:
    """Errors in spreads at older origins, (origins, horizon, nodes).

    windows: how often the horizon fits between the first and the last of them. Errors of overlapping windows repeat one
    another, so a node tells no more independent ones than that.
    """

    scaled: np.ndarray
    windows: float = np.inf


@dataclass(frozen=True)
class Told:
    """Quantiles of each horizon as some errors tell them: (*shares, horizon, cells), NaN where there were too few.

    enough: whether those errors were many enough for a quantile so far out; the same shape.
    """

    values: np.ndarray
    enough: np.ndarray


def errors(known: np.ndarray, served: np.ndarray, spread: np.ndarray, windows: float = np.inf) -> Errors:
    """Errors in spreads; NaN where nothing is known or the spread is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return Errors((known - served) / np.where(spread > 0, spread, np.nan)[:, None, :], windows)


def quantile(values: np.ndarray, share: np.ndarray | float, independent: float = np.inf) -> np.ndarray:
    """The conformal quantile of n sorted values: the ceil((n + 1) share)-th for shares over a half, else mirrored.

    independent: how many of them there are where they repeat one another; the share is then raised as for so few.
    """
    return values[_places(np.asarray(share), np.int64(len(values)), min(independent, len(values)))]


def _places(share: np.ndarray, count: np.ndarray, independent: np.ndarray | float) -> np.ndarray:
    raised = np.minimum(_raised(share, independent), 1.0)
    place = np.minimum(np.ceil(raised * count - 1e-9).astype("int64"), count)
    return np.where(share > 0.5, place - 1, count - place)


def _raised(share: np.ndarray, independent: np.ndarray | float) -> np.ndarray:
    """The share that so few values are asked for, to hold the intended one on average; over 1 where they cannot."""
    return (independent + 1) / independent * np.maximum(share, 1.0 - share)


def told(past: Errors, nodes: np.ndarray, shares: np.ndarray, least: int, apart: bool = False) -> Told:
    """Quantiles of the errors of `nodes` together (one cell), or of every node by itself (a cell each).

    A horizon with fewer than `least` errors is told by those of its neighbours as well, then by those of all horizons.
    """
    scaled = past.scaled[..., nodes]
    origins, reach, count = scaled.shape
    cells = count if apart else 1
    seen = ~np.isnan(scaled)
    number = np.concatenate([np.zeros((1, count), dtype="int64"), np.cumsum(seen.sum(axis=0), axis=0)])
    values = np.full((*shares.shape, reach, cells), np.nan)
    enough = np.zeros(values.shape, dtype=bool)
    pending, horizons = np.ones((reach, cells), dtype=bool), np.arange(reach)
    for near in (*NEIGHBOURS, reach):
        first, end = np.maximum(horizons - near, 0), np.minimum(horizons + near + 1, reach)
        of_node = number[end] - number[first]
        amount = of_node if apart else of_node.sum(axis=1, keepdims=True)
        tellers = (of_node > 0) if apart else (of_node > 0).sum(axis=1, keepdims=True)
        ready = pending & (amount >= max(least, 1))
        pending &= ~ready
        block = None
        for ahead in np.flatnonzero(ready.any(axis=1)):
            here = ready[ahead]
            if block is None or near < reach:  # of all horizons there is one block
                block = scaled[:, first[ahead] : end[ahead]].reshape(-1, count)
                block = np.sort(block, axis=0) if apart else np.sort(block[~np.isnan(block)])[:, None]
            independent = np.minimum(max(past.windows, 1.0) * tellers[ahead, here], amount[ahead, here])
            values[..., ahead, here], enough[..., ahead, here] = _read(
                block[:, here], shares, amount[ahead, here], independent
            )
        if not pending.any():
            break
    return Told(values, enough)


def _read(block: np.ndarray, shares: np.ndarray, count: np.ndarray, independent: np.ndarray) -> tuple:
    """(values, enough), (*shares, cells) each, of sorted errors (errors, cells), the first `count` of each cell."""
    share = shares[..., None]
    values = block[_places(share, count, independent), np.arange(block.shape[1])]
    tail = 1.0 - np.maximum(share, 1.0 - share)
    return values, _raised(share, independent) <= 1.0 - tail / 2


def first_that_tells(groups: Sequence[Told], cells: int) -> np.ndarray:
    """(*shares, horizon, cells): of each quantile the first group's that has enough errors, else the last one's."""
    shape = (*groups[0].values.shape[:-1], cells)
    out, left = np.full(shape, np.nan), np.ones(shape, dtype=bool)
    for group in groups:
        known = left & ~np.isnan(group.values)
        out = np.where(known, group.values, out)
        left &= ~(known & group.enough)
        if not left.any():
            break
    return out
