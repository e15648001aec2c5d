"""Two nights of a small demo company, run once for all end-to-end tests: real systems, real steps."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from demo_company.systems import Systems, running
from orchestration.definitions import build_definitions
from orchestration.nightly import failures, open_instance, run_nightly
from orchestration.paths import PROJECT_DIR, DataDir
from orchestration.summary import summarise

HOUSEHOLDS = 150
FIRST_DAY, SECOND_DAY = "2017-12-17", "2017-12-20"


@dataclass
class Night:
    """One run of the job and what it left behind."""

    is_success: bool
    failures: list[str]
    pulled: dict[str, int]
    marts: dict[str, str]
    summary: str


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """The process environment with `values`, as it was before afterwards."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run_night(data: DataDir, systems_environment: dict[str, str], as_of: str = "") -> Night:
    """The job `nightly` in this process, on the systems of `systems_environment`."""
    with environment(systems_environment), open_instance(data) as instance:
        result = run_nightly(build_definitions(data, as_of=as_of), instance)
    pulled: dict[str, int] = {}
    for event in result.get_asset_materialization_events():
        key = event.materialization.asset_key.path
        if key[0] == "raw" and not key[-1].startswith("_"):
            pulled["/".join(key[1:])] = int(event.materialization.metadata["new_rows"].value)
    return Night(
        is_success=result.success,
        failures=failures(result),
        pulled=pulled,
        marts=digest(data.serving) if data.serving.exists() else {},
        summary=summarise(data, result, 0.0) if result.success else "",
    )


def digest(serving: Path) -> dict[str, str]:
    """A hash of each published table's bytes, written out in its stored order."""
    with duckdb.connect(str(serving), read_only=True) as connection:
        tables = [name for (name,) in connection.sql("select table_name from duckdb_tables() order by 1").fetchall()]
        return {
            table: connection.execute(
                f"select count(*) || ':' || coalesce(md5(string_agg(line, chr(10) order by position)), '')"
                f" from (select cast(marts_row as varchar) as line, row_number() over () as position"
                f" from marts.{table} as marts_row)"
            ).fetchone()[0]
            for table in tables
        }


@dataclass
class Company:
    """A small company after its nights."""

    data: DataDir
    systems: Systems
    first: Night
    second: Night
    again: Night
    reader: dict
    assignments_before: list[tuple]
    kept_before: dict[str, str]

    @property
    def truth(self) -> Path:
        return Path(self.systems.environment["TRUTH_DIR"])


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach; pytest closes its own to everybody else."""
    with tempfile.TemporaryDirectory(prefix="company-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def company(open_folder: Path) -> Iterator[Company]:
    """First night; second night three days on, with a reader polling; the second once more, from raw alone."""
    data = DataDir(open_folder)
    with running(data.root, households=HOUSEHOLDS, today=FIRST_DAY) as systems:
        first = run_night(data, systems.environment)
        assert first.is_success, first.failures
    with running(data.root, households=HOUSEHOLDS, today=SECOND_DAY) as systems:
        with polling(data.serving) as reader:
            second = run_night(data, systems.environment)
        assert second.is_success, second.failures
        assignments_before = read_parquet(data.lake / "identity/assignments.parquet")
        kept_before = kept_files(data)
        data.warehouse.unlink()
        again = run_night(data, systems.environment, as_of="2017-12-19")  # the day it speaks for anyway
        assert again.is_success, again.failures
        yield Company(data, systems, first, second, again, reader, assignments_before, kept_before)


@contextmanager
def polling(serving: Path) -> Iterator[dict]:
    """A BI reader in a process of its own that opens the served file again and again until the end."""
    reader = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "reader.py"), str(serving)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT_DIR,
    )
    report: dict = {}
    try:
        yield report
    finally:
        output, _ = reader.communicate("stop\n", timeout=60)
        report.update(json.loads(output))


def kept_files(data: DataDir) -> dict[str, str]:
    """A hash of the bytes of every file that models and their grades leave in the lake."""
    return {
        str(path.relative_to(data.lake)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("intelligence", "grading")
        for path in sorted((data.lake / folder).rglob("*"))
        if path.is_file()
    }


def read_parquet(path: Path) -> list[tuple]:
    """All rows of a Parquet file, in a fixed order."""
    return duckdb.sql(f"select * from read_parquet('{path}') order by all").fetchall()
