"""How many different values a customer has of something, slips of the pen not counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..database import room
from .components import components, sizes

# A value this long with at most so many letters or digits typed wrong, or changed places, is taken for the same.
LEAST_LENGTH, MOST_SLIPS = 6, 2
# Groups with more distinct values than this are no customers, whoever mistyped what: they are not compared.
MOST_COMPARED = 500


@dataclass(frozen=True)
class Limited:
    """A column with the most distinct values of it that a customer may have. codes: a number per record for its
    value, -1 without; texts: the value of each number."""

    codes: np.ndarray
    texts: pa.Array
    most: int

    @classmethod
    def of(cls, column: pa.ChunkedArray, most: int) -> Limited:
        """From the column's values in the order of the records."""
        encoded = column.combine_chunks().dictionary_encode()
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(codes, encoded.dictionary, most)


def too_many(labels: np.ndarray, codes: np.ndarray, most: int) -> np.ndarray:
    """Mask over labels: the group has more distinct codes than `most`."""
    known = (codes >= 0) & (sizes(labels) > most)  # a group of few records has few values
    if not known.any():
        return np.zeros(len(labels), bool)
    width = int(codes.max()) + 1
    distinct = np.unique(labels[known].astype(np.int64) * width + codes[known])
    return np.bincount(distinct // width, minlength=len(labels)) > most


def judged(labels: np.ndarray, limited: Limited) -> tuple[np.ndarray, np.ndarray]:
    """(codes with one number for slips of one value within a group, mask over labels of groups with too many)."""
    over = too_many(labels, limited.codes, limited.most)
    if not over.any():
        return limited.codes, over
    records = np.flatnonzero(over[labels] & (limited.codes >= 0))
    width = len(limited.texts)
    nodes, where = np.unique(labels[records].astype(np.int64) * width + limited.codes[records], return_inverse=True)
    left, right = _slips(nodes // width, limited.texts.take(pa.array(nodes % width)))
    codes = np.full(len(labels), -1)
    codes[records] = components(len(nodes), left, right)[where]
    return codes, too_many(labels, codes, limited.most)


def _slips(groups: np.ndarray, texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of positions of one group whose texts are a slip apart."""
    table = pa.table({"id": np.arange(len(groups)), "label": groups, "text": texts})
    with room() as connection:
        connection.register("given", table)
        found = connection.sql(f"""
            with few as (select * from given where length(text) >= {LEAST_LENGTH}
                         qualify count(*) over (partition by label) <= {MOST_COMPARED})
            select one.id as l, other.id as r from few as one inner join few as other on one.label = other.label
            where one.id < other.id and damerau_levenshtein(one.text, other.text) <= {MOST_SLIPS}
        """).fetchnumpy()
    return found["l"].astype(np.int64), found["r"].astype(np.int64)
