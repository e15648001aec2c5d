"""What a night has changed since the last one, as it goes through the stages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .alignment import Alignment
from .clustering.groups import Groups


@dataclass(frozen=True)
class Changes:
    """Records by their rows in tonight's features.

    rows: which is which row of last night. touched: mask of records whose effective row is new or perhaps another one.
    met: mask of those, and of records that had or have a pair with one of them or with one that is gone. former:
    features of last night of the records that are touched or gone. groups: those of last night, by its own rows; None
    where they can't be used. grouped_with: what those depend on besides records and pairs.
    """

    rows: Alignment
    touched: np.ndarray
    met: np.ndarray
    former: pa.Table
    groups: Groups | None
    grouped_with: str
