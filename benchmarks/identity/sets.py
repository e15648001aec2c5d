"""The sets compared on, the bars on each, and what is fair to say of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Set:
    """One task.

    Args:
        name: of its files.
        about: what it is, in some words.
        one_to_one: sources that the task itself calls free of duplicates.
        least_f1, least_precision: bars on ours, pairwise; 0 for none but being above the others.
    """

    name: str
    about: str
    one_to_one: tuple[str, ...] = ()
    least_f1: float = 0.0
    least_precision: float = 0.0


SETS = (
    Set("febrl1", "1,000 records, up to one duplicate each"),
    Set("febrl2", "5,000 records, 1,000 of them duplicates, up to five each"),
    Set("febrl3", "5,000 records of 2,000 people, up to five duplicates each", least_f1=0.995),
    Set("febrl4", "two lists of 5,000, each person once in both", one_to_one=("a", "b"), least_f1=0.998),
    Set("fake_1000", "1,000 records of 251 people, most with an error"),
    Set("pseudopeople", "six forms about 33,000 simulated people of the US, pseudopeople's default noise"),
    Set("demo", "the demo company's five systems, English and Chinese", least_f1=0.97, least_precision=0.99),
)
# Seconds of ours over Splink's in the same run.
MOST_TIMES_SPLINK = 2.0
