"""A promise of freshness is judged by the day it is, on values that may be anything."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.paths import DataDir
from orchestration.raw.declaration import load_declarations, validate_declaration
from orchestration.raw.freshness import age, today

DAY = date(2026, 3, 10)


def _declared(within: str = "2 days"):
    return validate_declaration(
        {
            "source": "erp",
            "description": "The ERP.",
            "connector": "files",
            "owner": "erp@example.com",
            "party_data_class": "first",
            "location": "/nowhere",
            "tables": {
                "orders": {
                    "description": "Orders.",
                    "columns": ["id", "ordered_at"],
                    "path": "*.csv",
                    "format": "csv",
                    "freshness": {"column": "ordered_at", "within": within},
                }
            },
        }
    )


def _raw(folder: Path, *values: str | None, kind: str = "varchar") -> DataDir:
    data = DataDir(folder)
    files = data.raw / "erp" / "orders"
    files.mkdir(parents=True)
    for number, value in enumerate(values):
        with duckdb.connect() as connection:
            connection.execute(
                f"copy (select cast(? as {kind}) as ordered_at) to '{files}/{number}.parquet' (format parquet)", [value]
            )
    return data


def test_an_old_table_is_told_with_its_owner(tmp_path):
    found = age(_declared(), "orders", _raw(tmp_path, "2026-03-04 22:00:00", "2026-03-05 00:00:00"), DAY)
    assert not found.is_kept
    assert found.message == "erp.orders: newest ordered_at is 5 days old, promised 2 days (owner erp@example.com)"


@pytest.mark.parametrize("kind", ["varchar", "timestamp", "timestamptz"])
def test_a_promise_is_kept_to_the_second(tmp_path, kind):
    assert age(_declared(), "orders", _raw(tmp_path, "2026-03-08 00:00:00", kind=kind), DAY).is_kept
    assert not age(_declared(), "orders", _raw(tmp_path / "late", "2026-03-07 23:59:59", kind=kind), DAY).is_kept


def test_a_date_in_the_future_keeps_nothing_fresh(tmp_path):
    found = age(_declared(), "orders", _raw(tmp_path, "2026-03-01", "2099-01-01", "2026-03-11 00:00:00"), DAY)
    assert "is 9 days old" in found.message


def test_what_is_no_date_or_not_there_keeps_nothing_fresh(tmp_path):
    for folder, values in (("odd", ("soon", None, "Jane Doe")), ("none", ())):
        found = age(_declared(), "orders", _raw(tmp_path / folder, *values), DAY)
        assert found.newest is None and not found.is_kept
        assert found.message.startswith("erp.orders: no ordered_at can be read, promised 2 days")


def test_today_is_what_the_environment_says(monkeypatch):
    monkeypatch.setenv("PIPELINE_TODAY", "2017-12-31")
    assert today() == date(2017, 12, 31)
    monkeypatch.setenv("PIPELINE_TODAY", "yesterday")
    with pytest.raises(ValueError, match="PIPELINE_TODAY is not a date"):
        today()


def test_every_source_with_a_date_of_its_own_makes_a_promise():
    without = {declaration.source for declaration in load_declarations()} - {
        declaration.source
        for declaration in load_declarations()
        for table in declaration.tables.values()
        if table.freshness
    }
    assert without == {"bureau"}, "bureau delivers once, and no date in it"
