"""The world of the fault tests: built once, shared by all of them, run by one worker.

FAULT_KEEP names a folder in which the world stays from one test run to the next, for work on single faults.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo_company.systems import running
from orchestration.paths import DataDir
from tests.faults.world import FIRST_DAY, HOUSEHOLDS, SECOND_DAY, SEED, Runs, World, clear, copy_own


def _fast_folder() -> str | None:
    """Memory where there is room: a killed process loses nothing there either, and fsync costs nothing."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30 else None


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """Night 1 done and kept, what night 2 must give computed once."""
    with ExitStack() as stack:
        kept = Path(os.environ.get("FAULT_KEEP") or stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        fast = kept
        if not os.environ.get("FAULT_KEEP"):
            fast = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-", dir=_fast_folder())))
        for folder in (kept, fast):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        logs = fast / "logs"
        logs.mkdir(exist_ok=True)
        runs = Runs(logs)  # imports while the company is being built
        stack.callback(runs.close)
        note = fast / "expected.json"
        if not note.exists():
            _first_night(kept, fast, runs)
        world = World(
            stack.enter_context(running(kept / "company", households=HOUSEHOLDS, today=SECOND_DAY)),
            fast / "baseline",
            runs,
            DataDir(fast / "data"),
        )
        if not note.exists():
            _second_night(world, note)
        vars(world).update(json.loads(note.read_text()))
        yield world


def _first_night(kept: Path, fast: Path, runs: Runs) -> None:
    data = DataDir(fast / "data")
    with running(kept / "company", households=HOUSEHOLDS, today=FIRST_DAY) as systems:
        clear(data)
        first = World(systems, fast / "baseline", runs, data).run()
        assert first.status == 0, first.said
    shutil.rmtree(fast / "baseline", ignore_errors=True)
    copy_own(data.root, fast / "baseline")


def _second_night(world: World, note: Path) -> None:
    world.restore()
    yesterday, first = world.published(), world.kept()
    second = world.run()
    assert second.status == 0, second.said
    assert world.kept() != first
    known = {"yesterday": yesterday, "expected": world.kept(), "durations": second.durations}
    note.write_text(json.dumps(known | {"expected_of_tonight": world.of_tonight()}))


@pytest.fixture(scope="session")
def on_small_disk(world: World) -> Iterator[World]:
    """The morning after night 1, on a disk of 200 MB of its own where that is allowed: one folder for two modules."""
    clear(world.data)  # the same path as ever: the warehouse's views name it
    command = ["mount", "-t", "tmpfs", "-o", "size=200m", "none", str(world.data.root)]
    is_mounted = subprocess.run(command, capture_output=True).returncode == 0
    print("a disk of its own" if is_mounted else "no disk of its own: a limit on the size of files stands for it")
    copy_own(world.baseline, world.data.root)
    yield world
    clear(world.data)


@pytest.fixture(autouse=True)
def seed_is_told() -> None:
    """A failure says which seed drew its moments."""
    print(f"FAULT_SEED={SEED}")
