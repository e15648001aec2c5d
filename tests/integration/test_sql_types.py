"""Types as real shops have them arrive exactly, from a real PostgreSQL; what the lake can't carry is named."""

from collections.abc import Iterator

import duckdb
import psycopg
import pytest

from demo_company.postgres import Postgres
from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.load import pull
from orchestration.raw.sql.columns import Column
from orchestration.raw.sql.database import Database
from tests.integration.shop import PASSWORD, declare_shop

# column type, value as PostgreSQL reads it, type in the lake, text of the value in the lake
CASES = {
    "money_value": ("numeric(12, 2)", "9999999999.99", "DECIMAL(12,2)", "9999999999.99"),
    "widest": (
        "numeric(38, 10)",
        "1234567890123456789012345678.0123456789",
        "DECIMAL(38,10)",
        "1234567890123456789012345678.0123456789",
    ),
    "unlimited": ("numeric", "12345678901234567890.1234567890123", "VARCHAR", "12345678901234567890.1234567890123"),
    "too_wide": ("numeric(60, 30)", "1.5", "VARCHAR", "1.500000000000000000000000000000"),
    "small": ("smallint", "-32768", "SMALLINT", "-32768"),
    "large": ("bigint", "9223372036854775807", "BIGINT", "9223372036854775807"),
    "single": ("real", "1.5", "FLOAT", "1.5"),
    "fraction": ("double precision", "0.1", "DOUBLE", "0.1"),
    "endless": ("double precision", "Infinity", "DOUBLE", "inf"),
    "yes": ("boolean", "true", "BOOLEAN", "true"),
    "json_text": ("json", '{"a":  1}', "VARCHAR", '{"a":  1}'),
    "json_value": ("jsonb", '{"名": [1, 2]}', "VARCHAR", '{"名": [1, 2]}'),
    "id_value": ("uuid", "72ef3358-4d83-4737-b9df-b2c17479f362", "VARCHAR", "72ef3358-4d83-4737-b9df-b2c17479f362"),
    "mood": ("shop.mood", "happy", "VARCHAR", "happy"),
    "in_domain": ("shop.price", "12.50", "DECIMAL(10,2)", "12.50"),
    "moment": (
        "timestamptz",
        "2024-01-01 10:00:00.123456+02",
        "TIMESTAMP WITH TIME ZONE",
        "2024-01-01 08:00:00.123456+00",
    ),
    "milli": (
        "timestamp(3) with time zone",
        "2024-01-01 10:00:00.123+00",
        "TIMESTAMP WITH TIME ZONE",
        "2024-01-01 10:00:00.123+00",
    ),
    "local": ("timestamp", "1969-12-31 23:59:59.999999", "TIMESTAMP", "1969-12-31 23:59:59.999999"),
    "forever": ("timestamptz", "infinity", "TIMESTAMP WITH TIME ZONE", "infinity"),
    "never": ("timestamp", "-infinity", "TIMESTAMP", "-infinity"),
    "day": ("date", "2024-02-29", "DATE", "2024-02-29"),
    "day_forever": ("date", "infinity", "DATE", "infinity"),
    "ancient": ("date", "0044-03-15 BC", "DATE", "0044-03-15 (BC)"),
    "hour": ("time", "23:59:59.999999", "TIME", "23:59:59.999999"),
    "hour_zone": ("timetz", "10:00:00+02", "VARCHAR", "10:00:00+02"),
    "span": ("interval", "1 year 2 days", "VARCHAR", "1 year 2 days"),
    "photo": ("bytea", r"\x00ff10", "BLOB", r"\x00\xFF\x10"),
    "numbers": ("integer[]", "{1,2,NULL}", "VARCHAR", "{1,2,NULL}"),
    "tags": ("text[]", '{"a b","c,d"}', "VARCHAR", '{"a b","c,d"}'),
    "padded": ("char(4)", "ab", "VARCHAR", "ab  "),
    "named": ("varchar(20)", "王 😀 O'Neil % \\", "VARCHAR", "王 😀 O'Neil % \\"),
    "long_text": ("text", "é" * 300_000, "VARCHAR", "é" * 300_000),
    "address": ("inet", "10.0.0.1/8", "VARCHAR", "10.0.0.1/8"),
    "cash": ("money", "$1.50", "VARCHAR", "$1.50"),
    "Odd Name%": ("text", "x", "VARCHAR", "x"),
}


@pytest.fixture
def database(server: Postgres, monkeypatch) -> Iterator[psycopg.Connection]:
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute("drop schema if exists shop cascade; create schema shop")
        monkeypatch.setenv("SHOP_URL", server.url("company_admin", PASSWORD, "postgres"))
        yield connection


def _shop(columns: list[str], **table: object) -> SourceDeclaration:
    return declare_shop(
        {"things": {"description": "", "key": ["id"], "cursor": "id", "columns": ["id", *columns]} | table},
        database_schema="shop",
    )


