"""Intervals that hold what they promise, for those who buy often and for those who hardly ever do.

The outlook's own quantiles, read at levels that past outcomes say: split conformal prediction with the level of the
outcome as its score, apart for groups of customers (V. Vovk 2012, Conditional Validity of Inductive Conformal
Predictors). Groups go by the chance of nothing at all. Where that is a tail or more, nothing is as low as an outcome
can be: the interval starts at 0 and everything it leaves out lies above. Only a group in which more buy nothing than an
interval may hold is still held too often, by the interval from nothing to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .outlook import Outlook

# Upper ends of the groups, by the chance of nothing; the last group goes to 1.
NONE_EDGES = (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)

# Under so many past outcomes a tenth of a group is a guess: it is read where its neighbours together are.
LEAST_OUTCOMES = 100

_HIGHEST = 1 - 1e-6


@dataclass(frozen=True)
class Bands:
    """Per group the levels at which quantiles are read. `whole`: outcomes are counts, and bounds whole numbers."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    whole: bool

    def bounds(self, outlook: Outlook) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bound per customer, each from its own outlook."""
        group = groups(outlook)
        low, high = (outlook.quantile(np.array(levels)[group]) for levels in (self.low, self.high))
        return (np.floor(low), np.ceil(high)) if self.whole else (low, high)


def groups(outlook: Outlook) -> np.ndarray:
    """Place of each customer among the groups, int."""
    return np.searchsorted(NONE_EDGES, outlook.none, side="right")


def as_foreseen(share: float, whole: bool) -> Bands:
    """The levels of outlooks that are right, for where no past outcome is known."""
    tail, more = (1 - share) / 2, len(NONE_EDGES)
    return Bands((tail, *[0.0] * more), (1 - tail, *[share] * more), whole)


def that_held(outlook: Outlook, happened: np.ndarray, share: float, whole: bool) -> Bands:
    """The levels that held `share` of what happened, from past outlooks."""
    group, tail = groups(outlook), (1 - share) / 2
    amount = np.maximum(happened, 0.0)
    # A bound rounded up to a whole number holds a count once its quantile is above the count below.
    above = np.where(amount > 0, outlook.level(np.maximum(amount - whole, 0.0)), 0.0)
    below = outlook.level(amount + whole)
    plain = as_foreseen(share, whole)
    low, high = list(plain.low), list(plain.high)
    rare = group > 0
    for place in range(len(NONE_EDGES) + 1):
        rows = group == place
        if rows.sum() < LEAST_OUTCOMES:
            rows = rare if place else ~rare
        if rows.sum() < LEAST_OUTCOMES:
            continue
        if place == 0:
            low[place] = float(np.quantile(below[rows], tail, method="lower"))
        held = 1 - tail if place == 0 else share
        high[place] = min(float(np.quantile(above[rows], held, method="higher")), _HIGHEST)
    return Bands(tuple(low), tuple(high), whole)
