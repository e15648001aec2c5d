"""Decisions of people on single pairs, as a table: read from the file that identity.yml names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

DECISION_COLUMNS = ["decision", "record_key_l", "record_key_r", "decided_by", "decided_on", "reason"]


def read_decisions(path: Path | None) -> pd.DataFrame | None:
    """The decisions in a CSV file as texts; None when there is no such file."""
    if path is None or not path.exists():
        return None
    return pd.read_csv(path, dtype="str", keep_default_na=False)[DECISION_COLUMNS]
