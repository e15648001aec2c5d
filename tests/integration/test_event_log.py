"""What a run on the command line notes of itself is read by Dagster as if it had noted it in its own way."""

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration import nightly
from orchestration.event_log import KeptConnectionEventLog
from orchestration.paths import DataDir


@dg.asset(check_specs=[dg.AssetCheckSpec("any_rows", asset="table")])
def table():
    yield dg.MaterializeResult(metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=False)])


@pytest.fixture
def data(tmp_path, monkeypatch) -> DataDir:
    monkeypatch.setenv("PIPELINE_DATA_DIR", str(tmp_path))
    return DataDir.from_environment()


def test_the_ui_sees_every_event_of_the_command(data):
    with nightly.open_instance(data) as instance:
        assert isinstance(instance.event_log_storage, KeptConnectionEventLog)
        run = dg.materialize([table], instance=instance)
        noted = [entry.message for entry in instance.all_logs(run.run_id)]
    with dg.DagsterInstance.from_config(str(data.dagster_home)) as ui:  # as `dagster dev` opens it
        assert type(ui.event_log_storage) is SqliteEventLogStorage
        assert [entry.message for entry in ui.all_logs(run.run_id)] == noted
        assert ui.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.SUCCESS
        assert ui.get_latest_materialization_event(dg.AssetKey("table")).run_id == run.run_id
        [check] = ui.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("table"), "any_rows"), limit=5
        )
        assert check.status.value == "FAILED"


def test_both_write_the_same_files_at_once(data):
    with nightly.open_instance(data) as instance, dg.DagsterInstance.from_config(str(data.dagster_home)) as ui:
        runs = [dg.materialize([table], instance=one).run_id for one in (instance, ui, instance, ui)]
        seen = ui.fetch_materializations(dg.AssetKey("table"), limit=9).records
        assert {record.run_id for record in seen} == set(runs)


def test_a_connection_that_failed_is_not_used_again(data):
    with nightly.open_instance(data) as instance:
        storage = instance.event_log_storage
        with storage.index_connection() as connection:
            before = connection.connection.dbapi_connection
        with pytest.raises(ZeroDivisionError), storage.index_connection():
            raise ZeroDivisionError
        with storage.index_connection() as connection:
            assert connection.connection.dbapi_connection is not before
        assert dg.materialize([table], instance=instance).success


def test_nothing_stays_open_behind_the_run(data):
    with nightly.open_instance(data) as instance:
        dg.materialize([table], instance=instance)
    assert not list((data.dagster_home / "history").glob("**/*-wal"))  # SQLite removes it with the last connection
