"""What a customer may do in a time to come: mean, spread and chance of nothing, and the quantiles of these.

The distribution is nothing with some probability, else a gamma with the mean and variance that are left. At which
levels its quantiles are read is learnt from past predictions (see `intervals`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# A spread narrower than a hundredth of the mean is no spread that a customer ever had.
LEAST_VARIATION = 1e-4

# A standard deviation of more than a million times the mean is an expectation of nothing, divided by it.
MOST_SPREAD = 1e6


@dataclass(frozen=True, slots=True)
class Outlook:
    """Per customer: expected amount, its variance, and probability of nothing at all."""

    mean: np.ndarray
    variance: np.ndarray
    none: np.ndarray

    def moved_to(self, mean: np.ndarray) -> Outlook:
        """The same shape around other means."""
        some = self.mean > 0
        spread = np.divide(np.sqrt(self.variance), self.mean, out=np.zeros_like(self.mean), where=some)
        spread = np.minimum(spread, MOST_SPREAD)
        return Outlook(mean, (spread * mean) ** 2, np.where(some, self.none, 1.0))

    def rows(self, chosen: slice | np.ndarray) -> Outlook:
        """The outlook of some of the customers."""
        return Outlook(self.mean[chosen], self.variance[chosen], self.none[chosen])

    def _positive(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shape and scale of the gamma of those who do something, and the probability of that."""
        some = np.clip(1 - self.none, 1e-12, 1.0)
        mean = self.mean / some
        square = (self.variance + self.mean**2) / some
        variation = np.maximum(square / np.maximum(mean**2, 1e-300) - 1, LEAST_VARIATION)
        return 1 / variation, np.maximum(mean * variation, 1e-300), some

    def quantile(self, level: float | np.ndarray) -> np.ndarray:
        """Amount below which the outcome lies with probability `level` (one for all, or one each).

        0 where nothing is as likely as that.
        """
        from scipy.special import gammaincinv

        shape, scale, some = self._positive()
        inside = np.clip((level - (1 - some)) / some, 0.0, 1 - 1e-9)
        value = np.zeros_like(self.mean)
        any_left = (inside > 0) & (self.mean > 0)
        value[any_left] = gammaincinv(shape[any_left], inside[any_left]) * scale[any_left]
        return value

    def level(self, amount: np.ndarray) -> np.ndarray:
        """Probability of `amount` or less."""
        from scipy.special import gammainc

        shape, scale, some = self._positive()
        return 1 - some + some * gammainc(shape, np.maximum(amount, 0.0) / scale)
