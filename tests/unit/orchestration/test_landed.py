"""Rows that come again: only what the lake does not say already is new."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.raw.landed import Landed


def _row(status: str, on: date | None, key: str = "1") -> pa.Table:
    return pa.table({"id": [key], "on": pa.array([on], pa.date32()), "status": [status]})


def _land(raw: Path, load_id: str, rows: pa.Table) -> None:
    folder = raw / "shop" / "orders"
    folder.mkdir(parents=True, exist_ok=True)
    loaded = rows.append_column("_dlt_load_id", pa.repeat(pa.scalar(load_id), rows.num_rows))
    pq.write_table(loaded, folder / f"{load_id}.0.parquet")


def _is_new(raw: Path, rows: pa.Table, key: list[str]) -> bool:
    return bool(Landed(raw, "shop", "orders", "on", key, str).only_new(rows).num_rows)


@pytest.mark.parametrize("on", [date(2024, 3, 1), None])
def test_a_change_back_at_the_same_cursor_is_a_change(tmp_path, on):
    """A cursor of days does not move between two pulls of one day."""
    _land(tmp_path, "1.5", _row("open", on))
    assert not _is_new(tmp_path, _row("open", on), ["id"])
    _land(tmp_path, "2.5", _row("paid", on))
    _land(tmp_path, "3.5", _row("open", date(2024, 3, 2)))  # another day says nothing about this one
    assert not _is_new(tmp_path, _row("paid", on), ["id"])
    assert _is_new(tmp_path, _row("open", on), ["id"])
    assert not _is_new(tmp_path, _row("open", on), [])  # without a key nobody knows what it was
