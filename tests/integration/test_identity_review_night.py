"""The review queue on a lake: the asset asks, a person at a terminal answers, the next queue asks something else."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest

from models.identity import resolve
from orchestration.identity.declaration import load_identity
from orchestration.identity.queue import build_review_queue
from orchestration.identity.state import save_state
from orchestration.lake import Lake
from orchestration.paths import PROJECT_DIR
from tests.unit.models.conftest import make_people

_NIGHT = date(2017, 12, 31)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Lake:
    """A resolved night of 40 people: their records in the warehouse, the state in the lake."""
    lake = Lake(data_dir=str(tmp_path_factory.mktemp("data")))
    records, _ = make_people(20, seed=5)
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute("create schema staged; create schema validated")
        warehouse.execute(f"create table staged.run_date as select date '{_NIGHT}' as as_of")
        typed = records.astype("string")
        warehouse.register("typed", typed)
        warehouse.execute("create table validated.customer_records as select * from typed order by record_key")
        tonight = warehouse.sql("select * from validated.customer_records order by record_key").to_arrow_table()
    save_state(lake, resolve(tonight, load_identity().settings()).state, _NIGHT)
    return lake


def _ask(lake: Lake) -> tuple[pd.DataFrame, dict[str, object]]:
    result = dg.materialize([build_review_queue(load_identity())], resources={"lake": lake})
    assert result.success
    metadata = result.asset_materializations_for_node("identity__review_queue")[0].metadata
    queue = pd.read_parquet(lake.data.lake / "identity/review_queue.parquet")
    return queue, {name: value.value for name, value in metadata.items()}


def _at_a_terminal(lake: Lake, typed: list[str]) -> str:
    """What `make review` shows to somebody who types these lines, each when it is asked for."""
    program = [sys.executable, "-m", "orchestration.identity.label", "--by", "Ann"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(PROJECT_DIR)
        os.execve(program[0], program, os.environ | {"PIPELINE_DATA_DIR": str(lake.data.root)})
    shown, ends = "", time.monotonic() + 120
    lines = iter(typed)
    asked = 0
    while time.monotonic() < ends:
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # the program has ended
                break
            if shown.count("one customer? ") > asked:
                asked += 1
                os.write(terminal, (next(lines, "q") + "\n").encode())
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    return shown


def test_questions_are_answered_at_a_terminal_and_not_asked_again(lake: Lake) -> None:
    queue, metadata = _ask(lake)
    assert metadata["questions"] == len(queue) > 5
    assert metadata["answered_so_far"] == 0
    assert "stays 0.70" in metadata["threshold_by_answers"]
    with duckdb.connect(str(lake.data.warehouse), read_only=True) as warehouse:
        names = warehouse.sql("select lower(family_name) from validated.customer_records where family_name is not null")
        assert not [name for (name,) in names.fetchall() if name in str(metadata).lower()]

    shown = _at_a_terminal(lake, ["y same mailbox", "s", "n", "q"])
    assert "2 answers in identity_overrides.csv" in shown
    decided = pd.read_csv(lake.data.root / "identity_overrides.csv", dtype=str)
    assert decided.decision.tolist() == ["same", "different"]
    assert decided.decided_by.tolist() == ["Ann", "Ann"]
    assert decided.reason[0] == "same mailbox"

    again, metadata = _ask(lake)
    pairs = set(zip(again.source_key_a, again.source_key_b, strict=True))
    assert not pairs & set(zip(decided.source_key_a, decided.source_key_b, strict=True))
    assert metadata["answered_so_far"] == 2


def test_a_filled_in_sheet_is_taken_once_and_never_overwritten(lake: Lake, monkeypatch, capsys) -> None:
    from orchestration.identity.label import main

    monkeypatch.setenv("PIPELINE_DATA_DIR", str(lake.data.root))
    _ask(lake)
    path: Path = lake.data.root / "identity_to_review.csv"
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
    sheet.loc[0, ["decision", "decided_by", "decided_on", "reason"]] = ["different", "Bo", "2024-03-31", "two people"]
    sheet.to_csv(path, index=False)
    _, metadata = _ask(lake)
    assert "make review TAKE=" in metadata["to_fill_in"]
    before = len(pd.read_csv(lake.data.root / "identity_overrides.csv"))
    assert main(["--take", path.name]) == 0
    assert len(pd.read_csv(lake.data.root / "identity_overrides.csv")) == before + 1
    assert not path.exists()
    assert main(["--take", path.name]) == 1
    capsys.readouterr()


def test_before_the_first_night_there_is_nothing_to_ask(tmp_path: Path) -> None:
    lake = Lake(data_dir=str(tmp_path))
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute("create schema staged; create schema validated")
        warehouse.execute(f"create table staged.run_date as select date '{_NIGHT}' as as_of")
        columns = "record_key varchar, source_system varchar, source_key varchar"
        warehouse.execute(f"create table validated.customer_records ({columns})")
    queue, metadata = _ask(lake)
    assert len(queue) == metadata["questions"] == 0
