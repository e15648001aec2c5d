"""A roll-back puts an earlier publication back whole: the file, who is who with it, and the gate judges against it."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest

import orchestration.serving.kept as kept_module
import orchestration.serving.put_back as put_back
from orchestration.identity.approvals import approve
from orchestration.identity.gate import refuse_unjudged
from orchestration.identity.published import read_published
from orchestration.lake import Lake
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.put_back import Reason, RollbackError, roll_back, statuses
from orchestration.serving.rollback import main
from tests.unit.orchestration.killed import Killed, killing_at
from tests.unit.orchestration.publications import FIRST, reading
from tests.unit.orchestration.published_nights import (
    APART,
    LENIENT,
    MERGED,
    night_found,
    publish_found,
    show_assignments,
)

REASON = Reason("Ann", "the merge was wrong")


@pytest.fixture
def lake(tmp_path, monkeypatch) -> Lake:
    monkeypatch.setenv("PIPELINE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("SERVING_POSTGRES_DSN", raising=False)
    return Lake(data_dir=str(tmp_path))


def _kept(lake: Lake) -> Kept:
    return Kept.of(lake.data)


@pytest.fixture(scope="module")
def mornings(tmp_path_factory) -> dict[str, Path]:
    """Folders as certain nights left them: building one takes longer than copying it."""
    return {}


@pytest.fixture
def nights(lake, mornings, tmp_path_factory) -> Callable[..., Kept]:
    """Publish these nights, one after the other; what is kept of them."""

    def publish_all(*found: dict[str, str]) -> Kept:
        name = json.dumps(found)
        if name not in mornings:
            for number, customers in enumerate(found, start=1):
                night_found(lake, number, customers, LENIENT)
                publish_found(lake, number)
            mornings[name] = tmp_path_factory.mktemp("morning") / "data"
            shutil.copytree(lake.data.root, mornings[name])
        else:
            shutil.copytree(mornings[name], lake.data.root, dirs_exist_ok=True)
            kept = _kept(lake)
            lake.data.serving.unlink()
            os.link(kept.path(kept.all()[-1]) / FILE, lake.data.serving)
            show_assignments(lake)
        return _kept(lake)

    return publish_all


def _served(lake: Lake) -> tuple[set[int], int]:
    """(the night in the tables, customers of the snapshot)."""
    with duckdb.connect(str(lake.data.serving), read_only=True) as connection:
        nights = connection.sql("select night from marts.customers union select night from marts.orders").fetchall()
    return {night for (night,) in nights}, len(set(read_published(lake).current["customer_id"].to_pylist()))


def test_the_file_and_who_is_who_go_back_together_and_the_gate_compares_with_them(lake, nights) -> None:
    nights(APART, MERGED)
    assert _served(lake) == ({2}, 2)
    before, now = roll_back(lake, _kept(lake), None, REASON)
    assert (before.number, now.number) == (2, 1)
    assert _served(lake) == ({1}, 3)
    assert read_published(lake).as_of == FIRST + timedelta(days=1)
    assert night_found(lake, 3, MERGED).figures["records_moved"] == 1  # the same merge is a change again
    assert night_found(lake, 3, APART).figures["records_moved"] == 0
    publish_found(lake, 3)
    assert _served(lake) == ({3}, 3)
    assert [one.number for one in _kept(lake).all()] == [1, 2, 3]


def test_what_was_rolled_back_is_not_published_again_without_a_new_judgement(lake, nights) -> None:
    nights(APART, MERGED)
    refuse_unjudged(lake)  # once more, as after a publication that was lost
    roll_back(lake, _kept(lake), None, REASON)
    with pytest.raises(dg.Failure, match="judged this night before a roll-back"):
        refuse_unjudged(lake)
    night_found(lake, 2, APART)
    publish_found(lake, 2)


@pytest.mark.slow
def test_an_approval_does_not_outlive_the_publication_that_was_rolled_back(lake, nights) -> None:
    nights(APART)
    change = night_found(lake, 2, MERGED).fingerprint
    approve(lake, change, "Ann", "looked at")
    assert not night_found(lake, 2, MERGED).is_stopped
    publish_found(lake, 2)
    roll_back(lake, _kept(lake), None, REASON)
    assert night_found(lake, 3, MERGED).is_stopped
    approve(lake, change, "Ben", "looked at again")
    assert not night_found(lake, 3, MERGED).is_stopped


@pytest.mark.slow
def test_the_default_is_the_one_before_that_was_not_rolled_back(lake, nights) -> None:
    nights(APART, APART, APART, APART)
    kept = _kept(lake)
    assert [roll_back(lake, kept, None, REASON)[1].number for _ in range(2)] == [3, 2]
    assert kept.withdrawn() == {3, 4}
    night_found(lake, 5, APART)
    publish_found(lake, 5)
    told = put_back.rolled_back_before(kept, kept.current())
    assert [line.partition(" at ")[0] for line in told] == [
        "publication 4 (2017-12-05) was rolled back to 3 (2017-12-04)",
        "publication 3 (2017-12-04) was rolled back to 2 (2017-12-03)",
    ]
    assert put_back.rolled_back_before(kept, kept.all()[0]) == []
    assert put_back.choose(kept, None).number == 2
    assert roll_back(lake, kept, "3", REASON)[1].number == 3  # somebody insists
    assert roll_back(lake, kept, "5", REASON)[1].number == 5  # and takes it back
    assert 5 not in kept.withdrawn()
    roll_back(lake, kept, str(FIRST + timedelta(days=1)), REASON)
    with pytest.raises(RollbackError, match=r"no publication before the published one. Kept are: 1 \(2017-12-02\), 2"):
        roll_back(lake, kept, None, REASON)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("9", r"no publication '9' is kept. Kept are: 1 \(2017-12-02\), 2 \(2017-12-03\). Remedy: TO=<number>"),
        ("run0000", "'run0000' are several: 000001_2017-12-02_run00001, 000002_2017-12-03_run00002"),
        ("2", r"publication 2 \(2017-12-03\) is the published one already"),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_line(lake, nights, wanted, said) -> None:
    nights(APART, APART)
    with pytest.raises(RollbackError, match=said):
        roll_back(lake, _kept(lake), wanted, REASON)
    assert _served(lake) == ({2}, 3)


@pytest.mark.parametrize("what", ["flipped", "short", "gone", "snapshot", "half", "manifest"])
def test_a_damaged_publication_is_refused_in_one_line(lake, nights, what) -> None:
    nights(APART, MERGED)
    kept = _kept(lake)
    folder = kept.path(kept.all()[0])
    file = folder / FILE
    content = bytearray(file.read_bytes())
    if what == "flipped":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif what == "short":
        file.write_bytes(content[:-1])
    elif what == "gone":
        file.unlink()
    elif what == "snapshot":
        (folder / "customers.parquet").unlink()
    elif what == "half":
        snapshot = folder / "customers.parquet"
        snapshot.write_bytes(snapshot.read_bytes()[:-9])
    else:
        (folder / "manifest.json").write_text("{")
    lines = {
        "snapshot": "publication 1 can't be put back: customers.parquet is gone. Remedy: another one",
        "half": "publication 1 can't be put back: customers.parquet is damaged. Remedy: another one",
        "gone": "publication 1 can't be put back: serving.duckdb is gone. Remedy: another one",
        "manifest": "there is no publication before the published one. Kept are: 2",
    }
    with pytest.raises(
        RollbackError, match=lines.get(what, "publication 1 can't be put back: serving.duckdb is damaged")
    ):
        roll_back(lake, kept, None, REASON)
    assert _served(lake) == ({2}, 2)


def test_a_published_file_that_was_overwritten_is_put_back_from_what_is_kept(lake, nights) -> None:
    nights(APART, MERGED)
    lake.data.serving.unlink()
    lake.data.serving.write_bytes(b"restored from somewhere")
    kept = _kept(lake)
    assert kept.current() is None
    assert roll_back(lake, kept, "2", REASON)[0] is None
    assert _served(lake) == ({2}, 2)


@pytest.mark.slow
@pytest.mark.parametrize("at", range(18))
def test_killed_anywhere_file_and_snapshot_are_of_one_publication(lake, nights, monkeypatch, at: int) -> None:
    nights(APART, MERGED)
    killing = killing_at(at)

    with monkeypatch.context() as patched:
        for owner, name in ((os, "replace"), (os, "link"), (os, "fsync")):
            patched.setattr(owner, name, killing(getattr(owner, name)))
        try:
            roll_back(lake, _kept(lake), None, REASON)
            is_killed = False
        except Killed:
            is_killed = True
    assert is_killed or at > 14  # every step was met
    served = _served(lake)
    assert served in (({1}, 3), ({2}, 2))
    assert is_killed or served == ({1}, 3)
    kept = _kept(lake)
    kept.settle()
    assert len(kept.rollbacks()) == (1 if served[0] == {1} else 0)  # what is recorded has happened
    assert [one.number for one in kept.all()] == [1, 2]
    night_found(lake, 3, APART, LENIENT)
    publish_found(lake, 3)
    assert _served(lake) == ({3}, 3)
    assert list(lake.data.root.rglob("*.unfinished*")) + list(lake.data.root.rglob("*.pending")) == []


def test_where_links_were_lost_the_published_one_is_known_by_its_content(lake, nights, tmp_path) -> None:
    nights(APART, APART)
    copied = lake.data.serving.read_bytes()
    lake.data.serving.unlink()
    lake.data.serving.write_bytes(copied)
    assert _kept(lake).current().number == 2


def test_a_disk_without_links_gets_copies(lake, nights, monkeypatch) -> None:
    def refused(*arguments):
        raise PermissionError(1, "Operation not permitted")

    nights(APART, MERGED)
    monkeypatch.setattr(kept_module.os, "link", refused)
    night_found(lake, 3, APART, LENIENT)
    publish_found(lake, 3)
    roll_back(lake, _kept(lake), "2", REASON)
    assert _served(lake) == ({2}, 2)


@pytest.mark.slow
def test_the_command_lists_rolls_back_and_records_who_when_and_why(lake, nights, capsys) -> None:
    assert main(["--list"]) == 0
    assert capsys.readouterr().out == "no publication is kept yet\n"
    nights(APART, MERGED)
    assert main(["--by", "Ann", "--why", "the merge was wrong"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "rolled back: 2 (2017-12-03) -> 1 (2017-12-02), 53 rows in 2 tables"
    assert [line.split()[-1] for line in lines if "2017-12-0" in line][1:] == ["back", "published"]
    assert _served(lake) == ({1}, 3)
    assert (lake.data.site / "index.html").exists() and lines[1].startswith(str(lake.data.site))
    (entry,) = _kept(lake).rollbacks()
    assert (entry["by"], entry["why"], entry["from"], entry["to"]) == ("Ann", "the merge was wrong", 2, 1)
    assert date.fromisoformat(entry["at"][:10])
    assert statuses(_kept(lake)) == {"run00002-of-a-test": "rolled back", "run00001-of-a-test": "published"}
    assert main(["--to", "77"]) == 1
    assert capsys.readouterr().err.startswith("no publication '77' is kept. Kept are: 1 (2017-12-02), 2")
    assert main([]) == 1
    (lake.data.site / "index.html").unlink()  # killed before the pages followed: the same command once more
    capsys.readouterr()
    assert main(["--to", "1"]) == 0
    assert capsys.readouterr().out.startswith("publication 1 (2017-12-02) is the published one already\n")
    assert (lake.data.site / "index.html").exists() and len(_kept(lake).rollbacks()) == 1
    assert main(["--list"]) == 0
    assert "MB on disk beside the published file, in publications/" in capsys.readouterr().out


def test_a_record_of_a_roll_back_holds_no_value_of_a_customer(lake, nights) -> None:
    nights(APART, MERGED)
    roll_back(lake, _kept(lake), None, REASON)
    said = json.dumps(_kept(lake).rollbacks()) + (lake.data.root / "serving.manifest.json").read_text()
    keys = pq.read_table(lake.data.lake / "identity/published.parquet")["segment"].to_pylist()
    assert not [value for value in keys if value and value in said]


@pytest.mark.slow
def test_a_reader_hammers_through_roll_backs(lake, nights) -> None:
    nights(APART, APART, APART)
    kept = _kept(lake)
    with reading("duckdb", lake.data.serving) as report:
        for _ in range(4):
            for wanted in ("1", "3", "2"):
                roll_back(lake, kept, wanted, REASON)
    assert report["errors"] == []
    assert {tuple(row) for row in report["seen"]} <= {(1, 1, 1), (2, 2, 2), (3, 3, 3)}
    assert len(kept.rollbacks()) == 12
