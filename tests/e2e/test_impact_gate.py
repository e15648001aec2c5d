"""A night that would change who is who too much stops before serving, until a person approves exactly that change."""

import re
import shutil
from dataclasses import dataclass

import dagster as dg
import duckdb
import pytest

from orchestration.definitions import build_definitions
from orchestration.identity.approve import main as approve
from orchestration.nightly import failures, open_instance, run_nightly
from orchestration.paths import DataDir
from orchestration.summary import summarise
from tests.e2e.conftest import Company, digest, environment, read_parquet

MERGES = 60
HEAD = "decision,source_system_a,source_key_a,source_system_b,source_key_b,decided_by,decided_on,reason\n"


@dataclass
class Replay:
    """One run of the job replay on a folder of its own."""

    data: DataDir
    result: dg.ExecuteInProcessResult
    summary: str

    @property
    def failures(self) -> list[str]:
        return failures(self.result)


def _replay(company: Company, data: DataDir) -> Replay:
    with environment(company.systems.environment), open_instance(data) as instance:
        result = run_nightly(build_definitions(data), instance, "replay")
    return Replay(data, result, summarise(data, result, 0.0) if result.success else "")


def _copy(data: DataDir, folder) -> DataDir:
    """What the pipeline has made, without the demo company's own files."""
    shutil.copytree(
        data.root, folder, ignore=shutil.ignore_patterns("demo", ".run.lock"), ignore_dangling_symlinks=True
    )
    return DataDir(folder)


def _merging(data: DataDir) -> str:
    """Decisions by which people who have nothing to do with each other become one customer, two by two."""
    with duckdb.connect(str(data.warehouse), read_only=True) as warehouse:
        firsts = warehouse.sql(
            "select min((source_system, source_key)) from validated.customer_records"
            " inner join identity.assignments using (record_key) group by customer_id order by 1"
        ).fetchall()
    named = [",".join(record.values() if isinstance(record, dict) else record) for (record,) in firsts]
    pairs = zip(named[0 : 2 * MERGES : 2], named[1 : 2 * MERGES : 2], strict=True)
    return HEAD + "".join(f"same,{one},{other},a clerk,2017-12-19,a wrong list\n" for one, other in pairs)


@pytest.fixture(scope="module")
def stopped(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """The same night once more, with a file of decisions that merges strangers."""
    data = _copy(company.data, tmp_path_factory.mktemp("stopped") / "data")
    (data.root / "identity_overrides.csv").write_text(_merging(data), encoding="utf-8")
    return _replay(company, data)


def _change(stopped: Replay) -> str:
    [line] = stopped.failures
    return re.search(r"CHANGE=([0-9a-f]{12}) ", line)[1]


def test_the_run_stops_with_one_line_that_says_what_to_do(stopped):
    assert not stopped.result.success
    [line] = stopped.failures
    assert line.startswith("identity__impact: not published, who is who would change too much: ")
    assert re.search(
        r"\d+ of [\d,]+ known records would belong to another customer \(\d+\.\d%, the limit is 2\.0%\)", line
    )
    assert re.search(r"make approve-identity CHANGE=[0-9a-f]{12} BY=.* WHY=.* and make replay", line)
    assert "\n" not in line


def test_yesterdays_tables_stand_byte_for_byte_and_the_marts_are_built(company, stopped):
    assert stopped.data.serving.read_bytes() == company.data.serving.read_bytes()
    with duckdb.connect(str(stopped.data.warehouse), read_only=True) as warehouse:
        (moves,) = warehouse.sql(
            "select count(*) from marts.customer_id_changes where change in ('merged', 'split')"
        ).fetchone()
    assert moves > MERGES / 2
    records = duckdb.sql(f"select status from '{stopped.data.lake}/pipeline_runs/*.parquet' order by started_at")
    assert [status for (status,) in records.fetchall()] == ["published", "published", "published", "stopped"]


def test_the_ui_shows_the_table_and_ids_only(stopped):
    [failure] = [event for event in stopped.result.all_events if event.is_step_failure]
    shown = failure.step_failure_data.user_failure_data.metadata
    assert "customers merged" in shown["figures"].value
    assert len(re.findall(r"\| C[0-9a-f]{15} *\| C[0-9a-f]{15} *\|", shown["largest_moves"].value)) == 10


def test_publishing_alone_is_refused_as_well(company, stopped):
    with environment(company.systems.environment), open_instance(stopped.data) as instance:
        result = run_nightly(build_definitions(stopped.data), instance, "replay", "group:serving")
    [line] = failures(result)
    assert f"a change of identity waits for approval ({_change(stopped)}). Remedy: make approve-identity" in line
    assert stopped.data.serving.read_bytes() == company.data.serving.read_bytes()


def test_another_fingerprint_is_refused_in_one_line(stopped, capsys):
    with environment({"PIPELINE_DATA_DIR": str(stopped.data.root)}):
        assert approve(["0123456789ab", "--by", "a steward", "--why", "looks right"]) == 1
        assert approve([_change(stopped), "--by", "", "--why", "looks right"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"no change '0123456789ab' waits for approval; the one that does is {_change(stopped)}: look at its table",
        "BY is empty: an approval says who gives it and why",
    ]


def test_a_stopped_night_costs_nobody_an_id(company, stopped, tmp_path):
    """Once the wrong list is gone, the same tables come out as if it had never been there."""
    data = _copy(stopped.data, tmp_path / "data")
    (data.root / "identity_overrides.csv").unlink()
    mended = _replay(company, data)
    assert mended.result.success, mended.failures
    assert read_parquet(data.lake / "identity/assignments.parquet") == company.assignments_before
    for kept in ("history", "events", "redirects", "households", "household_history"):
        name = f"identity/{kept}.parquet"
        assert read_parquet(data.lake / name) == read_parquet(company.data.lake / name), name
    expected = {table: rows for table, rows in company.again.marts.items() if table != "pipeline_runs"}
    assert {table: rows for table, rows in digest(data.serving).items() if table != "pipeline_runs"} == expected


def test_the_right_change_is_published_once_a_person_has_approved_it(company, stopped, tmp_path):
    data = _copy(stopped.data, tmp_path / "data")
    config = {"change": _change(stopped), "by": "a steward", "why": "the list was checked"}
    with open_instance(data) as instance:
        job = build_definitions(data).resolve_job_def("approve_identity")
        approval = job.execute_in_process(
            instance=instance, run_config={"ops": {"approve_change": {"config": config}}, "loggers": {"progress": {}}}
        )
        assert approval.success
    published = _replay(company, data)
    assert published.result.success, published.failures
    assert re.search(r"identity +\d+ of [\d,]+ known records to another customer \(\d+ approved\), ", published.summary)
    with duckdb.connect(str(data.serving), read_only=True) as serving:
        runs = serving.sql("select status from marts.pipeline_runs order by started_at").fetchall()
        assert [status for (status,) in runs][-2:] == ["stopped", "published"]
        lost = serving.sql(
            "select count(*) from marts.customer_id_changes as changes"
            " left join marts.customer_id_redirects as redirects"
            " on redirects.customer_id = changes.old_customer_id and redirects.is_main"
            " where change = 'merged' and changed_on = (select max(changed_on) from marts.customer_id_changes)"
            " and redirects.current_customer_id is distinct from changes.new_customer_id"
        ).fetchone()
    assert lost == (0,)
