"""Coherent forecasts: sums add up. Weighted least squares over the tree (Wickramasuriya, Athanasopoulos, Hyndman 2019).

With a diagonal error matrix the least-squares answer on a tree needs no matrix: on the way up each sum's own forecast
is averaged with that of its members by their precision, on the way down what a sum has too much is shared among its
members by their variance. Costs as much as adding up twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .hierarchy import Tree


@dataclass(frozen=True)
class Trust:
    """How sums and members are made to agree.

    own: of each node, how much of the difference between its own forecast and the sum of its members' it keeps, 0
    (bottom-up) to 1; bottom nodes are not asked. variance: of each node's own error, which shares out the rest.
    """

    own: np.ndarray
    variance: np.ndarray


def least_squares(tree: Tree, variance: np.ndarray) -> Trust:
    """The trust that makes `reconcile` the weighted least-squares answer for a diagonal error matrix."""
    own, width = np.zeros(len(variance)), variance.astype("float64")
    for level in range(1, len(tree.levels)):
        nodes = tree.nodes(level)
        below = tree.up(width[tree.nodes(level - 1)], level - 1)
        both = below + variance[nodes]
        own[nodes] = np.where(both > 0, below / np.where(both > 0, both, 1.0), 0.0)
        width[nodes] = below * (1.0 - own[nodes])
    return Trust(own, width)


def bottom_up(tree: Tree) -> Trust:
    """Nothing but the bottom forecasts."""
    return Trust(np.zeros(len(tree.level)), np.ones(len(tree.level)))


def measured(tree: Tree, base: np.ndarray, actual: np.ndarray, weight: np.ndarray, variance: np.ndarray) -> Trust:
    """Trust per level as it would have served best: regression of what happened on the two forecasts of a sum.

    The errors of members are correlated (a good week is good for all), which a diagonal matrix does not know: their
    sum errs by more than their variances say. base, actual: (origins, horizon, nodes), NaN where not known; weight:
    (origins, nodes) of a squared error. One figure per level, between 0 and 1.
    """
    own, mean = np.zeros(len(tree.level)), base[..., tree.nodes(0)]
    for level in range(1, len(tree.levels)):
        nodes = tree.nodes(level)
        below = tree.up(mean, level - 1)
        apart, off = base[..., nodes] - below, actual[..., nodes] - below
        told = ~np.isnan(off)
        by = np.where(told, weight[:, None, nodes], 0.0)
        square = float(np.sum(by * apart**2))
        own[nodes] = np.clip(np.sum(by * apart * np.where(told, off, 0.0)) / square, 0.0, 1.0) if square > 0 else 0.0
        mean = below + own[nodes] * apart
    return Trust(own, variance)


def reconcile(tree: Tree, base: np.ndarray, trust: Trust) -> np.ndarray:
    """Coherent forecasts of every node; base is (..., nodes)."""
    mean = [base[..., tree.nodes(0)]]
    for level in range(1, len(tree.levels)):
        below = tree.up(mean[-1], level - 1)
        mean.append(below + trust.own[tree.nodes(level)] * (base[..., tree.nodes(level)] - below))
    final = mean[-1]
    for level in range(len(tree.levels) - 2, -1, -1):
        nodes = tree.nodes(level)
        parent = tree.parent[nodes] - nodes.stop
        off = final - tree.up(mean[level], level)
        width = tree.up(trust.variance[nodes], level)[parent]
        share = np.where(width > 0, trust.variance[nodes] / np.where(width > 0, width, 1.0), 0.0)
        final = mean[level] + off[..., parent] * share
    return tree.add_up(final)


def coherent(tree: Tree, bottom: np.ndarray, cap: np.ndarray, decimals: int | None = None) -> np.ndarray:
    """Every node from bottom forecasts kept within 0 and their caps, so that sums add up exactly."""
    kept = np.clip(bottom, 0.0, cap)
    return tree.add_up(kept if decimals is None else np.round(kept, decimals))
