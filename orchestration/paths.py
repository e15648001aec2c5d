"""Where the pipeline keeps its data: one folder, `data/` unless PIPELINE_DATA_DIR names another."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
DBT_PROJECT_DIR = PROJECT_DIR / "dbt_project"


@dataclass(frozen=True)
class DataDir:
    """The files of one installation. All paths are absolute."""

    root: Path

    @classmethod
    def from_environment(cls) -> DataDir:
        """The folder named by PIPELINE_DATA_DIR, else `data/` beside the code."""
        return cls(Path(os.environ.get("PIPELINE_DATA_DIR") or PROJECT_DIR / "data").resolve())

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def raw(self) -> Path:
        return self.lake / "raw"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def warehouse_log(self) -> Path:
        """What DuckDB had not yet written into the warehouse when its process ended."""
        return self.root / "warehouse.duckdb.wal"

    @property
    def serving(self) -> Path:
        """The database that is published; readers open it unless SERVING_DUCKDB=off gives them PostgreSQL alone."""
        is_off = os.environ.get("SERVING_DUCKDB", "").strip().lower() == "off"
        return self.publications / "current.duckdb" if is_off else self.root / "serving.duckdb"

    @property
    def publications(self) -> Path:
        """The last publications, whole, for a roll-back."""
        return self.root / "publications"

    @property
    def site(self) -> Path:
        """The report: `index.html` and what it needs."""
        return self.root / "site"

    @property
    def dlt(self) -> Path:
        return self.root / "dlt"

    @property
    def dbt_target(self) -> Path:
        return self.root / "dbt"

    @property
    def dagster_home(self) -> Path:
        return self.root / "dagster"
