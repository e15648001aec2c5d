"""What a comparison is: an ordered list of levels, the first that holds counts.

m is the probability of a level among pairs of one person, u among pairs of two people. Both are first
guesses here; `estimate` blends them with what the data say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Fewer records than this are a sample of something larger: shares among them say too little.
FEWEST = 500


@dataclass(frozen=True)
class Level:
    """One degree of likeness.

    sql: a condition over columns with _l and _r, '' for 'anything else'. u is a share of all pairs; with
    `per_record` it is the number of records of other people that a record agrees with by chance, to be
    divided by the number of records: a household's telephone is as common in a town as in a country.
    frequency: column whose value's own frequency stands for u.
    """

    sql: str
    label: str
    m: float
    u: float
    per_record: bool = False
    frequency: str | None = None

    def first_u(self, records: int) -> float:
        """First guess of u among so many records."""
        return self.u / max(records, FEWEST) if self.per_record else self.u


@dataclass(frozen=True)
class Comparison:
    """A piece of evidence. `columns` are what it reads; `unknown` is the condition under which it says nothing."""

    name: str
    columns: tuple[str, ...]
    unknown: str
    levels: tuple[Level, ...]

    def read(self) -> tuple[str, ...]:
        """Every column that the conditions name, with the masks of letters."""
        conditions = " ".join([self.unknown, *(level.sql for level in self.levels)])
        return tuple(dict.fromkeys(re.findall(r"\b([a-z_]+)_[lr]\b", conditions)))

    def level_sql(self) -> str:
        """SQL giving -1 for unknown, else the level counted from the last (0) upwards."""
        top = len(self.levels) - 1
        cases = [f"when {level.sql} then {top - i}" for i, level in enumerate(self.levels) if level.sql]
        return f"(case when {self.unknown} then -1 {' '.join(cases)} else 0 end)"


def letters_apart(a: str, b: str) -> str:
    """SQL: in how many letters two words differ, by the masks that `prepare` keeps beside them; takes no time."""
    return f"bit_count(xor({_mask(a)}, {_mask(b)}))"


def _mask(column: str) -> str:
    """given_l -> given_letters_l."""
    return f"{column[:-2]}_letters{column[-2:]}"


def near(a: str, b: str) -> str:
    """SQL: two words differ by a slip of the keyboard at most, in a word long enough to show it."""
    return (
        f"({a} = {b} or {letters_apart(a, b)} <= 2 and (least(length({a}), length({b})) >= 4"
        f" and damerau_levenshtein({a}, {b}) <= 1"
        f" or least(length({a}), length({b})) >= 5 and jaro_winkler_similarity({a}, {b}) >= 0.93"
        f" and damerau_levenshtein({a}, {b}) <= 2))"
    )


def alike(a: str, b: str) -> str:
    """SQL: several slips; by itself weak evidence."""
    return (
        f"({letters_apart(a, b)} <= 4 and least(length({a}), length({b})) >= 4"
        f" and jaro_winkler_similarity({a}, {b}) >= 0.85)"
    )
