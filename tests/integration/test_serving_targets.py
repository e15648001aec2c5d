"""Both targets as assets: either can be off, and PostgreSQL that is down harms nothing but its own asset."""

import re
from datetime import date, datetime
from types import SimpleNamespace

import dagster as dg
import duckdb
import pandas as pd
import psycopg
import pytest

from demo_company.postgres import Postgres as Server
from orchestration.contracts import PIPELINE_RUNS
from orchestration.lake import Lake
from orchestration.serving.assets import build_publication
from orchestration.serving.declaration import ServingDeclaration
from orchestration.serving.kept import Kept
from orchestration.serving.rollback import main
from orchestration.serving.run_record import mark_earlier_runs
from tests.integration.shop import PASSWORD
from tests.unit.orchestration.published_nights import APART, LENIENT, MARTS, night_found

_SEEN = "select distinct customers.night, number from marts.customers cross join marts.publication"


@pytest.fixture
def lake(tmp_path, monkeypatch) -> Lake:
    monkeypatch.setenv("PIPELINE_DATA_DIR", str(tmp_path))
    for name in ("SERVING_POSTGRES_DSN", "SERVING_DUCKDB"):
        monkeypatch.delenv(name, raising=False)
    return Lake(data_dir=str(tmp_path))


@pytest.fixture
def address(server: Server, request) -> str:
    """A database of the test's own."""
    name = f"d{abs(hash(request.node.name))}"
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return server.url("company_admin", PASSWORD, name)


