"""Troubles of the machine: a full disk, limits, rights, clocks, and other programs on the same files.

A chain on one folder, that of a small disk of its own where this user may mount one (else a limit on the size of
files stands for it). Damaged files go on from there (test_machine_files), and the plain run at its end is for both.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.catalogue import MACHINE
from tests.faults.fault import Fault
from tests.faults.world import Outcome, World

_HOLD = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    print("held", flush=True)
    sys.stdin.read()
"""
_BALLAST = ".ballast"
_NOBODY = 65534


@pytest.fixture
def chain(on_small_disk: World) -> World:
    """Every trouble strikes the folder that the one before it left."""
    return on_small_disk


def _is_own_disk(world: World) -> bool:
    return os.path.ismount(world.data.root)


def _fill(world: World) -> None:
    with (world.data.root / _BALLAST).open("wb", buffering=0) as ballast:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue


def _full_at(select: str, place: str, call: int = 1) -> Callable[[World], Outcome]:
    def provoke(world: World) -> Outcome:
        if not _is_own_disk(world):
            return world.run(select, [{"kind": "largest_file", "bytes": 4096}])
        there = world.data.root.parent / f"held-{re.sub('[^a-z]', '-', select)}"
        run = world.start(select, [{"kind": "hold", "place": place, "call": call, "path": str(there)}])
        try:
            while not there.exists() and run.is_alive:
                time.sleep(0.01)
            assert there.exists(), run.end().said
            _fill(world)
        finally:
            Path(f"{there}.go").touch()
        try:
            return run.end()
        finally:
            (world.data.root / _BALLAST).unlink(missing_ok=True)

    return provoke


def _closed_folder(world: World) -> Outcome:
    return world.run("group:raw", [{"kind": "user", "uid": _NOBODY}])


def _closed_publications(world: World) -> Outcome:
    """By a mount of its own, as another user could not read all that a run imports."""
    if not _is_own_disk(world):
        pytest.skip("this user may not mount a disk")
    kept = str(world.data.publications)
    subprocess.run(["mount", "--bind", kept, kept], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", kept], check=True)
        return world.run("group:serving")
    finally:
        subprocess.run(["umount", kept], check=True)


def _read_only_disk(world: World) -> Outcome:
    if not _is_own_disk(world):
        pytest.skip("this user may not mount a disk")
    subprocess.run(["mount", "-o", "remount,ro", str(world.data.root)], check=True)
    try:
        return world.run("group:raw")
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(world.data.root)], check=True)


def _warehouse_held(world: World) -> Outcome:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(world.data.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline().strip() == b"held"
        return world.run("group:staged")
    finally:
        holder.communicate(timeout=30)


def _two_runs(world: World) -> Outcome:
    there = world.data.root.parent / "first-run"
    first = world.start(
        "group:grading", [{"kind": "hold", "place": "orchestration.lake:_write_parquet", "path": str(there)}]
    )
    try:
        while not there.exists() and first.is_alive:
            time.sleep(0.01)
        assert there.exists(), first.end().said
        second = world.run("group:grading")
    finally:
        Path(f"{there}.go").touch()
    assert first.end().status == 0
    assert second.status == 2
    return second


HOW: dict[str, Callable[[World], Outcome]] = {
    "full-raw": _full_at('key:"raw/erp/*"', "dlt.pipeline.pipeline:Pipeline.load"),
    "full-staged": _full_at("group:staged", "orchestration.dbt:_remove_if_damaged"),
    "full-identity": _full_at("group:identity", "orchestration.lake:_write_parquet"),
    "full-serving": _full_at("group:serving", "orchestration.serving.publish:_copy"),
    "full-site": _full_at("key:serving/site", "report.build:_html", 5),
    "file-size": lambda world: world.run("group:serving", [{"kind": "largest_file", "bytes": 1 << 20}]),
    "open-files": lambda world: world.run("group:staged", [{"kind": "open_files", "most": 24}]),
    "closed-folder": _closed_folder,
    "closed-publications": _closed_publications,
    "read-only-disk": _read_only_disk,
    "clock-back": lambda world: world.run('key:"raw/survey/responses"', [{"kind": "clock", "seconds": -2 * 86_400}]),
    "warehouse-held": _warehouse_held,
    "two-runs": _two_runs,
}


@pytest.mark.parametrize("fault", [fault for fault in MACHINE if fault.name in HOW], ids=lambda fault: fault.name)
def test_a_trouble_of_the_machine_is_one_line_and_leaves_yesterdays_tables(chain: World, fault: Fault) -> None:
    outcome = HOW[fault.name](chain)
    assert outcome.status in (1, 2), outcome.said
    lines = outcome.lines or [outcome.said.strip().splitlines()[-1]]
    assert [line for line in lines if not re.search(fault.line, line)] == [], outcome.said
    assert "Traceback" not in outcome.said
    assert chain.published() == chain.yesterday
