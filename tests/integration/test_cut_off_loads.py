"""A load that a full disk cut short, clean-up and all: nothing is told as landed that has not; the next pull mends."""

from pathlib import Path

import dlt
import duckdb
import pytest
from dlt.destinations.impl.filesystem.filesystem import FilesystemLoadJob

from orchestration.paths import DataDir
from orchestration.raw.errors import SourceError
from orchestration.raw.load import pull
from tests.unit.orchestration.file_drops import declare

_FULL = OSError(28, "No space left on device")


@pytest.fixture
def drop(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    monkeypatch.setenv("DROP", str(folder))
    return folder


def _ids(data: DataDir) -> list[str]:
    rows = duckdb.sql(f"select id from read_parquet('{data.raw}/drop/people/*.parquet') order by 1").fetchall()
    return [row for (row,) in rows]


def test_the_pull_after_a_full_disk_lands_all_it_says(drop, tmp_path, monkeypatch):
    """The loader notes that it gives a package up and fails to clean up: the next load would drop what comes along."""
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"})
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    pull(declaration, data)
    (drop / "people_2.csv").write_text("id,name\n2,b\n")
    real, calls = dlt.Pipeline.load, []

    def load(pipeline, *arguments, **named):
        calls.append(pipeline)
        if len(calls) == 2:  # the clean-up
            raise _FULL
        return real(pipeline, *arguments, **named)

    def fails(job):
        raise _FULL

    with monkeypatch.context() as full:
        full.setattr(dlt.Pipeline, "load", load)
        full.setattr(FilesystemLoadJob, "run", fails)
        with pytest.raises(SourceError, match="the disk of the data folder is full"):
            pull(declaration, data)
    assert len(calls) == 2
    assert _ids(data) == ["1"]
    assert pull(declaration, data).rows == {"people": 1}
    assert _ids(data) == ["1", "2"]
    assert pull(declaration, data).rows == {"people": 0}


def test_what_did_not_land_is_not_told_as_landed(drop, tmp_path, monkeypatch):
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"})
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    real = dlt.Pipeline.run

    def run(pipeline, *arguments, **named):
        loaded = real(pipeline, *arguments, **named)
        loaded.load_packages[:] = [package._replace(state="aborted") for package in loaded.load_packages]
        return loaded

    with monkeypatch.context() as aborted:
        aborted.setattr(dlt.Pipeline, "run", run)
        with pytest.raises(SourceError, match=r"drop\.\*: what was pulled did not land\. Remedy: run again"):
            pull(declaration, data)
