"""Coherent forecasts: sums add up. Weighted least squares over the tree (Wickramasuriya, Athanasopoulos, Hyndman 2019).

With a diagonal error matrix the least-squares answer on a tree needs no matrix: on the way up each sum's own forecast
is averaged with that of its members by their precision, on the way down what a sum has too much is shared among its
members by their variance. Costs as much as adding up twice.
"""

from __future__ import annotations

import numpy as np

from .hierarchy import Tree


def reconcile(tree: Tree, base: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Coherent forecasts of every node; base is (..., nodes), variance (nodes,) of the base forecasts' errors.

    A node of infinite variance is not listened to: infinite in all sums gives the bottom-up forecast.
    """
    levels = len(tree.levels)
    mean = [base[..., tree.nodes(0)]]
    spread = [variance[tree.nodes(0)]]
    for level in range(1, levels):
        nodes = tree.nodes(level)
        below, width = tree.up(mean[-1], level - 1), tree.up(spread[-1], level - 1)
        own = variance[nodes]
        with np.errstate(invalid="ignore", divide="ignore"):
            trust = np.where(np.isinf(own), 0.0, np.where(own + width > 0, width / (own + width), 0.0))
        mean.append(below + trust * (base[..., nodes] - below))
        spread.append(np.where(np.isinf(own), width, width * (1.0 - trust)))
    final = mean[-1]
    for level in range(levels - 2, -1, -1):
        parent = tree.parent[tree.nodes(level)] - tree.nodes(level + 1).start
        off = final - tree.up(mean[level], level)
        width = tree.up(spread[level], level)
        share = np.where(width[parent] > 0, spread[level] / np.where(width[parent] > 0, width[parent], 1.0), 0.0)
        final = mean[level] + off[..., parent] * share
    return tree.add_up(final)


def coherent(tree: Tree, bottom: np.ndarray, cap: np.ndarray, decimals: int | None = None) -> np.ndarray:
    """Every node from bottom forecasts kept within 0 and their caps, so that sums add up exactly."""
    kept = np.clip(bottom, 0.0, cap)
    return tree.add_up(kept if decimals is None else np.round(kept, decimals))
