"""m, u and the prior from patterns of levels, without labels: expectation and maximisation on all pairs.

Fellegi and Sunter's model. Pairs that share a blocking key are counted by their pattern of levels; all
other pairs are two people. So u is what all pairs show (a sample without blocks) less what the matches
among the candidates account for, and the prior is the sum of the probabilities over all pairs. Nothing
here is a matter of threads or of row order: the counts are whole numbers and are added in one order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .comparison import Comparison

# The first guesses weigh as much as so many matches (m), and as much as so many chance agreements (u).
M_STRENGTH = 30.0
U_STRENGTH = 3.0
# No level may become rarer among strangers than this share of its first guess: what was never seen is not impossible.
LEAST_OF_GUESS = 0.02
ROUNDS = 60
# Settled when no m moves by more than this.
SETTLED = 1e-5


@dataclass(frozen=True)
class Patterns:
    """levels: one row per pattern, one column per comparison (-1 unknown); counts: pairs; impossible: contradictions.

    rarity: log2 of the frequency of the value agreed on in comparison number `rarity_of`, NaN where u stands for it.
    """

    levels: np.ndarray
    counts: np.ndarray
    impossible: np.ndarray
    rarity: np.ndarray
    rarity_of: int


@dataclass(frozen=True)
class Estimate:
    """comparisons with m and u as estimated; prior; matches expected among all pairs; chance per candidate pattern."""

    comparisons: tuple[Comparison, ...]
    prior: float
    matches: float
    posterior: np.ndarray


def _tallies(levels: np.ndarray, weights: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """Per comparison the summed weight at each of its levels."""
    return [
        np.bincount(column[column >= 0], weights=weights[column >= 0], minlength=size)
        for column, size in zip(levels.T, sizes, strict=True)
    ]


def _everywhere(
    candidates: Patterns, random: Patterns, one_in: int, all_pairs: float, sizes: Sequence[int]
) -> list[np.ndarray]:
    """Pairs at each level among all pairs: from the random sample, or the candidates where those hold more."""
    share = all_pairs / max(random.counts.sum(), 1)
    drawn = _tallies(random.levels, random.counts * share, sizes)
    met = _tallies(candidates.levels, candidates.counts * float(one_in), sizes)
    return [np.maximum(one, two) for one, two in zip(drawn, met, strict=True)]


def estimate(
    comparisons: Sequence[Comparison],
    candidates: Patterns,
    *,
    random: Patterns,
    records: int,
    one_in: int,
    digits: int,
) -> Estimate:
    """Parameters from the patterns of candidate pairs (each stands for `one_in`) and of random pairs.

    Small data end near the first guesses, large data at what they say themselves. m and u are rounded
    to `digits` significant digits.
    """
    all_pairs = records * (records - 1) / 2
    # Level 0 is the last of a comparison ('anything else').
    sizes = [len(c.levels) for c in comparisons]
    guess_m = [np.array([level.m for level in reversed(c.levels)]) for c in comparisons]
    guess_m = [m / m.sum() for m in guess_m]
    guess_u = [np.array([level.first_u(records) for level in reversed(c.levels)]) for c in comparisons]
    weights = candidates.counts * float(one_in)
    total = _everywhere(candidates, random, one_in, all_pairs, sizes)

    m, u = guess_m, [_normalised(guess) for guess in guess_u]
    prior = min(1.0 / records, 0.1)
    posterior = np.zeros(len(weights))
    # One piece of evidence alone has nothing to be judged by: without pairs that know two, the guesses stand.
    can_learn = bool(((candidates.levels >= 0).sum(axis=1) >= 2).any())
    if not can_learn:
        posterior = _posterior(candidates, m, u, prior)
    for _ in range(ROUNDS if can_learn else 0):
        posterior = _posterior(candidates, m, u, prior)
        found = weights * posterior
        matched = _tallies(candidates.levels, found, sizes)
        before = m
        m = [
            (tally + M_STRENGTH * guess) / (tally.sum() + M_STRENGTH)
            for tally, guess in zip(matched, guess_m, strict=True)
        ]
        u = [_strangers(every - tally, guess) for every, tally, guess in zip(total, matched, guess_u, strict=True)]
        prior = float(np.clip((found.sum() + 1.0) / (all_pairs + records), 1e-12, 0.5))
        if max(float(np.abs(a - b).max()) for a, b in zip(m, before, strict=True)) < SETTLED:
            break
    trained = tuple(_with(c, a, b, digits) for c, a, b in zip(comparisons, m, u, strict=True))
    matches = float(np.round((weights * posterior).sum(), 3))
    return Estimate(trained, _significant(prior, digits), matches, posterior)


def _strangers(pairs: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """u from the pairs of two people at each level, blended with its first guess and kept off nought."""
    pairs = np.maximum(pairs, 0.0)
    whole = max(pairs.sum(), 1.0)
    share = (pairs + U_STRENGTH) / (whole + U_STRENGTH / guess)
    return _normalised(np.maximum(share, LEAST_OF_GUESS * guess))


def _normalised(share: np.ndarray) -> np.ndarray:
    """The rare levels as they are, and 'anything else' (the first) the rest."""
    out = share.copy()
    rest = out[1:].sum()
    if rest >= 0.999:
        out[1:] *= 0.999 / rest
    out[0] = 1.0 - out[1:].sum()
    return out


def _posterior(candidates: Patterns, m: list[np.ndarray], u: list[np.ndarray], prior: float) -> np.ndarray:
    weight = np.full(len(candidates.counts), np.log(prior / (1 - prior)))
    for i, (column, one, two) in enumerate(zip(candidates.levels.T, m, u, strict=True)):
        known = column >= 0
        if i == candidates.rarity_of:
            told = known & ~np.isnan(candidates.rarity)
            weight[told] += np.log(one)[column[told]] - candidates.rarity[told] * np.log(2.0)
            known &= ~told
        weight[known] += np.log(one / two)[column[known]]
    chance = 1 / (1 + np.exp(-np.clip(weight, -700, 700)))
    return np.where(candidates.impossible, 0.0, chance)


def _significant(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _with(comparison: Comparison, m: np.ndarray, u: np.ndarray, digits: int) -> Comparison:
    levels = tuple(
        replace(level, m=_significant(one, digits), u=_significant(two, digits), per_record=False)
        for level, one, two in zip(comparison.levels, m[::-1], u[::-1], strict=True)
    )
    return replace(comparison, levels=levels)
