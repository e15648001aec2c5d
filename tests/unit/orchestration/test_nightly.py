"""The command around the job: one run at a time, and runs that were killed leave nothing locked."""

import dagster as dg
import pytest
from filelock import FileLock

from orchestration import nightly
from orchestration.paths import DataDir


@dg.op
def nothing() -> None:
    pass


@dg.job
def some_job() -> None:
    nothing()


@pytest.fixture
def data(tmp_path, monkeypatch) -> DataDir:
    monkeypatch.setenv("PIPELINE_DATA_DIR", str(tmp_path))
    return DataDir.from_environment()


def test_a_second_run_on_the_same_data_is_refused_in_one_line(data, capsys):
    with FileLock(data.root / ".nightly.lock"):
        assert nightly.main([]) == 2
    assert capsys.readouterr().err.startswith("another nightly run is under way on ")


def test_a_killed_run_gives_back_its_place(data):
    with nightly.open_instance(data) as instance:
        ours = instance.create_run_for_job(some_job, tags=nightly._TAGS, status=dg.DagsterRunStatus.STARTED)
        of_the_ui = instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED)
        instance.event_log_storage.initialize_concurrency_limit_to_default("warehouse")
        claimed = instance.event_log_storage.claim_concurrency_slot("warehouse", ours.run_id, "staged")
        assert claimed.is_claimed
        nightly._release_dead_runs(instance)
        assert instance.get_run_by_id(ours.run_id).status == dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(of_the_ui.run_id).status == dg.DagsterRunStatus.STARTED
        assert instance.event_log_storage.claim_concurrency_slot("warehouse", "next", "staged").is_claimed


def test_only_one_step_at_a_time_may_hold_the_warehouse(data):
    with nightly.open_instance(data) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("warehouse")
        assert storage.claim_concurrency_slot("warehouse", "one", "staged").is_claimed
        assert not storage.claim_concurrency_slot("warehouse", "two", "staged").is_claimed