def _landed(data: DataDir) -> str:
    return f"read_parquet('{data.raw}/shop/things/*.parquet')"


def _lake() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection


@pytest.fixture(params=["connectorx", "psycopg"])
def driver(request, monkeypatch) -> str:
    """Either driver brings the same; the second reads where the first can't."""
    if request.param == "psycopg":
        monkeypatch.setattr("connectorx.read_sql", _unable)
    return request.param


def _unable(*arguments, **options):
    raise RuntimeError("not today")


def test_every_type_arrives_exactly(database, driver, tmp_path):
    database.execute("create type shop.mood as enum ('happy', 'sad'); create domain shop.price as numeric(10, 2)")
    columns = ", ".join(f'"{name}" {kind}' for name, (kind, *_) in CASES.items())
    database.execute(f"create table shop.things (id integer primary key, {columns})".encode())
    values = ", ".join(["%s"] * len(CASES))
    insert = f"insert into shop.things values (1, {values})".encode()
    database.execute(insert, [value for _, value, *_ in CASES.values()])
    database.execute("insert into shop.things (id) values (2)")
    data = DataDir(tmp_path)
    declaration = _shop([name for name in CASES if name != "Odd Name%"])
    assert pull(declaration, data).rows == {"things": 2}
    with _lake() as lake:
        types = {name: kind for name, kind, *_ in lake.sql(f"describe from {_landed(data)}").fetchall()}
        for name, (_, _, kind, text) in CASES.items():
            held = "odd_namex" if name == "Odd Name%" else name
            assert types[held] == kind, name
            [(there,), (empty,)] = lake.sql(
                f"select cast({held} as varchar) from {_landed(data)} order by id"
            ).fetchall()
            assert there == text, name
            assert empty is None, name
    assert pull(declaration, data).rows == {"things": 0}, "what comes again as it is compares as equal"


def test_what_the_first_pull_finds_unfit_becomes_text_and_later_is_refused_by_name(database, tmp_path):
    database.execute("create table shop.things (id integer, price numeric(8, 2), cost numeric(8, 2))")
    database.execute("insert into shop.things values (1, 'NaN', 1)")
    data, declaration = DataDir(tmp_path), _shop(["price", "cost"])
    pull(declaration, data)
    assert duckdb.sql(f"select price, cast(cost as varchar) from {_landed(data)}").fetchall() == [("NaN", "1.00")]
    database.execute("insert into shop.things values (2, 1, 'NaN')")
    with pytest.raises(SourceError) as caught:
        pull(declaration, data)
    assert str(caught.value).startswith(
        "shop.things: column cost (numeric(8,2)) holds values that are not a decimal128(8, 2). Remedy: have it mended"
    )


def test_as_text_carries_a_column_as_it_is_written(database, tmp_path):
    database.execute("create table shop.things (id integer, price numeric(8, 2))")
    database.execute("insert into shop.things values (1, 1.5)")
    data = DataDir(tmp_path)
    pull(_shop(["price"], as_text=["price"]), data)
    assert duckdb.sql(f"select price from {_landed(data)}").fetchall() == [("1.50",)]


def test_a_view_under_another_name_and_only_the_columns_that_may_be_read(server, database, monkeypatch, tmp_path):
    database.execute("create table shop.base (id integer, name text, secret text)")
    database.execute("insert into shop.base values (1, 'a', 'b'); create view shop.\"V\" as select * from shop.base")
    database.execute("drop role if exists clerk; create role clerk login password 'clerk-word'")
    database.execute('grant usage on schema shop to clerk; grant select (id, name) on shop."V" to clerk')
    monkeypatch.setenv("SHOP_URL", server.url("clerk", "clerk-word", "postgres"))
    data = DataDir(tmp_path)
    try:
        assert pull(_shop(["name"], table="V"), data).rows == {"things": 1}
        assert "secret" not in duckdb.sql(f"describe from {_landed(data)}").fetchnumpy()["column_name"]
        with pytest.raises(SourceError, match=r"^shop\.things: no such table in schema shop, or this user may not"):
            pull(_shop(["name"], table="base"), DataDir(tmp_path / "other"))
    finally:
        database.execute("drop owned by clerk; drop role clerk")


def test_a_panic_of_the_fast_driver_is_ridden_out(server, database, monkeypatch):
    """ConnectorX panics on some types: the other driver must read, and the process must live."""
    import pyarrow as pa

    database.execute(
        "create table shop.things (id integer, span interval); insert into shop.things values (1, '1 day')"
    )
    there = Database(_shop([]))
    column = Column("span", '"span"', "interval", 'cast("span" as interval)', pa.duration("us"), pa.duration("us"))
    rows = there.read('select "span" from shop.things', [column], "things")
    there.close()
    assert str(rows.column("span")[0].as_py()) == "1 day, 0:00:00"
