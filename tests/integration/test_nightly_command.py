"""The command around the job: one run at a time, and runs that were killed leave nothing locked."""

import subprocess
import sys

import dagster as dg
import pytest

from orchestration import dead_runs, nightly
from orchestration.dbt import DbtFailure
from orchestration.dead_runs import release_dead_runs
from orchestration.lake import Lake
from orchestration.paths import PROJECT_DIR, DataDir
from orchestration.raw.declaration import DeclarationError
from orchestration.run_lock import AnotherRunError, take
from orchestration.validated.rules import RuleError
from orchestration.validated.watch_declaration import WatchError

_HOLD = """
import sys
from pathlib import Path
from orchestration.paths import DataDir
from orchestration.raw.declaration import DeclarationError
from orchestration.run_lock import take
with take(DataDir(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


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
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(data.root)], cwd=PROJECT_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline().strip() == b"held"
        assert nightly.main([]) == 2
    finally:
        holder.communicate(b"end", timeout=30)
    assert capsys.readouterr().err.startswith("another run is under way on ")
    with take(data):
        pass  # free again


def test_a_step_of_the_ui_waits_for_no_one_and_says_why(data):
    """Whoever starts a run, its first step takes the lock: two runs never interleave on one folder."""
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(data.root)], cwd=PROJECT_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    @dg.asset
    def anything(lake: Lake) -> None:
        raise AssertionError("must not run beside another run")

    try:
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(Exception) as caught:
            dg.materialize([anything], resources={"lake": Lake(data_dir=str(data.root))})
    finally:
        holder.communicate(b"end", timeout=30)
    causes = [caught.value]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)
    assert isinstance(causes[-1], AnotherRunError)


def test_a_day_that_is_none_is_refused(data, capsys):
    with pytest.raises(SystemExit):
        nightly.main(["--as-of", "yesterday"])
    assert "--as-of" in capsys.readouterr().err


def test_a_killed_run_gives_back_its_place(data):
    with nightly.open_instance(data) as instance:
        ours = instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED)
        waiting = instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.NOT_STARTED)
        instance.event_log_storage.initialize_concurrency_limit_to_default("warehouse")
        claimed = instance.event_log_storage.claim_concurrency_slot("warehouse", ours.run_id, "staged")
        assert claimed.is_claimed
        release_dead_runs(instance)
        assert instance.get_run_by_id(ours.run_id).status == dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(waiting.run_id).status == dg.DagsterRunStatus.NOT_STARTED
        assert instance.event_log_storage.claim_concurrency_slot("warehouse", "next", "staged").is_claimed


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING])
def test_a_run_that_a_crashed_daemon_left_starting_or_ending_holds_nobody_up(data, monkeypatch, status):
    with nightly.open_instance(data) as instance:
        ours = instance.create_run_for_job(some_job, status=status)
        release_dead_runs(instance)
        assert instance.get_run_by_id(ours.run_id).status == status  # it may still be at it
        now = dead_runs.time.time()
        monkeypatch.setattr(dead_runs.time, "time", lambda: now + 601)
        release_dead_runs(instance)
        assert instance.get_run_by_id(ours.run_id).is_finished


def test_only_one_step_at_a_time_may_hold_the_warehouse(data):
    with nightly.open_instance(data) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("warehouse")
        assert storage.claim_concurrency_slot("warehouse", "one", "staged").is_claimed
        assert not storage.claim_concurrency_slot("warehouse", "two", "staged").is_claimed


@pytest.mark.parametrize(
    "mistake",
    [
        RuleError("orders, rule no_key: fail_when: no such key\norders, rule no_key: fails_when: missing"),
        DeclarationError("shop.yml: ownr: no such key (did you mean owner?)"),
        WatchError("orders, watch: column: chanel is not one of channel"),
        DbtFailure("Parsing Error Error reading staged/staged_orders.yml"),
    ],
)
def test_a_mistake_in_the_projects_files_is_its_lines_and_no_trace(data, capsys, monkeypatch, mistake):
    def refuse(*_: object, **__: object) -> None:
        raise mistake

    monkeypatch.setattr(nightly, "build_definitions", refuse)
    assert nightly.main([]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "",
        "Nothing was run; the tables published before still stand.",
        *(f"  {line}" for line in str(mistake).splitlines()),
    ]
