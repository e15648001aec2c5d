"""Files that are damaged where they lie: what can be made again is made again, what can't is named in one line.

A chain on the folder that the troubles of the machine left (test_machine): each damage is provoked, told, and mended
as the line says; what needs no person shares the last, plain run.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.faults.catalogue import DAMAGE
from tests.faults.fault import Fault
from tests.faults.world import World

_GARBAGE = b"this is not what should be here\n" * 500
_SURVEY = 'key:"raw/survey/responses"'


@pytest.fixture
def chain(on_small_disk: World) -> World:
    """The folder as the troubles of the machine left it."""
    return on_small_disk


def _flip(path: Path, at: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 0x10
    path.write_bytes(content)


def _truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 20])


def _survey_file(world: World) -> Path:
    return sorted((world.data.raw / "survey" / "responses").glob("*.parquet"))[0]


def _lake(relative: str) -> Callable[[World], Path]:
    return lambda world: world.data.lake / relative


# fault: the file, what is done to it, and the assets whose run must say so
TOLD: dict[str, tuple[Callable[[World], Path], Callable[[Path], object], str]] = {
    "raw-flipped": (_survey_file, _flip, _SURVEY),
    "raw-truncated": (_survey_file, _truncate, _SURVEY),
    "raw-empty": (_survey_file, lambda path: path.write_bytes(b""), _SURVEY),
    "raw-gone": (_survey_file, Path.unlink, _SURVEY),
    "inventory": (_lake("inventory/survey.json"), _truncate, _SURVEY),
    "quarantine-flipped": (_lake("quarantine/rows.parquet"), lambda path: _flip(path, 0.1), "group:staged"),
    "history-truncated": (_lake("identity/history.parquet"), _truncate, "group:staged"),
    "model-flipped": (_lake("identity/state/model_model.parquet"), lambda path: _flip(path, 0.1), "group:staged"),
    "published-truncated": (_lake("identity/published.parquet"), _truncate, "group:staged"),
    "events-flipped": (_lake("identity/events.parquet"), lambda path: _flip(path, 0.1), "group:staged"),
    "scores-flipped": (
        _lake("intelligence/churn_scores/2017-12-16.parquet"),
        lambda path: _flip(path, 0.1),
        "group:staged",
    ),
    "dagster-records": (
        lambda world: world.data.dagster_home / "history" / "runs.db",
        lambda path: path.write_bytes(_GARBAGE),
        "group:grading",
    ),
}


@pytest.mark.parametrize("fault", [fault for fault in DAMAGE if fault.name in TOLD], ids=lambda fault: fault.name)
def test_a_damage_that_a_person_must_mend_is_one_line(chain: World, fault: Fault, tmp_path: Path) -> None:
    find, damage, select = TOLD[fault.name]
    path = find(chain)
    shutil.copy2(path, tmp_path / "backup")
    damage(path)
    try:
        outcome = chain.run(select)
    finally:
        shutil.copy2(tmp_path / "backup", path)
    assert outcome.status == 1, outcome.said
    assert outcome.lines, outcome.said
    assert [line for line in outcome.lines if not re.search(fault.line, line)] == [], outcome.said
    assert "Traceback" not in outcome.said
    assert chain.published() == chain.yesterday


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _overwrite_the_middle(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.seek(path.stat().st_size // 2)
        stream.write(_GARBAGE)


REBUILT: dict[str, Callable[[World], None]] = {
    "warehouse-truncated": lambda world: _half(world.data.warehouse),
    "warehouse-flipped": lambda world: _overwrite_the_middle(world.data.warehouse),
}
PUBLISHED_ANEW = "serving-garbage"


def test_a_damaged_publication_is_made_anew(chain: World) -> None:
    chain.data.serving.write_bytes(_GARBAGE)
    outcome = chain.run("group:serving")
    assert outcome.status == 0, outcome.said
    assert chain.published() == chain.yesterday


FITTED_ANEW = "model-gone"


def test_without_its_model_a_new_one_is_fitted_and_the_run_says_so(chain: World, tmp_path: Path) -> None:
    state = chain.data.lake / "identity" / "state"
    shutil.copytree(state, tmp_path / "state")
    (state / "model_model.parquet").unlink()
    try:
        outcome = chain.run("group:identity")
    finally:
        shutil.rmtree(state)
        shutil.copytree(tmp_path / "state", state)
    assert outcome.status == 0, outcome.said
    assert "the model is not whole: a new one is fitted" in outcome.said
    assert "model fitted: " in outcome.said
    assert chain.published() == chain.yesterday


@pytest.mark.parametrize("fault", [fault for fault in DAMAGE if fault.name in REBUILT], ids=lambda fault: fault.name)
def test_a_damaged_warehouse_is_built_anew_or_removed_with_one_line(chain: World, fault: Fault) -> None:
    REBUILT[fault.name](chain)
    outcome = chain.run("group:staged")
    if fault.line is None or outcome.status == 0:
        assert outcome.status == 0, outcome.said
    else:
        assert all(re.search(fault.line, line) for line in outcome.lines), outcome.said
        assert not chain.data.warehouse.exists()
    assert "Traceback" not in outcome.said
    assert chain.published() == chain.yesterday


def _mix_states(world: World) -> None:
    """A file of pairs as it is, with the mark of another night."""
    path = world.data.lake / "identity" / "state" / "pairs.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"state": "another", "model": "another"}), path)


UNNOTICED: dict[str, Callable[[World], object]] = {
    "raw-half-copied": lambda world: (world.data.raw / "erp" / "orders" / "1700000000.5.cut.parquet").write_bytes(
        b"PAR1 and no more"
    ),
    "warehouse-garbage": lambda world: world.data.warehouse.write_bytes(_GARBAGE),
    "state-damaged": lambda world: [
        _truncate(world.data.lake / "identity" / "state" / f"{name}.parquet") for name in ("features", "hashes")
    ],
    "state-mixed": _mix_states,
    "manifest": lambda world: _half(world.data.dbt_target / "manifest.json"),
    "partial-parse": lambda world: (world.data.dbt_target / "partial_parse.msgpack").write_bytes(_GARBAGE),
    "dlt-state": lambda world: (world.data.dlt / "raw_crm" / "state.json").write_bytes(_GARBAGE),
    "dlt-gone": lambda world: shutil.rmtree(world.data.dlt / "raw_web"),
    "pull-anew": lambda world: [
        shutil.rmtree(world.data.raw / "survey"),
        (world.data.lake / "inventory" / "survey.json").unlink(),
        shutil.rmtree(world.data.dlt / "raw_survey"),
    ],
}


def _leave_over(world: World) -> None:
    (world.data.root / ".run.lock").write_text("4711")
    world.data.warehouse_log.write_bytes(b"of another file" * 100)
    for folder in ("identity", "quarantine"):
        (world.data.lake / folder / ".rows.parquet.unfinished").write_bytes(b"PAR1 and no more")
    world.data.serving.with_name(".serving.duckdb.unfinished").write_bytes(b"half a file")


def test_the_plain_run_makes_anew_what_it_can_and_gives_the_same_tables(chain: World) -> None:
    """All damages that need no person at once, and left-overs, time-zone and reader, which it must not even notice."""
    for damage in UNNOTICED.values():
        damage(chain)
    _leave_over(chain)
    with duckdb.connect(str(chain.data.serving), read_only=True) as reader:
        before = reader.sql("select count(*), max(as_of) from marts.pipeline_runs").fetchone()
        outcome = chain.run(environment={"TZ": "Pacific/Auckland"})
        assert outcome.status == 0, outcome.said
        assert reader.sql("select count(*), max(as_of) from marts.pipeline_runs").fetchone() == before
    assert chain.kept() == chain.expected
