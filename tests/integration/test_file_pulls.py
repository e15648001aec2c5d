"""File drops: every row arrives as said, what can't be read is kept, and each file is loaded once."""

import gzip
import json
import os
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.paths import DataDir
from orchestration.raw.errors import SourceError
from orchestration.raw.files.content import Content
from orchestration.raw.files.listing import LocalFolder
from orchestration.raw.files.refusal import FileRefused
from orchestration.raw.files.rows import checked_rows
from orchestration.raw.load import pull
from tests.unit.orchestration.file_drops import declare, read


def _raw(data: DataDir, table: str) -> list[tuple]:
    return duckdb.sql(
        f"select id, name, _unreadable, _source_file from read_parquet('{data.raw}/drop/{table}/*.parquet')"
        " order by all nulls last"
    ).fetchall()


@pytest.fixture
def drop(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    monkeypatch.setenv("DROP", str(folder))
    return folder


def test_each_file_is_loaded_once_and_a_changed_one_again(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"}, stock={"format": "parquet"})
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    pq.write_table(pa.table({"id": [7], "name": ["x"]}), drop / "stock_1.parquet")
    assert pull(declaration, data).rows == {"people": 1, "stock": 1}
    assert pull(declaration, data).rows == {"people": 0, "stock": 0}

    (drop / "people_2.csv").write_text("id,name\n2,b\n")
    (drop / "people_1.csv").write_text("id,name\n1,corrected\n")
    assert pull(declaration, data).rows == {"people": 2, "stock": 0}
    assert _raw(data, "people") == [
        ("1", "a", None, "people_1.csv"),
        ("1", "corrected", None, "people_1.csv"),
        ("2", "b", None, "people_2.csv"),
    ]


def test_an_older_lake_that_is_put_back_gets_what_it_lacks(drop, tmp_path):
    """The loader's own notes, kept beside the lake, know more than such a lake holds."""
    import shutil

    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"})
    for number in (1, 2):
        (drop / f"people_{number}.csv").write_text(f"id,name\n{number},a\n")
        pull(declaration, data)
        if number == 1:
            shutil.copytree(data.lake, tmp_path / "backup")
    shutil.rmtree(data.lake)
    shutil.copytree(tmp_path / "backup", data.lake)
    assert pull(declaration, data).rows == {"people": 1}
    assert [row[0] for row in _raw(data, "people")] == ["1", "2"]
    assert pull(declaration, data).rows == {"people": 0}


def test_what_was_loaded_is_known_from_the_lake_alone(drop, tmp_path):
    """Losing the local working folder must not load everything a second time."""
    import shutil

    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"})
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    assert pull(declaration, data).rows == {"people": 1}
    shutil.rmtree(data.dlt)
    assert pull(declaration, data).rows == {"people": 0}


def test_a_bad_file_keeps_no_other_out_and_the_next_pull_loads_what_is_missing(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"}, stock={"format": "parquet"})
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    (drop / "people_2.csv").write_text("id,nom\n2,b\n")
    (drop / "people_3.csv").write_text("id,name\n3,c\n")
    (drop / "stock_1.parquet").write_bytes(b"PAR1 this is not Parquet PAR1")
    line = r"^drop\.people: column name is missing in people_2\.csv \(and 1 more of its files\)\. Remedy: ask team@.*$"
    for _ in range(2):
        with pytest.raises(SourceError, match=line) as caught:
            pull(declaration, data)
        assert not caught.value.is_transient
        assert [row[0] for row in _raw(data, "people")] == ["1", "3"]

    (drop / "people_2.csv").write_text("id,name\n2,b\n")
    with pytest.raises(SourceError, match=r"^drop\.stock: stock_1\.parquet can't be read as parquet .*Remedy: .*$"):
        pull(declaration, data)
    pq.write_table(pa.table({"id": [7], "name": ["x"]}), drop / "stock_1.parquet")
    assert pull(declaration, data).rows == {"people": 0, "stock": 1}
    assert [row[0] for row in _raw(data, "people")] == ["1", "2", "3"]


def test_a_set_without_any_file_names_the_pattern(drop, tmp_path):
    with pytest.raises(SourceError, match=r"^drop\.people: no file matches people\* in drop/\. Remedy: "):
        pull(declare(people={"format": "csv"}), DataDir(tmp_path / "data"))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_file_name_is_no_pattern(drop, tmp_path, kind):
    data = DataDir(tmp_path / "data")
    for name, number in ((f"people[2].{kind}", 1), (f"people2.{kind}", 2), (f"people'*?.{kind}", 3)):
        path = drop / name
        if kind == "csv":
            path.write_text(f"id,name\n{number},a\n")
        elif kind == "jsonl":
            path.write_text(json.dumps({"id": str(number), "name": "a"}) + "\n")
        else:
            pq.write_table(pa.table({"id": [str(number)], "name": ["a"]}), path)
    pull(declare(people={"format": kind}), data)
    assert [(row[0], row[3]) for row in _raw(data, "people")] == [
        ("1", f"people[2].{kind}"),
        ("2", f"people2.{kind}"),
        ("3", f"people'*?.{kind}"),
    ]


def test_a_column_that_changes_its_type_never_reaches_the_lake(drop, tmp_path):
    """In an append-only lake one text among numbers would break every night to come."""
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "parquet"})
    pq.write_table(pa.table({"id": [1.5], "name": ["a"]}), drop / "people_1.parquet")
    pull(declaration, data)
    pq.write_table(pa.table({"id": ["jane.doe@example.com"], "name": ["b"]}), drop / "people_2.parquet")
    with pytest.raises(
        SourceError, match=r"^drop\.people: people_2\.parquet changed the type of column id from"
    ) as caught:
        pull(declaration, data)
    assert "jane" not in str(caught.value)
    (drop / "people_2.parquet").unlink()
    pq.write_table(pa.table({"id": [2.5], "name": ["b"]}), drop / "people_3.parquet")
    assert pull(declaration, data).rows == {"people": 1}


def test_a_renamed_or_copied_file_is_not_loaded_twice(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"})
    (drop / "people_2.csv").write_text("id,name\n1,a\n")
    assert pull(declaration, data).rows == {"people": 1}
    (drop / "people_2.csv").rename(drop / "people_1.csv")
    (drop / "people_3.csv").write_text("id,name\n1,a\n")
    assert pull(declaration, data).rows == {"people": 0}
    (drop / "people_1.csv").write_text("id,name\n1,corrected\n")  # its rows replace those under the old name
    assert pull(declaration, data).rows == {"people": 2}  # and what was a copy of them stands for itself now
    assert pull(declaration, data).rows == {"people": 0}
    assert {row[1:4:2] for row in _raw(data, "people")} == {
        ("a", "people_2.csv"),
        ("corrected", "people_2.csv"),
        ("a", "people_3.csv"),
    }
    (drop / "people_2.csv").write_text("id,name\n9,z\n")  # another file that happens to have the old name
    assert pull(declaration, data).rows == {"people": 1}
    assert ("9", "z", None, "people_2.csv (2)") in _raw(data, "people")


def test_a_deleted_file_changes_nothing_and_one_that_lost_its_rows_is_refused(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "csv"})
    for number in (1, 2):
        (drop / f"people_{number}.csv").write_text(f"id,name\n{number},a\n")
    pull(declaration, data)
    (drop / "people_1.csv").unlink()
    assert pull(declaration, data).rows == {"people": 0}
    (drop / "people_2.csv").write_text("id,name\n")
    with pytest.raises(SourceError, match=r"people_2\.csv was loaded with rows, and is empty now\. Remedy"):
        pull(declaration, data)
    assert [row[0] for row in _raw(data, "people")] == ["1", "2"]


def test_what_is_no_plain_file_of_the_folder(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    secret = tmp_path / "secret.csv"
    secret.write_text("id,name\n666,x\n")
    (drop / "people_dir.csv").mkdir()
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    os.mkfifo(drop / "people_pipe.csv")
    (drop / "people_within.csv").symlink_to(drop / "people_1.csv")
    assert pull(declare(people={"format": "csv"}), data).rows == {"people": 1}
    (drop / "people_2.csv").symlink_to(secret)
    with pytest.raises(SourceError, match=r"people_2\.csv is a link to a place outside its folder\. Remedy: put the"):
        pull(declare(people={"format": "csv"}), data)
    (drop / "people_2.csv").unlink()
    (drop / "people_3.csv").symlink_to(drop / "nowhere")
    with pytest.raises(SourceError, match=r"people_3\.csv vanished while it was read\. Remedy: pull again") as caught:
        pull(declare(people={"format": "csv"}), data)
    assert caught.value.is_transient
    assert len(_raw(data, "people")) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_that_may_not_be_read(drop, tmp_path, monkeypatch):
    for folder in (drop, *drop.parents[: len(drop.parents) - 2]):
        folder.chmod(0o755)
    path = drop / "people_1.csv"
    path.write_text("id,name\n1,a\n")
    path.chmod(0o600)
    os.seteuid(65534)
    try:
        with pytest.raises(FileRefused, match="may not be read"):
            read(path, format="csv")
    finally:
        os.seteuid(0)


def test_a_file_that_is_still_being_written_comes_with_the_next_pull(drop, tmp_path, monkeypatch):
    data = DataDir(tmp_path / "data")
    path = drop / "people_1.csv"
    path.write_text("id,name\n1,a\n")
    (drop / "people_2.csv").write_text("id,name\n5,e\n")
    opened = LocalFolder.open

    def open_and_go_on_writing(folder: LocalFolder, name: str) -> pa.NativeFile:
        with path.open("a") as stream:
            stream.write("2,b\n")
        return opened(folder, name)

    with monkeypatch.context() as patched:
        patched.setattr(LocalFolder, "open", open_and_go_on_writing)
        with pytest.raises(SourceError, match=r"people_1\.csv was written to while it was read\. Remedy") as caught:
            pull(declare(people={"format": "csv"}), data)
    assert caught.value.is_transient
    assert [row[0] for row in _raw(data, "people")] == ["5"]
    assert pull(declare(people={"format": "csv"}), data).rows == {"people": 3}


def test_a_file_that_vanishes_is_one_line(drop):
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    folder = LocalFolder(declare(people={"format": "csv"}), str(drop))
    (found,) = folder.matches("people", "people*")
    (drop / "people_1.csv").unlink()
    with pytest.raises(FileRefused, match="vanished while it was read") as caught:
        Content(folder, found)
    assert caught.value.is_transient


def test_a_large_file_is_proved_before_its_first_row_is_given_out(drop):
    """Too large to wait in memory: read once to the end, and then again."""
    lines = [json.dumps({"id": number, "name": "x" * 100}) for number in range(200)]
    path = drop / "people.jsonl.gz"
    packed = gzip.compress("\n".join(lines).encode())
    path.write_bytes(packed)
    assert [row["id"] for row in read(path, format="jsonl", held_bytes=0)] == [str(number) for number in range(200)]
    path.write_bytes(packed[:-20])
    with pytest.raises(FileRefused, match="is cut off: its gzip data end too early"):
        read(path, format="jsonl", held_bytes=0)
    path.write_bytes(packed[:-8] + b"\0" * 8)
    with pytest.raises(FileRefused, match=r"can't be read as gzip \(OSError"):
        read(path, format="jsonl", held_bytes=0)


def test_a_large_file_that_changes_between_its_readings_stops_the_pull(drop):
    path = drop / "people.csv"
    path.write_text("id,name\n1,a\n")
    declaration = declare(people={"format": "csv"})
    folder = LocalFolder(declaration, str(drop))
    content = Content(folder, folder.matches("people", "people*")[0], 0)
    seen = []

    def check(rows: pa.Table) -> None:
        seen.append(rows)

    pieces = checked_rows(content, declaration, "people", declaration.tables["people"], check, 0)
    changed = threading.Event()
    unchanged = content.check_unchanged

    def change_after_first_reading() -> None:
        unchanged()
        if not changed.is_set():
            changed.set()
            path.write_text("id,name\n1,b\n2,c\n")

    content.check_unchanged = change_after_first_reading
    with pytest.raises(SourceError, match=r"^drop\.people: people\.csv was written to while it was read\.") as caught:
        list(pieces)
    assert caught.value.is_transient
    assert len(seen) == 1


def test_columns_of_another_load_may_come_and_go(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    declaration = declare(people={"format": "jsonl"})
    (drop / "people_1.jsonl").write_text('{"id":1,"name":"a"}\n')
    (drop / "people_2.jsonl").write_text('{"id":2,"name":"b","more":1}\n')
    (drop / "people_3.jsonl").write_text("")
    assert pull(declaration, data).rows == {"people": 2}
    (drop / "people_4.jsonl").write_text('{"more":5,"name":"d","id":4}\n')
    assert pull(declaration, data).rows == {"people": 1}
    assert [row[0] for row in _raw(data, "people")] == ["1", "2", "4"]