def _run(lake: Lake, night: int) -> tuple[bool, dict[str, dict], list[str]]:
    """(success, metadata by asset, failure lines) of the serving assets of a night."""
    night_found(lake, night, APART, LENIENT)
    assets = build_publication([dg.AssetKey(["marts", name]) for name in MARTS], MARTS, ServingDeclaration())
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(assets, resources={"lake": lake}, instance=instance, raise_on_error=False)
    made = {
        event.materialization.asset_key.path[-1]: {k: v.value for k, v in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
    }
    lines = [
        str(event.step_failure_data.user_failure_data.description)
        for event in result.all_events
        if event.is_step_failure and event.step_failure_data.user_failure_data
    ]
    return result.success, made, lines


def _in_duckdb(lake: Lake) -> set[tuple[int, int]]:
    with duckdb.connect(str(lake.data.serving), read_only=True) as connection:
        return set(connection.sql(_SEEN).fetchall())


def _in_postgres(address: str) -> set[tuple[int, int]]:
    with psycopg.connect(address) as connection:
        return set(connection.execute(_SEEN).fetchall())


def test_by_default_only_the_file_is_published(lake) -> None:
    success, made, _ = _run(lake, 1)
    assert success and set(made) == {"serving_duckdb"}
    assert made["serving_duckdb"]["dagster/row_count"] == 53
    assert _in_duckdb(lake) == {(1, 1)}


def test_both_publish_the_same_and_roll_back_together(lake, address, monkeypatch, capsys) -> None:
    monkeypatch.setenv("SERVING_POSTGRES_DSN", address)
    for night in (1, 2):
        success, made, lines = _run(lake, night)
        assert success, lines
    assert made["serving_postgres"]["publication"] == made["serving_duckdb"]["publication"]
    assert made["serving_postgres"]["dagster/row_count"] == 53
    assert PASSWORD not in repr(made)
    assert _in_duckdb(lake) == _in_postgres(address) == {(2, 2)}
    assert main(["--by", "Ann", "--why", "wrong prices"]) == 0
    assert _in_duckdb(lake) == _in_postgres(address) == {(1, 1)}
    assert main(["--list"]) == 0
    said = capsys.readouterr()
    assert re.search(r"^PostgreSQL 127\.0\.0\.1:\d+/\w+: 000001_2017-12-02_\w+ is published$", said.out, re.M)
    assert PASSWORD not in said.out + said.err
    _, made, _ = _run(lake, 3)
    assert "was rolled back to 1 (2017-12-02) at " in made["serving_duckdb"]["rolled_back_before"]
    assert "by Ann: wrong prices" in made["serving_duckdb"]["rolled_back_before"]
    assert _in_duckdb(lake) == _in_postgres(address) == {(3, 3)}


def test_a_postgres_that_is_down_fails_its_own_asset_in_one_line(lake, monkeypatch) -> None:
    monkeypatch.setenv("SERVING_POSTGRES_DSN", "postgresql://me:s3cret-word@127.0.0.1:9/company")
    success, made, (line,) = _run(lake, 1)
    assert not success and set(made) == {"serving_duckdb"}
    assert line.startswith("PostgreSQL at 127.0.0.1:9/company can't be reached (")
    assert line.endswith("(serving.duckdb has tonight's all the same)")
    assert "\n" not in line and "s3cret-word" not in line
    assert _in_duckdb(lake) == {(1, 1)}


def test_without_the_file_postgres_is_what_is_published(lake, address, monkeypatch) -> None:
    monkeypatch.setenv("SERVING_POSTGRES_DSN", address)
    monkeypatch.setenv("SERVING_DUCKDB", "off")
    for night in (1, 2):
        success, made, lines = _run(lake, night)
        assert success, lines
    assert made["serving_duckdb"]["target"].startswith("off")
    assert not (lake.data.root / "serving.duckdb").exists()
    assert _in_postgres(address) == {(2, 2)}
    monkeypatch.setenv("SERVING_POSTGRES_DSN", "postgresql://127.0.0.1:9/company")
    success, _, (line,) = _run(lake, 3)
    assert not success and "all the same" not in line
    assert Kept.of(lake.data).current().number == 2  # readers still have night 2, and so says the gate
    assert main([]) == 1
    assert Kept.of(lake.data).current().number == 2
    monkeypatch.setenv("SERVING_POSTGRES_DSN", address)
    assert main([]) == 0
    assert _in_postgres(address) == {(1, 1)}
    assert Kept.of(lake.data).current().number == 1


def test_nothing_switched_on_is_one_line(lake, monkeypatch, capsys) -> None:
    monkeypatch.setenv("SERVING_DUCKDB", "off")
    assert main(["--list"]) == 1
    assert capsys.readouterr().err.startswith("SERVING_DUCKDB=off and no SERVING_POSTGRES_DSN: nothing would be")


def test_the_next_night_marks_what_was_rolled_back(lake, monkeypatch) -> None:
    def record(run_id: str, status: str) -> None:
        values = dict.fromkeys(PIPELINE_RUNS.names, 0) | {"run_id": run_id, "status": status}
        night = pd.DataFrame([values | {"as_of": date(2017, 12, 2), "started_at": datetime(2017, 12, 3)}])
        lake.write(f"pipeline_runs/{run_id}.parquet", night, PIPELINE_RUNS)

    def statuses() -> list[str]:
        with dg.DagsterInstance.ephemeral() as instance:
            mark_earlier_runs(SimpleNamespace(instance=instance, run_id="tonight"), lake)
        return [lake.read(f"pipeline_runs/{run}.parquet", PIPELINE_RUNS)["status"].iloc[0] for run in runs]

    for night in (1, 2):
        _run(lake, night)
    runs = [manifest.run_id for manifest in Kept.of(lake.data).all()]
    for run in runs:
        record(run, "published")
    assert statuses() == ["published", "published"]
    assert main([]) == 0
    assert statuses() == ["published", "rolled back"]
    assert main(["--to", "2"]) == 0
    assert statuses() == ["published", "published"]
    record(runs[1], "stopped")
    assert main([]) == 0
    assert statuses() == ["published", "stopped"]


def test_a_run_killed_just_after_it_published_is_recorded_as_published(lake) -> None:
    """Its last event was never written; what is kept of publications says who published."""
    _run(lake, 1)
    (manifest,) = Kept.of(lake.data).all()
    gone = SimpleNamespace(is_success=False)
    instance = SimpleNamespace(
        get_run_by_id=lambda run_id: gone, get_records_for_run=lambda *_, **__: SimpleNamespace(records=[])
    )
    for run_id in (manifest.run_id, "another"):
        values = dict.fromkeys(PIPELINE_RUNS.names, 0) | {"run_id": run_id, "status": "published"}
        night = pd.DataFrame([values | {"as_of": date(2017, 12, 2), "started_at": datetime(2017, 12, 3)}])
        lake.write(f"pipeline_runs/{run_id}.parquet", night, PIPELINE_RUNS)
    kept = Kept.of(lake.data)
    kept.path(manifest).rename(kept.folder / f".{manifest.name}.pending")  # killed before it took its name
    mark_earlier_runs(SimpleNamespace(instance=instance, run_id="tonight"), lake)
    said = [
        lake.read(f"pipeline_runs/{run}.parquet", PIPELINE_RUNS)["status"].iloc[0]
        for run in (manifest.run_id, "another")
    ]
    assert said == ["published", "failed"]
