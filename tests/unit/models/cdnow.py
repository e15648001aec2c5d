"""CDNOW purchases for tests; skipped, with the word why, where the package that ships them is missing."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.intelligence.purchases import cdnow_summary


def summary() -> pd.DataFrame:
    """x, t_x and T in weeks, and mean value zbar of repeat purchases, of 2,357 customers in 39 weeks."""
    try:
        return cdnow_summary()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
