"""Which comparisons a table of features calls for: those whose columns are there and say something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .address import ADDRESS
from .birth import BIRTH
from .comparison import FEWEST, Comparison
from .contact import COMPANY, DEVICE, EMAIL, GENDER, NATIONAL_ID, PHONE
from .names import NAME

EVERY: tuple[Comparison, ...] = (NAME, NATIONAL_ID, EMAIL, PHONE, BIRTH, ADDRESS, DEVICE, GENDER, COMPANY)


def comparisons_for(distinct: Mapping[str, int], records: int) -> list[Comparison]:
    """The comparisons for columns with so many distinct values each; frequencies only where they are told.

    A comparison needs one of its columns; the columns that are empty only ever give null inside its levels.
    One value in all of many `records` tells nobody apart; in a handful it may well be one person's.
    """
    least = 1 if records < FEWEST else 2
    chosen = [c for c in EVERY if any(distinct.get(column, 0) >= least for column in c.columns)]
    return [_with_frequencies(c, {k for k, v in distinct.items() if v >= least}) for c in chosen]


def _with_frequencies(comparison: Comparison, told: set[str]) -> Comparison:
    levels = tuple(
        replace(level, frequency=level.frequency if level.frequency in told else None) for level in comparison.levels
    )
    return replace(comparison, levels=levels)
