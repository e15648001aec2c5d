"""Distinct values as numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def codes_of(column: pa.ChunkedArray) -> np.ndarray:
    """A number per value, the same for the same value, -1 for missing."""
    encoded = column.combine_chunks().dictionary_encode()
    return pc.fill_null(encoded.indices, -1).to_numpy().astype(np.int64)
