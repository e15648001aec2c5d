"""Nights of a real PostgreSQL: rows committed late, empty cursors, deleted and returning rows, tables in pages."""

from collections.abc import Iterator

import duckdb
import psycopg
import pytest

from demo_company.postgres import Postgres
from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.load import Pull, pull
from tests.integration.shop import PASSWORD, declare_shop


@pytest.fixture
def database(server: Postgres, monkeypatch) -> Iterator[psycopg.Connection]:
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute("drop schema if exists shop cascade; create schema shop")
        connection.execute("create table shop.people (id text, name text, changed timestamptz)")
        monkeypatch.setenv("SHOP_URL", server.url("company_admin", PASSWORD, "postgres"))
        yield connection


def _shop(**table: object) -> SourceDeclaration:
    return declare_shop(
        {
            "people": {"description": "", "key": ["id"], "cursor": "changed", "columns": ["id", "name", "changed"]}
            | table
        },
        database_schema="shop",
    )


def _say(database: psycopg.Connection, *people: tuple[str | None, str, str | None]) -> None:
    with database.cursor() as cursor:
        cursor.executemany("insert into shop.people values (%s, %s, %s)", people)


def _counts(pulled: Pull) -> tuple[dict[str, int], dict[str, int]]:
    return pulled.rows, pulled.deleted


def _rows(data: DataDir, query: str) -> list[tuple]:
    views = f"with people as (select * from '{data.raw}/shop/people/*.parquet')"
    if (data.raw / "shop" / "_deletions").exists():
        views += f", deletions as (select * from '{data.raw}/shop/_deletions/*.parquet')"
    return duckdb.sql(f"{views} {query}").fetchall()


def test_a_row_committed_late_lands_within_the_overlap_and_nothing_lands_twice(database, tmp_path):
    data, shop = DataDir(tmp_path), _shop(overlap="2 days")
    _say(database, ("1", "one", "2024-01-10"), ("2", "two", "2024-01-09"), ("3", "three", "2024-01-01"))
    assert pull(shop, data).rows == {"people": 3}
    assert pull(shop, data).rows == {"people": 0}
    _say(database, ("4", "late", "2024-01-08 12:00+00"), ("5", "too late", "2024-01-07 23:00+00"))
    database.execute("update shop.people set name = 'same moment, other name' where id = '2'")
    assert pull(shop, data).rows == {"people": 2}
    assert _rows(data, "select id from people order by _dlt_load_id, id") == [("1",), ("2",), ("3",), ("2",), ("4",)]
    assert pull(shop, data).rows == {"people": 0}


def test_one_wrong_year_does_not_end_all_pulls(database, tmp_path):
    data, shop = DataDir(tmp_path), _shop()
    _say(database, ("1", "from the future", "2999-01-01"), ("2", "for ever", "infinity"))
    assert pull(shop, data).rows == {"people": 2}
    database.execute("insert into shop.people select '3', 'two days on', now() + interval '2 days'")
    assert pull(shop, data).rows == {"people": 1}
    assert pull(shop, data).rows == {"people": 0}


def test_a_database_set_back_to_last_week_is_read_from_there(database, tmp_path):
    data, shop = DataDir(tmp_path), _shop(overlap="1 day")
    _say(database, ("1", "one", "2024-01-01"), ("2", "two", "2024-01-20"))
    assert pull(shop, data).rows == {"people": 2}
    database.execute("delete from shop.people where id = '2'")
    _say(database, ("3", "after the restore", "2024-01-02"))
    assert pull(shop, data).rows == {"people": 1}


def test_a_row_without_a_cursor_lands_once_and_again_when_it_changes_also_back(database, tmp_path):
    data, shop = DataDir(tmp_path), _shop()
    _say(database, ("1", "one", None), ("2", "two", "2024-01-01"))
    assert pull(shop, data).rows == {"people": 2}
    assert pull(shop, data).rows == {"people": 0}
    for name in ("other", "one"):
        database.execute("update shop.people set name = %s where id = '1'", [name])
        assert pull(shop, data).rows == {"people": 1}
        assert pull(shop, data).rows == {"people": 0}


def test_overlap_without_a_time_is_refused_in_one_line(database, tmp_path):
    with pytest.raises(SourceError, match=r"^shop\.people: overlap is a time, but the cursor id \(text\) holds none"):
        pull(_shop(cursor="id", overlap="1 day"), DataDir(tmp_path))


