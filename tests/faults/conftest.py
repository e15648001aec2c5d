"""The world of the fault tests: built once, shared by all of them, run by one worker.

FAULT_KEEP names a folder in which the world stays from one test run to the next, for work on single faults.
"""

import json
import os
import shutil
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
        own = fast / str(os.getpid())  # a kept world may be used by several test runs at once
        logs = own / "logs"
        logs.mkdir(parents=True)
        stack.callback(shutil.rmtree, own, ignore_errors=True)
        runs = Runs(logs)  # imports while the company is being built
        stack.callback(runs.close)
        note = fast / "expected.json"
        if not note.exists():
            _first_night(kept, fast, runs)
        world = World(
            stack.enter_context(running(kept / "company", households=HOUSEHOLDS, today=SECOND_DAY)),
            fast / "baseline",
            runs,
            DataDir(own / "data"),
        )
        if not note.exists():
            _second_night(world, note)
        (world.yesterday, world.expected_first, world.expected, world.durations) = json.loads(note.read_text())
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
    note.write_text(json.dumps([yesterday, first, world.kept(), second.durations]))


@pytest.fixture(autouse=True)
def seed_is_told() -> None:
    """A failure says which seed drew its moments."""
    print(f"FAULT_SEED={SEED}")
