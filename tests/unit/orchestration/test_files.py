"""File drops: every row arrives as said, what can't be read is kept, and each file is loaded once."""

import gzip
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration, validate_declaration
from orchestration.raw.errors import SourceError
from orchestration.raw.files import _read_csv, _read_jsonl
from orchestration.raw.load import pull


def _declare(**tables: dict) -> SourceDeclaration:
    return validate_declaration(
        {
            "source": "drop",
            "description": "",
            "connector": "files",
            "owner": "team@example.com",
            "party_data_class": "first",
            "location": "${DROP}",
            "tables": {
                name: {"description": "", "path": f"{name}*", "columns": ["id", "name"], "key": ["id"]} | table
                for name, table in tables.items()
            },
        }
    )


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


def test_csv_keeps_every_row_and_every_unreadable_line(drop):
    path = drop / "people.csv"
    path.write_bytes(
        '\ufeffid,name\n1,王小明\n2,"quoted ""name"", with comma"\n3,too,many\n4\n'.encode() + b"5,\xff\xfe\n6,\n"
    )
    declaration = _declare(people={"format": "csv"})
    rows = _read_csv(path, declaration, "people", declaration.tables["people"]).to_pylist()
    read = [(row["id"], row["name"]) for row in rows if row["_unreadable"] is None]
    assert read == [("1", "王小明"), ("2", 'quoted "name", with comma'), ("6", None)]
    unreadable = [row for row in rows if row["_unreadable"] is not None]
    assert [row["_unreadable"][:2] for row in unreadable] == ["3,", "4", "5,"]
    assert all(row["id"] is None for row in unreadable)


def test_a_csv_without_a_declared_column_is_refused_by_name(drop):
    path = drop / "people.csv"
    path.write_text("id,nom\n1,a\n")
    declaration = _declare(people={"format": "csv"})
    with pytest.raises(SourceError) as caught:
        _read_csv(path, declaration, "people", declaration.tables["people"])
    assert str(caught.value).startswith("drop.people: column name is missing in people.csv. Remedy: ")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "id": st.one_of(st.none(), st.integers(), st.text()),
                "name": st.one_of(st.text(), st.booleans(), st.lists(st.integers(), max_size=3)),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_jsonl_says_exactly_what_the_source_said(tmp_path, rows):
    declaration = _declare(people={"format": "jsonl"})
    path = tmp_path / "people.jsonl"
    path.write_bytes(
        b"".join(json.dumps(row, ensure_ascii=False).encode(errors="surrogatepass") + b"\n" for row in rows)
    )
    read = _read_jsonl(path, declaration, "people", declaration.tables["people"]).to_pylist()
    assert len(read) == len(rows)
    for said, got in zip(rows, read, strict=True):
        for column in ("id", "name"):
            value = said[column]
            expected = value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            assert got[column] == expected


def test_jsonl_keeps_what_is_no_object(drop):
    path = drop / "people.jsonl.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(
            b'{"id": 1, "name": "a"}\n{"id": 2, "na\n[1]\n\n{"id": 3, "name": "b", "more": 5}\n{"id":4,"name":"\xff"}\n'
        )
    declaration = _declare(people={"format": "jsonl"})
    rows = _read_jsonl(path, declaration, "people", declaration.tables["people"])
    assert rows.column("id").to_pylist() == ["1", None, None, "3", None]
    assert [value is not None for value in rows.column("_unreadable").to_pylist()] == [False, True, True, False, True]
    assert rows.column("more").to_pylist()[3] == "5"


def test_each_file_is_loaded_once_and_a_changed_one_again(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    declaration = _declare(people={"format": "csv"}, stock={"format": "parquet"})
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


def test_what_was_loaded_is_known_from_the_lake_alone(drop, tmp_path):
    """Losing the local working folder must not load everything a second time."""
    import shutil

    data = DataDir(tmp_path / "data")
    declaration = _declare(people={"format": "csv"})
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    assert pull(declaration, data).rows == {"people": 1}
    shutil.rmtree(data.dlt)
    assert pull(declaration, data).rows == {"people": 0}


def test_a_bad_table_keeps_its_whole_source_out_and_says_so_in_one_line(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    declaration = _declare(people={"format": "csv"}, stock={"format": "parquet"})
    (drop / "people_1.csv").write_text("id,name\n1,a\n")
    (drop / "stock_1.parquet").write_bytes(b"PAR1 this is not Parquet PAR1")
    with pytest.raises(SourceError, match=r"^drop\.stock: stock_1\.parquet can't be read as parquet .*Remedy: .*$"):
        pull(declaration, data)
    assert not list(data.raw.glob("drop/people/*.parquet"))

    pq.write_table(pa.table({"id": [7], "name": ["x"]}), drop / "stock_1.parquet")
    assert pull(declaration, data).rows == {"people": 1, "stock": 1}


def test_a_set_without_any_file_names_the_pattern(drop, tmp_path):
    with pytest.raises(SourceError, match=r"^drop\.people: no file matches people\* in drop/\. Remedy: "):
        pull(_declare(people={"format": "csv"}), DataDir(tmp_path / "data"))


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
    pull(_declare(people={"format": kind}), data)
    assert [(row[0], row[3]) for row in _raw(data, "people")] == [
        ("1", f"people[2].{kind}"),
        ("2", f"people2.{kind}"),
        ("3", f"people'*?.{kind}"),
    ]


def test_a_column_that_changes_its_type_never_reaches_the_lake(drop, tmp_path):
    """In an append-only lake one text among numbers would break every night to come."""
    data = DataDir(tmp_path / "data")
    declaration = _declare(people={"format": "parquet"})
    pq.write_table(pa.table({"id": [1.5], "name": ["a"]}), drop / "people_1.parquet")
    pull(declaration, data)
    pq.write_table(pa.table({"id": ["jane.doe@example.com"], "name": ["b"]}), drop / "people_2.parquet")
    with pytest.raises(SourceError, match=r"^drop\.people: column id changed its type\. Remedy: ") as caught:
        pull(declaration, data)
    assert "jane" not in str(caught.value)
    (drop / "people_2.parquet").unlink()
    pq.write_table(pa.table({"id": [2.5], "name": ["b"]}), drop / "people_3.parquet")
    assert pull(declaration, data).rows == {"people": 1}


def test_what_no_one_foresaw_is_one_line_with_its_source_and_no_value(drop, tmp_path):
    collides = {"id": ["1"], "name": ["secret-person"], "first name": ["a"], "first_name": ["b"]}
    pq.write_table(pa.table(collides), drop / "people_1.parquet")
    with pytest.raises(SourceError) as caught:
        pull(_declare(people={"format": "parquet"}), DataDir(tmp_path / "data"))
    assert str(caught.value).startswith("drop.")
    assert "Remedy: " in str(caught.value)
    assert "secret-person" not in str(caught.value)
    assert caught.value.__cause__ is None
