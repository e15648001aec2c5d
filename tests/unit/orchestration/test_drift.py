"""Columns that come, go, change name or type between two pulls are told; nothing about them is lost in silence."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.paths import DataDir
from orchestration.raw.declaration import validate_declaration
from orchestration.raw.drift import Shapes
from orchestration.raw.errors import SourceError
from orchestration.raw.shape import MissingColumnsError, require_columns


def _declared(columns: list[str], ignored: list[str]):
    table = {"description": "People.", "columns": columns, "ignored": ignored, "path": "*.csv", "format": "csv"}
    return validate_declaration(
        {
            "source": "crm",
            "description": "The CRM.",
            "connector": "files",
            "owner": "crm@example.com",
            "party_data_class": "first",
            "location": "/nowhere",
            "tables": {"people": table},
        }
    )


def _pull(folder: Path, load_id: str, columns: list[str] | None = None, ignored: list[str] | None = None, **rows):
    """One pull that brings `rows`; it lands in the lake and is remembered, as in `load.pull`."""
    data = DataDir(folder)
    shapes = Shapes(_declared(columns or ["id"], ignored or []), data)
    if rows:
        table = pa.table(rows)
        assert shapes.observer("people")(table) is table
        target = data.raw / "crm" / "people"
        target.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, target / f"{load_id}.0.parquet")
    drift = shapes.compared()["people"]
    shapes.remember(load_id)
    return drift


def test_a_damaged_record_is_one_line(tmp_path):
    _pull(tmp_path, "1", id=["1"])
    (tmp_path / "lake" / "shapes" / "crm.parquet").write_bytes(b"PAR1")
    with pytest.raises(SourceError, match=r"^crm\.\*: lake/shapes/crm\.parquet is damaged\. Remedy: bring it back"):
        _pull(tmp_path, "2", id=["2"])


def test_the_same_columns_in_another_order_are_no_drift(tmp_path):
    first = _pull(tmp_path, "1", ["id", "name"], id=["1"], name=["a"])
    assert first.message == "" and dict(first.columns) == {"id": "string", "name": "string"}
    assert _pull(tmp_path, "2", ["id", "name"], name=["b"], id=["2"]).message == ""


def test_an_undeclared_column_is_told_until_it_is_declared_or_ignored(tmp_path):
    for load_id in ("1", "2"):
        drift = _pull(tmp_path, load_id, id=["1"], shoe_size=["43"])
        assert drift.message == "shoe_size is declared nowhere, so nothing uses it"
    assert _pull(tmp_path, "3").message == "shoe_size is declared nowhere, so nothing uses it", "no rows, still there"
    assert _pull(tmp_path, "4", ["id", "shoe_size"], id=["1"], shoe_size=["43"]).message == ""
    assert _pull(tmp_path, "5", ["id"], ["shoe_size"], id=["1"], shoe_size=["43"]).message == ""


def test_what_came_went_and_changed_its_type_is_told_once(tmp_path):
    _pull(tmp_path, "1", id=["1"], old=["x"], size=["43"])
    drift = _pull(tmp_path, "2", id=["1"], size=[43], colour=["red"])
    assert (list(drift.added), list(drift.removed)) == (["colour"], ["old"])
    assert drift.retyped == {"size": ("string", "int64")}
    assert "size changed from string to int64; old no longer comes; colour, size is declared nowhere" in drift.message
    again = _pull(tmp_path, "3", id=["1"], size=[43], colour=["red"])
    assert (again.added, again.removed, again.retyped) == ((), (), {})


def test_a_column_that_is_empty_tonight_has_not_changed_its_type(tmp_path):
    _pull(tmp_path, "1", ["id", "size"], id=["1"], size=[43])
    assert _pull(tmp_path, "2", ["id", "size"], id=["1"], size=pa.nulls(1)).retyped == {}


def test_a_rename_is_guessed_by_the_values_where_the_names_have_nothing_in_common(tmp_path):
    cities = [f"City {number}" for number in range(50)]
    _pull(tmp_path, "1", id=["1"] * 50, town=cities, hobby=[f"hobby-{number}" for number in range(50)])
    drift = _pull(tmp_path, "2", id=["1"] * 50, ort=cities[10:] + cities[:10])
    assert drift.renamed == {"town": "ort"}
    assert list(drift.removed) == ["hobby"]
    assert "ort is new and town is gone: was it renamed?" in drift.message
    assert "City" not in drift.message


def test_flags_that_hold_the_same_few_values_are_no_rename(tmp_path):
    _pull(tmp_path, "1", id=["1", "2"], wants_mail=["0", "1"])
    assert _pull(tmp_path, "2", id=["1", "2"], is_vip=["0", "1"]).renamed == {}


def test_a_refusal_names_the_column_whose_values_the_lake_knows(tmp_path):
    numbers = [f"+1 555 {number:04d}" for number in range(60)]
    _pull(tmp_path, "1", ["id", "phone"], id=["1"] * 60, phone=numbers, phone_type=["home"] * 60)
    shapes = Shapes(_declared(["id", "phone"], []), DataDir(tmp_path))
    rows = pa.table({"id": ["1"] * 60, "reach_at": numbers, "phone_type": ["home"] * 60})
    with pytest.raises(MissingColumnsError) as caught:
        require_columns(shapes.declaration, "people", rows.column_names, "people.csv", rows)
    assert "phone_type is new" in str(caught.value), "by the names alone"
    told = str(shapes.with_values_compared(caught.value))
    assert "column phone is missing in people.csv; reach_at is new and looks like it: was it renamed?" in told
    assert "555" not in told and "phone_type" not in told


def test_the_record_holds_names_and_loads_and_nothing_else(tmp_path):
    _pull(tmp_path, "1", id=["secret-1"])
    _pull(tmp_path, "2", id=["secret-2"], new=["secret-3"])
    record = DataDir(tmp_path).lake / "shapes" / "crm.parquet"
    rows = [
        (row["column_name"], row["first_load_id"], row["last_load_id"]) for row in pq.read_table(record).to_pylist()
    ]
    assert rows == [("id", "1", "2"), ("new", "2", "2")]
    assert b"secret" not in record.read_bytes()