def test_deleted_returning_and_forgotten_keys(database, tmp_path):
    data, shop = DataDir(tmp_path), _shop(compare_keys="0 minutes")
    _say(database, ("1", "one", "2024-01-10"), ("王|'", "two", "2024-01-09"), ("3", "three", "2024-01-01"))
    assert _counts(pull(shop, data)) == ({"people": 3}, {})
    assert _counts(pull(shop, data)) == ({"people": 0}, {"people": 0})
    assert not (data.raw / "shop" / "_deletions").exists()
    database.execute("delete from shop.people where id in ('3', '王|''')")
    _say(database, ("4", "long before the cursor", "2020-01-01"))
    assert _counts(pull(shop, data)) == ({"people": 1}, {"people": 2})
    assert _counts(pull(shop, data)) == ({"people": 0}, {"people": 0}), "a deletion is noticed once"
    _say(database, ("3", "three again", "2024-01-02"), ("王|'", "two", "2024-01-09"))
    assert _counts(pull(shop, data)) == ({"people": 2}, {"people": 0})
    latest = _rows(data, "select source_key, arg_max(is_deleted, _dlt_load_id) from deletions group by 1 order by 1")
    assert latest == [("3", False), ("王|'", False)]
    assert {name for (name,) in _rows(data, "select table_name from deletions")} == {"people"}
    assert _counts(pull(shop, data)) == ({"people": 0}, {"people": 0})


def test_a_deleted_row_that_returns_unchanged_within_the_overlap_lands_at_once(database, tmp_path):
    """Else it would stay hidden until the keys are compared again."""
    data = DataDir(tmp_path)
    _say(database, ("1", "one", "2024-01-10"), ("2", "two", "2024-01-10"))
    pull(_shop(compare_keys="0 minutes"), data)
    database.execute("delete from shop.people where id = '2'")
    assert pull(_shop(compare_keys="0 minutes"), data).deleted == {"people": 1}
    _say(database, ("2", "two", "2024-01-10"))
    assert _counts(pull(_shop(compare_keys="7 days"), data)) == ({"people": 1}, {})


def test_keys_are_compared_only_when_their_time_has_come(database, tmp_path):
    data, shop = DataDir(tmp_path), _shop(compare_keys="7 days")
    _say(database, ("1", "one", "2024-01-10"), ("2", "two", "2024-01-10"))
    pull(shop, data)
    database.execute("delete from shop.people where id = '2'")
    assert pull(shop, data).deleted == {}


def test_half_a_database_does_not_erase_the_customers(database, tmp_path):
    data, shop = DataDir(tmp_path), _shop(compare_keys="0 minutes")
    database.execute("insert into shop.people select n::text, 'x', '2024-01-01' from generate_series(1, 200) as n")
    pull(shop, data)
    database.execute("delete from shop.people where id::int > 90")
    _say(database, ("new", "lands all the same", "2024-01-02"))
    with pytest.raises(SourceError) as caught:
        pull(shop, data)
    assert str(caught.value).startswith(
        "shop.people: 110 of 200 rows are gone from the source, which looks like half a database. Remedy: ask"
    )
    assert _rows(data, "select count(*) from people where id = 'new'") == [(1,)]
    assert not (data.raw / "shop" / "_deletions").exists()
    assert pull(_shop(compare_keys="0 minutes", most_deleted=1), data).deleted == {"people": 110}


def test_pages_hold_every_row_once_and_stay_small(database, monkeypatch, tmp_path):
    monkeypatch.setattr("orchestration.raw.sql.pages._FIRST_ROWS", 10)
    monkeypatch.setattr("orchestration.raw.sql.pages._MOST_ROWS", 10)
    database.execute(
        "insert into shop.people select case when n % 7 > 0 then (n % 50)::text end, n::text,"
        " case when n % 5 = 0 then null when n % 3 = 0 then timestamptz '2024-01-01' else"
        " timestamptz '2024-01-02' + n * interval '1 second' end from generate_series(1, 500) as n"
    )
    database.execute("insert into shop.people values ('x', 'end', 'infinity'), ('x', 'start', '-infinity')")
    sizes: list[int] = []
    read = __import__("connectorx").read_sql

    def measured(*arguments, **options):
        rows = read(*arguments, **options)
        sizes.append(len(rows))
        return rows

    monkeypatch.setattr("connectorx.read_sql", measured)
    data = DataDir(tmp_path)
    shop = _shop(key=["id", "name"])
    assert pull(shop, data).rows == {"people": 502}
    assert _rows(data, "select count(distinct name) from people") == [(502,)]
    assert sum(sizes) == 502
    assert max(sizes) <= 10
    assert pull(shop, data).rows == {"people": 0}
