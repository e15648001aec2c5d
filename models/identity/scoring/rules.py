"""Deterministic rules: columns that make two records one person when all agree, kept where the data bear them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

Rule = tuple[str, ...]


def possible(rules: Sequence[Rule], distinct: Mapping[str, int]) -> list[Rule]:
    """The rules whose columns are all there."""
    return [rule for rule in rules if all(distinct.get(column, 0) > 0 for column in rule)]


def agree_sql(rule: Rule) -> str:
    """SQL: both sides know every column of the rule and agree."""
    return "coalesce(" + " and ".join(f"{c}_l = {c}_r" for c in rule) + ", false)"


def proven(
    rules: Sequence[Rule], agrees: np.ndarray, counts: np.ndarray, posterior: np.ndarray, least_share: float
) -> tuple[Rule, ...]:
    """The rules whose pairs are one person nearly always by all the evidence there is, in their order.

    agrees: patterns x rules; counts and posterior: pairs of a pattern, and their chance of being one person.
    One doubtful pair is added, so that a rule seen three times proves nothing.
    """
    kept = []
    for i, rule in enumerate(rules):
        held = agrees[:, i]
        pairs = counts[held].sum()
        if pairs and (counts[held] * posterior[held]).sum() / (pairs + 1.0) >= least_share:
            kept.append(rule)
    return tuple(kept)
