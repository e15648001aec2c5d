"""The demo company as a set: the records that identity saw on the last night, and the simulator's truth about them."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.grading.truth import TRUTH_VARIABLE
from orchestration.lake import sql_literal
from orchestration.paths import DataDir


def demo() -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Records and truth of the last `make run`; None before there was one."""
    data = DataDir.from_environment()
    truth = Path(os.environ.get(TRUTH_VARIABLE) or data.root / "demo" / "truth") / "records.parquet"
    if not (data.warehouse.exists() and truth.exists()):
        return None
    with duckdb.connect(str(data.warehouse), read_only=True) as warehouse:
        records = warehouse.sql("select * from validated.customer_records order by record_key").df()
        known = warehouse.sql(
            "select record_key, truth.person_id, truth.household_id, truth.language, truth.error_kinds, truth.n_errors"
            f" from validated.customer_records inner join read_parquet({sql_literal(truth)}) as truth"
            " using (source_system, source_key) order by record_key"
        ).df()
    return records, known
