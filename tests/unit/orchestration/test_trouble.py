"""Troubles of the machine are recognised by what libraries really raise, however deeply it is wrapped."""

import errno
import os
import sqlite3
import subprocess
import sys

import duckdb
import pytest

from orchestration.raw.errors import explained
from orchestration.trouble import machine_trouble


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "the disk of the data folder is full or fails"),
        (errno.EFBIG, "the disk of the data folder is full or fails"),
        (errno.EMFILE, "the run may not open more files"),
        (errno.EROFS, "the data folder can't be written"),
        (errno.EACCES, "the data folder can't be written"),
    ],
)
def test_an_error_of_the_system_deep_inside_a_librarys_is_found(code, said):
    try:
        try:
            raise OSError(code, os.strerror(code), "/somebody@example.com.parquet")
        except OSError as error:
            raise ValueError("the step failed") from error
    except ValueError as wrapped:
        line = machine_trouble(wrapped)
        assert str(explained("shop", wrapped)) == f"shop.*: {line}"
    assert line.startswith(f"{said}. Remedy: ")
    assert "example.com" not in line


def test_a_warehouse_that_another_process_holds(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    hold = f"import duckdb, sys; held = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(duckdb.Error) as caught:
            duckdb.connect(str(path))
    finally:
        holder.communicate(timeout=30)
    assert machine_trouble(caught.value).startswith("another program holds the warehouse open. Remedy: ")


def test_a_database_of_dagster_that_is_none(tmp_path):
    (tmp_path / "runs.db").write_bytes(b"something else " * 100)
    with sqlite3.connect(tmp_path / "runs.db") as connection, pytest.raises(sqlite3.DatabaseError) as caught:
        connection.execute("select * from runs")
    assert "remove the folder dagster" in machine_trouble(caught.value)


def test_what_is_about_something_else_is_left_to_its_step():
    assert machine_trouble(ValueError("the column email is missing")) is None
    assert machine_trouble("Binder Error: column a is not in the table") is None
