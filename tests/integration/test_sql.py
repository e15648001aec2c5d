"""Databases, against a real PostgreSQL: by cursor, exact money, and one clear line for what is wrong."""

from collections.abc import Iterator

import duckdb
import psycopg
import pytest

from demo_company.postgres import Postgres
from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.load import pull
from tests.integration.shop import PASSWORD, declare_shop


@pytest.fixture
def database(server: Postgres, monkeypatch) -> Iterator[psycopg.Connection]:
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute("drop schema if exists shop cascade")
        connection.execute("create schema shop")
        connection.execute(
            'create table shop."order" (id bigint primary key, amount numeric(12, 2), "select" text,'
            " updated_at timestamptz not null)"
        )
        connection.execute("create table shop.empty (id bigint primary key, updated_at timestamptz not null)")
        monkeypatch.setenv("SHOP_URL", server.url("company_admin", PASSWORD, "postgres"))
        yield connection


def _shop(**columns: list[str]) -> SourceDeclaration:
    return declare_shop(
        {
            table: {"description": "", "key": ["id"], "cursor": "updated_at", "columns": names}
            for table, names in (columns or {"order": ["id", "amount", "select", "updated_at"]}).items()
        },
        database_schema="shop",
    )


def _insert(database: psycopg.Connection, first: int, last: int, moment: str) -> None:
    database.execute(
        'insert into shop."order" select n, n + 0.01, \'王 "q"\' || n, %s::timestamptz'
        " from generate_series(%s::int, %s::int) as n"
        " on conflict (id) do update set amount = -1, updated_at = excluded.updated_at",
        (moment, first, last),
    )


def test_only_what_is_new_is_pulled_also_at_the_very_same_moment(database, tmp_path):
    data = DataDir(tmp_path)
    _insert(database, 1, 1000, "2024-01-01 10:00:00.123456+00")
    assert pull(_shop(), data).rows == {"order": 1000}
    assert pull(_shop(), data).rows == {"order": 0}
    _insert(database, 1001, 1003, "2024-01-01 10:00:00.123456+00")  # committed late, stamped the same
    assert pull(_shop(), data).rows == {"order": 3}
    _insert(database, 7, 8, "2024-01-02 10:00:00+00")
    assert pull(_shop(), data).rows == {"order": 2}
    assert pull(_shop(), data).rows == {"order": 0}
    raw = f"read_parquet('{data.raw}/shop/order/*.parquet')"
    assert duckdb.sql(f"select count(*), count(distinct id) from {raw}").fetchone() == (1005, 1003)


def test_money_and_text_arrive_exactly(database, tmp_path):
    _insert(database, 1, 3, "2024-01-01 10:00:00+00")
    database.execute('insert into shop."order" values (4, 9999999999.99, null, %s)', ("2024-01-01 11:00:00+02",))
    pull(_shop(), DataDir(tmp_path))
    raw = f"read_parquet('{tmp_path}/lake/raw/shop/order/*.parquet')"
    rows = duckdb.sql(
        "select id, cast(amount as varchar), \"select\", cast(updated_at at time zone 'UTC' as varchar)"
        f" from {raw} order by id"
    ).fetchall()
    assert [float(row[1]) for row in rows[:3]] == [1.01, 2.01, 3.01]
    assert duckdb.sql(f"select sum(amount) = 10000000006.02 from {raw}").fetchone() == (True,)
    assert rows[0][2] == '王 "q"1'
    assert rows[3][2] is None
    assert rows[3][3] == "2024-01-01 09:00:00"


def test_an_empty_table_is_no_reason_to_fail(database, tmp_path):
    data = DataDir(tmp_path)
    declaration = _shop(empty=["id", "updated_at"])
    assert pull(declaration, data).rows == {"empty": 0}
    database.execute("insert into shop.empty values (1, now())")
    assert pull(declaration, data).rows == {"empty": 1}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"orders": ["id", "updated_at"]}, "shop.orders: no such table in schema shop, or this user may not read it."),
        ({"order": ["id", "price", "updated_at"]}, "shop.order: column price is missing in schema shop"),
    ],
)
def test_what_is_missing_is_named(database, tmp_path, columns, expected):
    with pytest.raises(SourceError) as caught:
        pull(_shop(**columns), DataDir(tmp_path))
    assert str(caught.value).startswith(expected)


def test_a_server_that_is_away_is_worth_another_try(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_URL", "postgresql://reader:hidden-word@127.0.0.1:9/company")
    with pytest.raises(SourceError, match=r"^shop\.\*: no connection to 127\.0\.0\.1:9/company\. Remedy: ") as caught:
        pull(_shop(), DataDir(tmp_path))
    assert caught.value.is_transient
    assert "hidden-word" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "hidden-word at the office",
        "postgresql://reader:p@hidden-word@127.0.0.1:9/company",
        "postgresql://reader:p@a:hidden-word@127.0.0.1:9/company",
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_it(monkeypatch, tmp_path, address):
    monkeypatch.setenv("SHOP_URL", address)
    with pytest.raises(SourceError, match=r"^shop\.\*: its location is not a database URL") as caught:
        pull(_shop(), DataDir(tmp_path))
    assert "hidden-word" not in str(caught.value)


def test_a_database_without_a_driver_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_URL", "oracle://reader:hidden-word@127.0.0.1:9/company")
    with pytest.raises(SourceError, match=r"^shop\.\*: no driver for oracle is installed\. Remedy: "):
        pull(_shop(), DataDir(tmp_path))
