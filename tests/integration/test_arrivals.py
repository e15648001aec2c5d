"""A file that arrives starts the part of the pipeline that it moves: once, and when it stands still."""

import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import build_definitions
from orchestration.paths import PROJECT_DIR, DataDir
from orchestration.raw.declaration import validate_declaration
from orchestration.raw.load import pull

HOLD = """
import sys, time
from pathlib import Path
from orchestration.paths import DataDir
from orchestration.run_lock import take
take(DataDir(Path(sys.argv[1])))
print("held", flush=True)
time.sleep(60)
"""


def _declare(source: str, schedule: str, location: str) -> dict:
    return {
        "source": source,
        "description": "A source.",
        "connector": "files",
        "owner": "team@example.com",
        "party_data_class": "first",
        "schedule": schedule,
        "location": location,
        "tables": {
            "people": {
                "description": "", "path": "people_*.csv", "format": "csv", "key": ["id"], "columns": ["id", "name"],
            }
        },
    }  # fmt: skip


class Inbox:
    """A watched folder, the sensor that watches it, and Dagster's records."""

    def __init__(self, root: Path, sensor: dg.SensorDefinition, data: DataDir, instance: dg.DagsterInstance) -> None:
        self.folder, self.sensor, self.data, self.instance = root, sensor, data, instance
        self.cursor: str | None = None
        self.declaration = validate_declaration(_declare("inbox", "on_arrival", "${INBOX}"))

    def deliver(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def look(self) -> tuple[list[str], str]:
        """The jobs asked for, and why none was; the cursor goes on as the daemon would keep it."""
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor)
        result = self.sensor(context)
        self.cursor = result.cursor
        return [request.job_name for request in result.run_requests or []], str(
            result.skip_reason.skip_message if result.skip_reason else ""
        )


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> tuple[dg.Definitions, DataDir]:
    """The real project with three more sources: one on arrival, two with times of their own, one compares its keys."""
    import shutil

    import yaml

    from orchestration.raw.declaration import SOURCES_DIR

    data = DataDir(tmp_path_factory.mktemp("data"))
    sources = tmp_path_factory.mktemp("sources")
    for path in SOURCES_DIR.glob("*.yml"):
        shutil.copy(path, sources)
    for name, schedule in (("inbox", "on_arrival"), ("hourly", "15 * * * *")):
        (sources / f"{name}.yml").write_text(yaml.safe_dump(_declare(name, schedule, "${INBOX}")))
    ledger = _declare("ledger", "45 * * * *", "${LEDGER}") | {"connector": "sql"}
    entries = {"description": "", "key": ["id"], "cursor": "at", "columns": ["id", "at"], "compare_keys": "1 day"}
    (sources / "ledger.yml").write_text(yaml.safe_dump(ledger | {"tables": {"entries": entries}}))
    return build_definitions(data, sources_dir=sources), data


@pytest.fixture
def inbox(definitions, tmp_path, monkeypatch) -> Inbox:
    folder = tmp_path / "inbox"
    (folder / "survey").mkdir(parents=True)
    monkeypatch.setenv("INBOX", str(folder))
    monkeypatch.setenv("DROP_DIR", str(folder))  # survey, the demo's own source on arrival: an empty folder
    data = DataDir(tmp_path / "data")
    from orchestration.raw.arrivals import build_arrivals
    from orchestration.schedules import build_updates

    declarations = [validate_declaration(_declare("inbox", "on_arrival", "${INBOX}"))]
    [sensor] = build_arrivals(data, declarations, build_updates(declarations))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Inbox(folder, sensor, data, instance)


def test_the_sensor_watches_by_default_and_only_who_says_so(definitions):
    sensor = definitions[0].resolve_sensor_def("arrivals")
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert 15 <= sensor.minimum_interval_seconds <= 30
    assert {job.name for job in sensor.jobs} == {"update_from_inbox", "update_from_survey"}


def test_cron_fields_are_a_schedule_of_their_own_and_the_night_still_pulls_all(definitions):
    schedule = definitions[0].resolve_schedule_def("hourly_on_time")
    assert (schedule.cron_schedule, schedule.job_name) == ("15 * * * *", "update_from_hourly")
    nightly = definitions[0].resolve_job_def("nightly")
    assert {"raw_inbox", "raw_hourly", "raw_survey", "raw_erp"} <= {node.name for node in nightly.nodes}


def test_an_update_notes_what_its_source_deleted(definitions):
    update = definitions[0].resolve_job_def("update_from_ledger")
    pulled = {tuple(key.path) for key in update.asset_layer.executable_asset_keys if key.path[0] == "raw"}
    assert pulled == {("raw", "ledger", "entries"), ("raw", "ledger", "_deletions")}


def test_an_update_is_the_night_without_the_other_sources(definitions):
    """Were one stage, or one check of the gate, left out, a validated table could be rebuilt past it."""
    nightly, update = (definitions[0].resolve_job_def(name) for name in ("nightly", "update_from_survey"))
    steps = {node.name for node in nightly.nodes if not node.name.startswith("raw_")}
    assert {node.name for node in update.nodes} == steps | {"raw_survey"}
    checks = {key for key in nightly.asset_layer.asset_graph.asset_check_keys if key.asset_key.path[0] != "raw"}
    assert checks <= set(update.asset_layer.asset_graph.asset_check_keys)
    assert len([key for key in checks if key.name.startswith("gate_")]) > 40
    order = [node.name for node in update.nodes_in_topological_order]
    assert order.index("raw_survey") < order.index("staged") < order.index("gate") < order.index("validated")


