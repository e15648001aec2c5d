"""Order-up-to levels and the chance of an empty shelf, from the mean and variance of demand over some days."""

from __future__ import annotations

import numpy as np
from scipy import stats

from .settings import ReplenishmentSettings

# Less than a unit in a million is no demand; the distributions' formulas break down long before zero.
_NONE = 1e-6


def quantile(mean: np.ndarray, variance: np.ndarray, level: np.ndarray, settings: ReplenishmentSettings) -> np.ndarray:
    """The smallest whole number of units that demand stays within with probability `level`.

    Demand is counted: negative binomial with the given mean and variance (Axsaeter 2015, Inventory Control, ch. 5),
    Poisson where the variance is not above the mean, normal for large numbers. No demand: 0.
    """
    found = np.zeros(len(mean))
    large = mean >= settings.normal_from_units
    wide = (variance > mean * (1 + 1e-9)) & (mean > _NONE) & ~large
    small = (mean > _NONE) & ~wide & ~large
    if large.any():
        deviation = np.sqrt(variance[large])
        found[large] = np.ceil(mean[large] + stats.norm.ppf(level[large]) * deviation)
    if wide.any():
        size, chance = _binomial(mean[wide], variance[wide])
        found[wide] = stats.nbinom.ppf(level[wide], size, chance)
    if small.any():
        found[small] = stats.poisson.ppf(level[small], mean[small])
    return np.maximum(found, 0.0)


def above(stock: np.ndarray, mean: np.ndarray, variance: np.ndarray, settings: ReplenishmentSettings) -> np.ndarray:
    """Probability that demand is more than `stock` units; the same distributions as `quantile`."""
    found = np.zeros(len(mean))
    large = mean >= settings.normal_from_units
    wide = (variance > mean * (1 + 1e-9)) & (mean > _NONE) & ~large
    small = (mean > _NONE) & ~wide & ~large
    if large.any():
        deviation = np.maximum(np.sqrt(variance[large]), 1e-9)
        found[large] = stats.norm.sf((stock[large] - mean[large]) / deviation)
    if wide.any():
        size, chance = _binomial(mean[wide], variance[wide])
        found[wide] = stats.nbinom.sf(np.floor(stock[wide]), size, chance)
    if small.any():
        found[small] = stats.poisson.sf(np.floor(stock[small]), mean[small])
    return found


def whole_packs(units: np.ndarray, pack: np.ndarray) -> np.ndarray:
    """Units rounded up to whole packs; nothing stays nothing."""
    return np.maximum(np.ceil(units / pack - 1e-9), 0.0) * pack


def _binomial(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # A variance beyond a thousand times the mean is an interval gone wild; the formulas break down behind it.
    variance = np.minimum(variance, 1000.0 * mean)
    return mean**2 / (variance - mean), mean / variance
