"""Quality by kind of record: where people are found well, and where not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from .agreement import Grouped, Pairs, bcubed_means, matched, record_scores

QUALITY_COLUMNS = [
    "dimension",
    "value",
    "records",
    "true_pairs",
    "found_pairs",
    "right_pairs",
    "precision",
    "recall",
    "f1",
    "bcubed_precision",
    "bcubed_recall",
    "bcubed_f1",
]
QUALITY_DECIMALS = 6
NO_ERROR = "none"


def breakdown(current: pd.DataFrame, truth: pd.DataFrame, households: pd.DataFrame | None = None) -> pd.DataFrame:
    """Pairwise and B-cubed measures of all records and by what `truth` says of them.

    Args:
        current: record_key, customer_id.
        truth: record_key, person_id; any of source_system, language, error_kinds (comma-separated, '' for
            none) and household_id. A labelled sample will do, and a column that is missing is not broken down by.
        households: record_key, household_id as found, where households were looked for.

    Returns:
        QUALITY_COLUMNS, one row per dimension and value:
        all: every pair.
        source, language: pairs of which at least one record is of the value.
        source_pair: pairs with one record of each of two sources, or both of the same; no B-cubed, which is of records.
        error_kind: pairs of which at least one record has the error; `none`: pairs of two records without any.
        household: `kept apart`: pairs within one true household, so 1 - precision is the share of merges of two
        relatives; `grouping`: the households found against the true ones, pairs of records of one household.
    """
    both = matched(current, truth)
    records = Grouped.of(both.customer_id, both.person_id)
    measured = _Measured(records)
    rows = [measured.all(), *_by_source(both, measured), *_by_language(both, measured), *_by_error(both, measured)]
    rows += _by_household(both, measured, households)
    table = pd.DataFrame(rows, columns=QUALITY_COLUMNS)
    shares = QUALITY_COLUMNS[6:]
    return table.astype({name: "float64" for name in shares}).round(dict.fromkeys(shares, QUALITY_DECIMALS))


class _Measured:
    """The records with the scores that every breakdown shares."""

    def __init__(self, records: Grouped) -> None:
        self.records = records
        self.pairs = Pairs.of(records)
        self.precisions, self.recalls = record_scores(records)

    def all(self) -> dict[str, object]:
        return self.row("all", "all", self.pairs, np.ones(len(self.precisions), dtype=bool))

    def touching(self, dimension: str, value: str, chosen: np.ndarray) -> dict[str, object]:
        """Pairs with at least one chosen record: all pairs but those among the others."""
        return self.row(dimension, value, self.pairs - Pairs.of(self.records.where(~chosen)), chosen)

    def among(self, dimension: str, value: str, chosen: np.ndarray) -> dict[str, object]:
        """Pairs of two chosen records."""
        return self.row(dimension, value, Pairs.of(self.records.where(chosen)), chosen)

    def row(self, dimension: str, value: str, pairs: Pairs, chosen: np.ndarray | None) -> dict[str, object]:
        """One row of the table; B-cubed over the chosen records, or none at all."""
        row = _row(dimension, value, pairs, len(self.precisions) if chosen is None else int(chosen.sum()))
        return row if chosen is None else row | bcubed_means(self.precisions[chosen], self.recalls[chosen])


def _row(dimension: str, value: str, pairs: Pairs, records: int) -> dict[str, object]:
    return {
        "dimension": dimension,
        "value": value,
        "records": records,
        "true_pairs": pairs.true,
        "found_pairs": pairs.found,
        "right_pairs": pairs.right,
        "precision": pairs.precision,
        "recall": pairs.recall,
        "f1": pairs.f1,
    }


def _by_source(both: pd.DataFrame, measured: _Measured) -> Iterator[dict[str, object]]:
    if "source_system" not in both:
        return
    masks = {source: (both.source_system == source).to_numpy() for source in _values(both.source_system)}
    for source, chosen in masks.items():
        yield measured.touching("source", source, chosen)
    within = {source: Pairs.of(measured.records.where(chosen)) for source, chosen in masks.items()}
    for left, right in combinations_with_replacement(masks, 2):
        if left == right:
            pairs, chosen = within[left], masks[left]
        else:
            chosen = masks[left] | masks[right]
            # Pairs among the two sources, without those inside either, are those between them.
            pairs = Pairs.of(measured.records.where(chosen)) - within[left] - within[right]
        yield _row("source_pair", f"{left} + {right}", pairs, int(chosen.sum()))


def _by_language(both: pd.DataFrame, measured: _Measured) -> Iterator[dict[str, object]]:
    if "language" in both:
        for language in _values(both.language):
            yield measured.touching("language", language, (both.language == language).to_numpy())


def _by_error(both: pd.DataFrame, measured: _Measured) -> Iterator[dict[str, object]]:
    if "error_kinds" not in both:
        return
    texts = both.error_kinds.fillna("")
    codes, distinct = pd.factorize(texts)
    kinds = [set(filter(None, text.split(","))) for text in distinct]
    yield measured.among("error_kind", NO_ERROR, np.array([not some for some in kinds], dtype=bool)[codes])
    for kind in sorted(set().union(*kinds)):
        yield measured.touching("error_kind", kind, np.array([kind in some for some in kinds])[codes])


def _by_household(
    both: pd.DataFrame, measured: _Measured, households: pd.DataFrame | None
) -> Iterator[dict[str, object]]:
    if "household_id" not in both:
        return
    # A pair inside one true household: of one customer and one household, of one person and one household.
    homes = pd.factorize(both.household_id)[0].astype("int64")
    inside = Grouped(_joint(measured.records.found, homes), _joint(measured.records.true, homes))
    chosen = both.household_id.notna().to_numpy()
    yield _row("household", "kept apart", Pairs.of(inside.where(chosen)), int(chosen.sum()))
    if households is not None:
        found = both.merge(
            households[["record_key", "household_id"]].rename(columns={"household_id": "found_household"}),
            on="record_key",
            validate="one_to_one",
        )
        found = found[found.household_id.notna() & found.found_household.notna()]
        grouped = Grouped.of(found.found_household, found.household_id)
        row = _row("household", "grouping", Pairs.of(grouped), len(found))
        yield row | bcubed_means(*record_scores(grouped))


def _joint(codes: np.ndarray, other: np.ndarray) -> np.ndarray:
    """One code per combination of two."""
    return pd.factorize(codes * (other.max(initial=0) + 2) + other + 1)[0].astype("int64")


def _values(column: pd.Series) -> list[str]:
    return sorted(column.dropna().unique())
