"""Which members speak together, and how far the level of their answers is moved: decided by past dates only.

Members are averaged in log-odds (a logarithmic opinion pool: C. Genest, J. Zidek 1986, Combining Probability
Distributions): the splines know most, plain curves vary less from sample to sample, BG/NBD learns from everybody. Which
average serves a business best is read from dates that had ended before, each answered by members fitted before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .baselines import ORDERS, RFM

SPLINES, LINEAR = "splines", "log-linear"

# The first that can be had answers while no earlier date is known: the widest average varies least.
BLENDS = (
    (SPLINES, LINEAR, RFM, ORDERS),
    (SPLINES, RFM, ORDERS),
    (SPLINES, LINEAR),
    (SPLINES, RFM),
    (SPLINES,),
)

# One or two months are weather: only from three on can it be seen whether they are off the same way.
_LEAST_DATES = 3


@dataclass(frozen=True)
class Told:
    """A past date: what members fitted before it said of its customers (log-odds), and what became of them."""

    said: dict[str, np.ndarray]
    target: np.ndarray


@dataclass(frozen=True)
class Blend:
    """Members whose log-odds are averaged, and what is added to them."""

    members: tuple[str, ...]
    shift: float = 0.0

    def log_odds(self, said: dict[str, np.ndarray]) -> np.ndarray:
        """The blended log-odds per row, from those of the members."""
        total = np.full(len(said[self.members[0]]), self.shift)
        for name in self.members:
            total = total + said[name] / len(self.members)
        return total


def chance(log_odds: np.ndarray) -> np.ndarray:
    """The probability that belongs to log-odds."""
    return 1 / (1 + np.exp(-log_odds))


def level_error(log_odds: np.ndarray, target: np.ndarray) -> float:
    """What added to the log-odds makes their mean probability that of what happened, one row drawn towards 0."""
    moved = 0.0
    for _ in range(50):
        said = chance(log_odds + moved)
        step = float(((target - said).sum() - moved) / ((said * (1 - said)).sum() + 1))
        moved += float(np.clip(step, -1, 1))
        if abs(step) < 1e-10:
            break
    return moved


def lasting(errors: Iterable[float]) -> float:
    """The part of the dates' mean level error that their differences do not explain away.

    Nothing unless its square is above twice its variance (what Akaike 1974 asks of one parameter more); else shrunk as
    James and Stein do. Months that err both ways move nothing, months that err alike nearly all.
    """
    values = np.array(list(errors))
    if len(values) < _LEAST_DATES:
        return 0.0
    mean = float(values.mean())
    doubt = float(values.var(ddof=1)) / len(values)
    return mean * (1 - doubt / mean**2) if mean**2 > 2 * doubt else 0.0


def choose(past: list[Told], fitted: Iterable[str]) -> Blend:
    """The best blend of `fitted` members by the Brier score over the dates of `past`, and its lasting level error."""
    have = set(fitted).intersection(*(told.said for told in past))
    possible = [Blend(names) for names in BLENDS if have.issuperset(names)]
    if not past:
        return possible[0]
    best = min(possible, key=lambda blend: sum(_squares(blend, told) for told in past))
    return Blend(best.members, lasting(level_error(best.log_odds(told.said), told.target) for told in past))


def _squares(blend: Blend, told: Told) -> float:
    return float(((chance(blend.log_odds(told.said)) - told.target) ** 2).sum())
