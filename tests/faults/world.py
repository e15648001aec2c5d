"""One tiny company, two nights, and a way to run the second night again and again from the same morning.

Night 1 is kept as a baseline folder; what night 2 must publish is computed once, without a fault.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from demo_company.systems import Systems
from orchestration.paths import PROJECT_DIR, DataDir
from tests.e2e.conftest import digest

HOUSEHOLDS = 20
FIRST_DAY, SECOND_DAY = "2017-12-17", "2017-12-20"
SEED = int(os.environ.get("FAULT_SEED") or random.randrange(1_000_000))
_OWN = (
    *("lake", "dlt", "dbt", "dagster", "warehouse.duckdb", "warehouse.duckdb.wal"),
    *("serving.duckdb", "serving.manifest.json", "publications", "site"),
)
_PATIENCE_S = 600  # only a run that hangs takes so long, also on a busy machine
_OF_TONIGHT = {
    "quarantine_rows": "select entity, record_key, rule, reason, severity from marts.quarantine_rows where is_current",
    "quarantine_summary": "select entity, rule, reason, rows, last_seen from marts.quarantine_summary",
    "data_quality": "select entity, check_name, column_name, rows_of, value from marts.data_quality"
    " where as_of = (select max(as_of) from marts.data_quality) and check_name = 'rows'",
    # Not what stands beside the night before.
    "demand_notes": "select * exclude (previous_as_of, revision, note) from marts.demand_notes",
    # A row per night: what the nights before said of themselves stays, tonight's rows must not depend on it.
    **{
        name: f"select * from marts.{name} where as_of = (select max(as_of) from marts.{name})"
        for name in ("identity_quality", "model_drift", "model_standing")
    },
    # But how alike tonight's groups and those of the night before are.
    "grades": "select * from marts.grades where as_of = (select max(as_of) from marts.grades)"
    " and metric <> 'same_as_last_night'",
}


@dataclass
class Outcome:
    """How one run ended: its exit code (minus the signal that ended it) and what it told the person."""

    status: int
    said: str
    seconds: float
    peak_mb: int

    @property
    def lines(self) -> list[str]:
        """The lines after `The run failed`: one per cause."""
        _, _, told = self.said.partition("The run failed; the tables published before still stand.\n")
        return [line.strip() for line in told.splitlines() if line.strip()]

    @property
    def durations(self) -> dict[str, float]:
        """Seconds per finished step."""
        return {step: float(took) for step, took in re.findall(r"^  (\S+) done in ([0-9.]+) s$", self.said, re.M)}


class Runs:
    """Starts runs as forked children of one process that has imported everything."""

    def __init__(self, logs: Path) -> None:
        self._logs, self._count = logs, 0
        environment = dict(os.environ) | {"PYTHONPATH": str(PROJECT_DIR), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT_DIR,
            env=environment,
        )
        self._is_ready = False

    def start(
        self,
        environment: dict[str, str],
        arguments: Sequence[str] = (),
        injections: Sequence[dict[str, Any]] = (),
        command: str = "nightly",
    ) -> "Run":
        """A run under way."""
        if not self._is_ready:
            assert self._read()["ready"]
            self._is_ready = True
        self._count += 1
        log = self._logs / f"{self._count}.log"
        order = {
            "log": str(log),
            "command": command,
            "environment": environment,
            "arguments": list(arguments),
            "injections": list(injections),
        }
        return Run(self, self._ask({"start": order})["pid"], log)

    def wait(self, pid: int) -> dict[str, int]:
        """The exit code (or minus the signal) and the peak memory of a run, when it has ended."""
        return self._ask({"wait": pid})

    def close(self) -> None:
        """Ends the process; runs that still go on are killed by whoever started them."""
        self._process.communicate(timeout=30)

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()
        assert line, "the process that starts the runs has ended"
        return json.loads(line)


@dataclass
class Run:
    """One run under way."""

    runs: Runs
    pid: int
    log: Path
    started: float = field(default_factory=time.monotonic)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return _is_alive(self.pid)

    def survivors(self) -> list[int]:
        """Processes that this run started and that still live; each run is a session of its own."""
        stats = {path.parent.name: path for path in Path("/proc").glob("[0-9]*/stat")}
        return [int(pid) for pid, path in stats.items() if _session(path) == self.pid and _is_alive(int(pid))]

    def wait_for(self, text: str) -> bool:
        """Wait until the run has said `text`; False when it ended without."""
        while time.monotonic() - self.started < _PATIENCE_S:
            if self.log.exists() and text in self.log.read_text(errors="replace"):
                return True
            if not _is_alive(self.pid):
                return False
            time.sleep(0.02)
        raise AssertionError(f"no {text!r} in {_PATIENCE_S} s")

    def signal(self, which: int = signal.SIGKILL) -> None:
        """Send this run, and nobody else, a signal."""
        if _is_alive(self.pid):
            os.kill(self.pid, which)

    def end(self) -> Outcome:
        """Wait for the end."""
        while _is_alive(self.pid) and time.monotonic() - self.started < _PATIENCE_S:
            time.sleep(0.02)
        if _is_alive(self.pid):
            os.kill(self.pid, signal.SIGKILL)
        ended = self.runs.wait(self.pid)
        said = self.log.read_text(errors="replace")
        return Outcome(ended["status"], said, time.monotonic() - self.started, ended["peak_mb"])


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in ("Z", "X")


def _session(stat: Path) -> int | None:
    try:
        return int(stat.read_text().rsplit(")", 1)[1].split()[3])
    except (FileNotFoundError, ProcessLookupError):
        return None


@dataclass
class World:
    """The company on night 2, and one data folder that every fault starts from anew."""

    systems: Systems
    baseline: Path
    runs: Runs
    data: DataDir
    yesterday: dict[str, str] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    expected_of_tonight: dict[str, str] = field(default_factory=dict)
    durations: dict[str, float] = field(default_factory=dict)

    def restore(self) -> None:
        """The data folder as night 1 left it."""
        clear(self.data)
        copy_own(self.baseline, self.data.root)

    def start(
        self,
        select: str | None = None,
        injections: Sequence[dict[str, Any]] = (),
        environment: dict[str, str] | None = None,
        arguments: Sequence[str] = (),
    ) -> Run:
        """Start a run of the night, or of the assets `select` names."""
        values = self.systems.environment | {"PIPELINE_DATA_DIR": str(self.data.root)} | (environment or {})
        return self.runs.start(values, [*(["--select", select] if select else []), *arguments], injections)

    def run(self, *arguments: Any, **named: Any) -> Outcome:
        """A whole run, to its end."""
        return self.start(*arguments, **named).end()

    def start_backfill(self, first: str, last: str, injections: Sequence[dict[str, Any]] = ()) -> Run:
        """Start a backfill of the weeks between two dates."""
        return self.start_command("backfill", ["--from", first, "--to", last], injections)

    def start_command(
        self,
        command: str,
        arguments: Sequence[str],
        injections: Sequence[dict[str, Any]] = (),
        environment: dict[str, str] | None = None,
    ) -> Run:
        """Start another command than the night."""
        values = self.systems.environment | {"PIPELINE_DATA_DIR": str(self.data.root)} | (environment or {})
        return self.runs.start(values, arguments, injections, command)

    def published(self) -> dict[str, str]:
        """A hash per published table."""
        return digest(self.data.serving) if self.data.serving.exists() else {}

    def kept(self) -> dict[str, str]:
        """A hash per published table and per history of the lake; the record of the run itself left out."""
        tables = {f"marts.{name}": value for name, value in self.published().items() if name != "pipeline_runs"}
        return tables | lake_hashes(self.data)

    def of_tonight(self) -> dict[str, str]:
        """A hash of what each published table with a memory says of tonight alone, whatever nights came before."""
        with duckdb.connect(str(self.data.serving), read_only=True) as connection:
            return {name: _hash(connection, query) for name, query in _OF_TONIGHT.items()}


def copy_own(source: Path, target: Path) -> None:
    """Copy what belongs to the pipeline, not to the demo company."""
    target.mkdir(parents=True, exist_ok=True)
    for name in _OWN:
        path = source / name
        if path.is_dir():
            shutil.copytree(path, target / name)
        elif path.exists():
            shutil.copy2(path, target / name)


def clear(data: DataDir) -> None:
    """Remove everything the pipeline has made, and the disk it lies on if it has one of its own."""
    if os.path.ismount(data.root):
        subprocess.run(["umount", str(data.root)], check=True)
    shutil.rmtree(data.root, ignore_errors=True)
    data.root.mkdir(parents=True)


def lake_hashes(data: DataDir) -> dict[str, str]:
    """A hash of the rows of each history: quarantine, identity, answers, grades; raw is what they come from."""
    with duckdb.connect() as connection:
        return {
            str(path.relative_to(data.lake)): _hash(connection, f"select * from read_parquet('{path}')")
            for folder in ("quarantine", "identity", "intelligence", "grading", "backfill")
            for path in sorted((data.lake / folder).glob("**/*.parquet"))
            if not path.name.startswith(".")
        }


def _hash(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    return connection.execute(
        "select count(*) || ':' || coalesce(md5(string_agg(line, chr(10) order by line)), '')"
        f" from (select cast(kept as varchar) as line from ({query}) as kept)"
    ).fetchone()[0]
