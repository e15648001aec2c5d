"""Publishing replaces the served file whole, or leaves it as it was."""

import threading
import time

import duckdb
import pytest

from orchestration.serving.publish import PublishError, publish

MARTS = ["orders", "customers"]


def _warehouse(path, night: int, rows: int = 50_000) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema if not exists marts;
            create schema if not exists unified;
            create or replace table unified.private as select 'a@b.c' as email;
            create or replace table marts.left_over as select 'a@b.c' as email;
            create or replace table marts.orders as select range as id, {night} as night from range({rows});
            create or replace table marts.customers as select range as id, {night} as night from range({rows});
            comment on column marts.orders.night is 'the night''s number';
            """
        )


def test_only_marts_are_served_with_their_comments(tmp_path):
    warehouse, serving = tmp_path / "warehouse.duckdb", tmp_path / "serving.duckdb"
    _warehouse(warehouse, 1, rows=10)
    assert publish(warehouse, serving, MARTS) == {"customers": 10, "orders": 10}
    with duckdb.connect(str(serving), read_only=True) as connection:
        assert connection.sql("select schema_name, table_name from duckdb_tables() order by all").fetchall() == [
            ("marts", "customers"),
            ("marts", "orders"),
        ]
        comments = connection.sql("select comment from duckdb_columns() where comment is not null").fetchall()
    assert comments == [("the night's number",)]


def test_a_warehouse_without_marts_leaves_the_served_file_alone(tmp_path):
    warehouse, serving = tmp_path / "warehouse.duckdb", tmp_path / "serving.duckdb"
    _warehouse(warehouse, 1, rows=10)
    publish(warehouse, serving, MARTS)
    before = serving.read_bytes()
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(PublishError, match="lacks marts: customers, orders"):
        publish(empty, serving, MARTS)
    assert serving.read_bytes() == before


def test_a_reader_never_fails_and_never_sees_two_nights_at_once(tmp_path):
    warehouse, serving = tmp_path / "warehouse.duckdb", tmp_path / "serving.duckdb"
    _warehouse(warehouse, 0)
    publish(warehouse, serving, MARTS)
    seen: list[tuple[int, ...]] = []
    problems: list[BaseException] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            try:
                with duckdb.connect(str(serving), read_only=True) as connection:
                    nights = connection.sql(
                        "select distinct night from marts.orders union all select distinct night from marts.customers"
                    ).fetchall()
                seen.append(tuple(night for (night,) in nights))
            except BaseException as problem:
                problems.append(problem)

    reader = threading.Thread(target=read)
    reader.start()
    for night in range(1, 6):
        _warehouse(warehouse, night)
        publish(warehouse, serving, MARTS)
    reads_before_the_last = len(seen)
    while len(seen) < reads_before_the_last + 2 and not problems:
        time.sleep(0.01)
    is_over.set()
    reader.join()
    assert problems == []
    assert len(seen) > 5
    assert all(len(nights) == 2 and nights[0] == nights[1] for nights in seen)
    assert seen[-1] == (5, 5)
