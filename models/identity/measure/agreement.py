"""Two groupings of the same records compared: the groups found and the true ones.

Both measures are counted from the sizes of the groups and of their overlaps, so a million records take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Grouped:
    """Codes of the group found and of the true group per record, both int64 from 0."""

    found: np.ndarray
    true: np.ndarray

    @classmethod
    def of(cls, found: pd.Series, true: pd.Series) -> Grouped:
        """From any labels of the same length."""
        return cls(*(pd.factorize(labels)[0].astype("int64") for labels in (found, true)))

    def where(self, chosen: np.ndarray) -> Grouped:
        """The records chosen by a mask, as if there were no others."""
        return Grouped(self.found[chosen], self.true[chosen])

    @property
    def overlap(self) -> np.ndarray:
        """A code of (found, true) per record."""
        return self.found * (self.true.max(initial=0) + 1) + self.true


@dataclass(frozen=True)
class Pairs:
    """Numbers of pairs of records: truly of one person, put together, and both."""

    true: int
    found: int
    right: int

    @classmethod
    def of(cls, records: Grouped) -> Pairs:
        """All pairs among the records."""
        return cls(*(_pairs(codes) for codes in (records.true, records.found, records.overlap)))

    def __sub__(self, other: Pairs) -> Pairs:
        return Pairs(self.true - other.true, self.found - other.found, self.right - other.right)

    @property
    def precision(self) -> float:
        """Of the pairs put together, the share that is one person; 1 where none were."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs of one person, the share put together; 1 where there are none."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return harmonic(self.precision, self.recall)


def harmonic(precision: float, recall: float) -> float:
    """F1: the harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(codes: np.ndarray) -> int:
    sizes = np.unique(codes, return_counts=True)[1].astype("int64")
    return int((sizes * (sizes - 1) // 2).sum())


def record_scores(records: Grouped) -> tuple[np.ndarray, np.ndarray]:
    """Each record's own precision and recall, whose means are B-cubed (see `bcubed`)."""
    sizes = []
    for codes in (records.overlap, records.found, records.true):
        position, counts = np.unique(codes, return_inverse=True, return_counts=True)[1:]
        sizes.append(counts[position].astype("float64"))
    both, found, true = sizes
    return both / found, both / true


def matched(current: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """The records in both tables: `current` (record_key, customer_id) beside all columns of `truth`.

    Raises:
        pandas.errors.MergeError: a record is twice in one of them.
    """
    return current[["record_key", "customer_id"]].merge(truth, on="record_key", how="inner", validate="one_to_one")


def pairwise(current: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Pairwise precision and recall of customer_id against person_id, over records in both tables.

    `current` has record_key and customer_id, `truth` record_key and person_id. Of all pairs of records
    put together, precision is the share that are one person; of all pairs that are one person, recall
    is the share put together. Without any pair a share is 1. A truth of some records only (a labelled
    sample) will do: what lies outside it is not counted.
    """
    both = matched(current, truth)
    pairs = Pairs.of(Grouped.of(both.customer_id, both.person_id))
    return {
        "precision": pairs.precision,
        "recall": pairs.recall,
        "f1": pairs.f1,
        "true_people": int(both.person_id.nunique()),
        "found_customers": int(both.customer_id.nunique()),
        "true_pairs": pairs.true,
        "found_pairs": pairs.found,
        "right_pairs": pairs.right,
        "records": len(both),
    }


def bcubed(current: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """B-cubed precision, recall and F1 over the records in both tables (as for `pairwise`).

    For a record r with the customer C(r) and the person P(r), both as sets of records:
    precision(r) = |C(r) and P(r)| / |C(r)|, recall(r) = |C(r) and P(r)| / |P(r)|; precision and recall are
    the means over all records, F1 their harmonic mean (Bagga and Baldwin, Algorithms for Scoring
    Coreference Chains, 1998, with equal weights). Every record counts the same, records alone too, where
    pairwise measures a group by the square of its size. Without records all three are 1.
    """
    both = matched(current, truth)
    return bcubed_means(*record_scores(Grouped.of(both.customer_id, both.person_id)))


def bcubed_means(precisions: np.ndarray, recalls: np.ndarray) -> dict[str, float]:
    """B-cubed of some records from their own scores."""
    # fsum is exact before it rounds: the order of the records plays no part, not even in the last digit.
    precision, recall = (fsum(scores) / len(scores) if len(scores) else 1.0 for scores in (precisions, recalls))
    return {
        "bcubed_precision": precision,
        "bcubed_recall": recall,
        "bcubed_f1": harmonic(precision, recall),
    }