def test_a_new_file_starts_one_run_when_it_stands_still(inbox):
    assert inbox.look() == ([], "no new files")
    inbox.deliver("people_1.csv", "id,name\n1,a\n")
    assert inbox.look() == ([], "inbox: 1 new files, left until they stand still")
    inbox.deliver("people_1.csv", "id,name\n1,a\n2,b\n")  # still being written
    assert inbox.look()[0] == []
    assert inbox.look() == (["update_from_inbox"], "")
    assert inbox.look()[0] == []
    assert pull(inbox.declaration, inbox.data).rows == {"people": 2}
    assert inbox.look() == ([], "no new files")


def test_files_that_never_stop_coming_start_a_run_all_the_same(inbox):
    asked = []
    for number in range(4):
        inbox.deliver(f"people_{number}.csv", f"id,name\n{number},a\n")
        asked.append(inbox.look()[0])
    assert asked == [[], ["update_from_inbox"], [], ["update_from_inbox"]]


def test_what_the_night_has_loaded_starts_nothing_and_a_change_does(inbox):
    inbox.deliver("people_1.csv", "id,name\n1,a\n")
    pull(inbox.declaration, inbox.data)
    assert [inbox.look() for _ in range(3)] == [([], "no new files")] * 3
    inbox.deliver("people_1.csv", "id,name\n1,corrected\n")
    os.utime(inbox.folder / "people_1.csv", ns=(0, time.time_ns() - 10_000_000_000))
    assert [jobs for jobs, _ in (inbox.look(), inbox.look(), inbox.look())] == [[], ["update_from_inbox"], []]


def test_a_failing_file_is_tried_once_and_again_only_when_it_changes(inbox):
    inbox.deliver("people_1.csv", "id,nom\n1,a\n")
    inbox.look()
    assert inbox.look()[0] == ["update_from_inbox"]
    for _ in range(3):  # the run failed: nothing was loaded
        assert inbox.look() == (
            [], "inbox: 1 files were not loaded by the run they started; the night tries again"
        )  # fmt: skip
    inbox.deliver("people_2.csv", "id,name\n2,b\n")
    inbox.look()
    assert inbox.look()[0] == ["update_from_inbox"]
    (inbox.folder / "people_2.csv").unlink()
    assert [inbox.look()[0] for _ in range(3)] == [[], [], []]  # the first file was tried before
    inbox.deliver("people_1.csv", "id,name\n1,mended\n")
    inbox.look()
    assert inbox.look()[0] == ["update_from_inbox"]


def test_it_waits_for_a_run_under_way_and_does_not_lose_the_file(inbox):
    inbox.deliver("people_1.csv", "id,name\n1,a\n")
    inbox.look()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(inbox.data.root)], stdout=subprocess.PIPE, cwd=PROJECT_DIR
    )
    try:
        holder.stdout.readline()
        assert inbox.look() == ([], "inbox: 1 new files wait for the run under way")
    finally:
        holder.kill()
        holder.communicate()
    assert inbox.look()[0] == ["update_from_inbox"]


def test_it_waits_for_a_starting_run_and_not_for_a_dead_one(inbox):
    inbox.deliver("people_1.csv", "id,name\n1,a\n")
    inbox.look()
    starting = inbox.instance.create_run_for_job(
        dg.GraphDefinition(name="some", node_defs=[]).to_job(), status=dg.DagsterRunStatus.STARTING
    )
    assert inbox.look() == ([], "inbox: 1 new files wait for the run under way")
    inbox.instance.delete_run(starting.run_id)
    inbox.instance.create_run_for_job(
        dg.GraphDefinition(name="some", node_defs=[]).to_job(), status=dg.DagsterRunStatus.STARTED
    )  # its process was killed long ago: no start time, no lock
    assert inbox.look()[0] == ["update_from_inbox"]


def test_the_cursor_survives_a_restart_and_holds_no_names(inbox):
    inbox.deliver("people_王小明.csv", "id,name\n1,a\n")
    inbox.look()
    inbox.cursor = str(inbox.cursor)
    assert "王小明" not in inbox.cursor and "people" not in inbox.cursor and "\\u" not in inbox.cursor
    assert inbox.look()[0] == ["update_from_inbox"]


def test_a_missing_folder_is_one_clear_line_and_not_a_crash(inbox, monkeypatch):
    inbox.deliver("people_1.csv", "id,name\n1,a\n")
    inbox.look()
    monkeypatch.setenv("INBOX", str(inbox.folder / "elsewhere"))
    jobs, line = inbox.look()
    assert jobs == [] and "\n" not in line
    assert line.startswith("inbox.people: the folder elsewhere/ does not exist. Remedy: correct location in inbox.yml")
    monkeypatch.delenv("INBOX")
    assert inbox.look()[1].startswith("inbox.*: environment variable INBOX is not set. Remedy: ")
    monkeypatch.setenv("INBOX", str(inbox.folder))
    assert inbox.look()[0] == ["update_from_inbox"]
