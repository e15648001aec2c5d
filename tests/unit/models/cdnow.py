"""CDNOW purchases as the `lifetimes` package ships them; read as files, the package itself is never imported."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest


def _folder() -> Path:
    found = find_spec("lifetimes")
    if found is None or not found.submodule_search_locations:
        pytest.skip("the CDNOW purchases come with the package lifetimes (a development dependency)")
    return Path(found.submodule_search_locations[0]) / "datasets"


def summary() -> pd.DataFrame:
    """x, t_x and T in weeks, and mean value zbar of repeat purchases, of 2,357 customers in 39 weeks."""
    return pd.read_csv(_folder() / "cdnow_customers_summary_with_transactions.csv")
