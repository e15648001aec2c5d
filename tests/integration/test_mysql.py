"""MySQL's dialect against a real MariaDB: types, addresses, cursors, errors. Skipped where the server is missing."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pymysql
import pytest

from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.load import pull
from tests.integration import mariadb
from tests.integration.shop import declare_shop

pytestmark = pytest.mark.skipif(mariadb.binary() is None, reason=mariadb.MISSING)

# column type, value as MariaDB reads it, type in the lake, text of the value in the lake
CASES = {
    "flag": ("tinyint(1)", "2", "TINYINT", "2"),
    "tiny": ("tinyint unsigned", "255", "UTINYINT", "255"),
    "medium": ("mediumint", "-8388608", "INTEGER", "-8388608"),
    "whole": ("int unsigned", "4294967295", "UINTEGER", "4294967295"),
    "large": ("bigint", "-9223372036854775808", "BIGINT", "-9223372036854775808"),
    "largest": ("bigint unsigned", "18446744073709551615", "UBIGINT", "18446744073709551615"),
    "price": ("decimal(12,2)", "9999999999.99", "DECIMAL(12,2)", "9999999999.99"),
    "widest": (
        "decimal(38,10)",
        "1234567890123456789012345678.0123456789",
        "DECIMAL(38,10)",
        "1234567890123456789012345678.0123456789",
    ),
    "too_wide": ("decimal(60,20)", "1.5", "VARCHAR", "1.50000000000000000000"),
    "single": ("float", "1.5", "FLOAT", "1.5"),
    "fraction": ("double", "0.1", "DOUBLE", "0.1"),
    "day": ("date", "2024-02-29", "DATE", "2024-02-29"),
    "first_day": ("date", "0001-01-01", "DATE", "0001-01-01"),
    "born": ("date", "0000-00-00", "VARCHAR", "0000-00-00"),
    "seen": ("datetime", "2024-00-17 00:00:00", "VARCHAR", "2024-00-17 00:00:00"),
    "local": ("datetime(6)", "1969-12-31 23:59:59.999999", "TIMESTAMP", "1969-12-31 23:59:59.999999"),
    "moment": (
        "timestamp(6) null",
        "2024-01-01 05:00:00.123456",
        "TIMESTAMP WITH TIME ZONE",
        "2024-01-01 00:00:00.123456+00",
    ),
    "nowhen": ("timestamp null", "0000-00-00 00:00:00", "VARCHAR", "0000-00-00 00:00:00"),
    "span": ("time", "-101:00:05", "VARCHAR", "-101:00:05"),
    "hour": ("time(6)", "11:00:05.123456", "VARCHAR", "11:00:05.123456"),
    "vintage": ("year", "2024", "SMALLINT", "2024"),
    "named": ("varchar(40)", "王 😀 O'Neil % \\", "VARCHAR", "王 😀 O'Neil % \\"),
    "latin": ("varchar(20) character set latin1", "Müller", "VARCHAR", "Müller"),
    "exact": ("varchar(20) collate utf8mb4_bin", "Ab", "VARCHAR", "Ab"),
    "long_text": ("longtext", "é" * 300_000, "VARCHAR", "é" * 300_000),
    "photo": ("longblob", b"\x00\xff", "BLOB", r"\x00\xFF"),
    "digest": ("binary(4)", b"ab\x00\x00", "BLOB", r"ab\x00\x00"),
    "mood": ("enum('happy','sad')", "sad", "VARCHAR", "sad"),
    "tags": ("set('x','y')", "x,y", "VARCHAR", "x,y"),
    "facts": ("json", '{"名": 1}', "VARCHAR", '{"名": 1}'),
    "one_bit": ("bit(1)", 1, "UBIGINT", "1"),
    "id_value": ("uuid", "72ef3358-4d83-4737-b9df-b2c17479f362", "VARCHAR", "72ef3358-4d83-4737-b9df-b2c17479f362"),
    "Order`s %": ("int", "1", "INTEGER", "1"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[mariadb.MariaDb]:
    with tempfile.TemporaryDirectory(prefix="mariadb-") as folder:
        Path(folder).chmod(0o755)
        there = mariadb.MariaDb(Path(folder) / "server")
        try:
            there.start()
            yield there
        finally:
            there.stop()


@pytest.fixture
def database(server: mariadb.MariaDb, monkeypatch) -> Iterator[pymysql.cursors.Cursor]:
    monkeypatch.setenv("SHOP_URL", server.url())
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("drop table if exists things")
        yield cursor


def _shop(columns: list[str], **table: object) -> SourceDeclaration:
    return declare_shop({"things": {"description": "", "key": ["id"], "cursor": "id", "columns": columns} | table})


def _landed(data: DataDir) -> str:
    return f"read_parquet('{data.raw}/shop/things/*.parquet')"


@pytest.mark.parametrize("driver", ["connectorx", "pymysql"])
def test_every_type_arrives_exactly(database, monkeypatch, tmp_path, driver):
    if driver == "pymysql":
        monkeypatch.setattr("connectorx.read_sql", None)
    columns = ", ".join(f"`{name.replace('`', '``')}` {kind}" for name, (kind, *_) in CASES.items())
    database.execute("set time_zone = '+05:00'")
    database.execute(f"create table things (id int primary key, {columns}) character set utf8mb4")
    database.execute(f"insert into things values (1{', %s' * len(CASES)})", [value for _, value, *_ in CASES.values()])
    database.execute("insert into things (id) values (2)")
    data, declaration = DataDir(tmp_path), _shop(["id", *(name for name in CASES if name.isidentifier())])
    assert pull(declaration, data).rows == {"things": 2}
    with duckdb.connect() as lake:
        lake.execute("set TimeZone = 'UTC'")
        described = lake.sql(f"describe from {_landed(data)}").fetchall()
        types = {name: kind for name, kind, *_ in described if name != "id" and not name.startswith("_")}
        assert len(types) == len(CASES)
        for (held, found), (_, _, kind, text) in zip(types.items(), CASES.values(), strict=True):
            assert found == kind, held
            values = lake.sql(f"select cast({held} as varchar) from {_landed(data)} order by id").fetchall()
            assert values == [(text,), (None,)], held
    assert pull(declaration, data).rows == {"things": 0}, "what comes again as it is compares as equal"


@pytest.mark.parametrize("scheme", ["mysql", "mysql+pymysql", "mariadb", "mariadb+pymysql"])
def test_all_spellings_of_the_address_are_read(server, database, monkeypatch, tmp_path, scheme):
    monkeypatch.setenv("SHOP_URL", server.url(scheme) + "?charset=utf8mb4")
    database.execute("create table things (id int primary key)")
    database.execute("insert into things values (1)")
    assert pull(_shop(["id"]), DataDir(tmp_path)).rows == {"things": 1}


@pytest.mark.parametrize("kind", ["timestamp(6) null", "datetime(6)", "date", "bigint unsigned", "varchar(40)"])
def test_only_what_is_new_is_pulled_for_every_kind_of_cursor(database, tmp_path, kind):
    """The server's clock is five hours ahead of UTC: no cursor may shift by that."""
    values = {
        "date": ("2024-01-01", "2024-01-02"),
        "bigint unsigned": ("18446744073709551613", "18446744073709551614"),
    }.get(kind, ("2024-03-31 02:00:00.000001", "2024-03-31 02:00:00.000002"))
    database.execute(f"create table things (id int primary key, changed {kind})")
    database.executemany("insert into things values (%s, %s)", [(1, values[0]), (2, values[0]), (3, None)])
    data, declaration = DataDir(tmp_path), _shop(["id", "changed"], cursor="changed")
    assert pull(declaration, data).rows == {"things": 3}
    assert pull(declaration, data).rows == {"things": 0}
    database.executemany("insert into things values (%s, %s)", [(4, values[0]), (5, values[1])])
    assert pull(declaration, data).rows == {"things": 2}
    assert pull(declaration, data).rows == {"things": 0}


def test_late_rows_and_deleted_rows_are_noticed(database, tmp_path):
    database.execute("create table things (shop int, id varchar(20), changed timestamp, primary key (shop, id))")
    rows = [(1, "a", "2024-01-10"), (1, "B", "2024-01-10"), (2, "a", "2024-01-09")]
    database.executemany("insert into things values (%s, %s, %s)", rows)
    data = DataDir(tmp_path)
    declaration = _shop(
        ["shop", "id", "changed"], key=["shop", "id"], cursor="changed", overlap="2 days", compare_keys="0 minutes"
    )
    assert pull(declaration, data).rows == {"things": 3}
    database.execute("insert into things values (3, 'late', '2024-01-08 12:00'), (3, 'later', '2023-01-01')")
    database.execute("delete from things where id = 'B'")
    pulled = pull(declaration, data)
    assert pulled.rows == {"things": 2}, "one within the overlap, one that only the keys show"
    assert pulled.deleted == {"things": 1}
    deletions = duckdb.sql(f"select source_key, is_deleted from '{data.raw}/shop/_deletions/*.parquet'")
    assert deletions.fetchall() == [("1|B", True)]


def test_a_large_table_is_read_in_pages_whatever_repeats(database, monkeypatch, tmp_path):
    """Letters that the database takes for equal, a cursor that most rows share, empty cursors, empty keys."""
    monkeypatch.setattr("orchestration.raw.sql.pages._FIRST_ROWS", 7)
    monkeypatch.setattr("orchestration.raw.sql.pages._MOST_ROWS", 7)
    database.execute("create table things (code varchar(9), id int, changed datetime) collate utf8mb4_general_ci")
    rows = [("aA"[n % 2], n, "2024-01-01") for n in range(40)] + [(None, n, None) for n in range(40, 60)]
    rows += [("b", 60, "2023-01-01"), ("c", None, "2025-01-01"), ("ß", 62, "2024-01-01")]
    database.executemany("insert into things values (%s, %s, %s)", rows)
    data = DataDir(tmp_path)
    pulled = pull(_shop(["code", "id", "changed"], key=["code", "id"], cursor="changed"), data)
    assert pulled.rows == {"things": 63}
    assert duckdb.sql(f"select count(distinct (code, id)) from {_landed(data)}").fetchone() == (63,)


@pytest.mark.parametrize(
    ("change", "expected", "is_transient"),
    [
        (lambda url: url.replace("word", "wrong"), "refuses the user reader or its password", False),
        (lambda url: url.replace("/shop", "/elsewhere"), "", False),
        (lambda url: url + "?ssl_ca=/nowhere.pem", "", False),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), "", True),
    ],
)
def test_what_is_wrong_is_one_line_without_the_password(
    server, database, monkeypatch, tmp_path, change, expected, is_transient
):
    address = change(server.url())
    if "127.0.0.1:1" in address and address != server.url():
        address = server.url().replace(str(server.port), "9")
    monkeypatch.setenv("SHOP_URL", address)
    with pytest.raises(SourceError) as caught:
        pull(_shop(["id"]), DataDir(tmp_path))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "Remedy: " in str(caught.value)
    assert "p@ss" not in str(caught.value)
    assert caught.value.is_transient == is_transient, str(caught.value)


def test_too_many_connections_are_worth_another_try(server, database, tmp_path):
    database.execute("create table things (id int primary key)")
    held = []
    try:
        with pytest.raises(pymysql.Error):
            while True:
                held.append(
                    pymysql.connect(host="127.0.0.1", port=server.port, user=mariadb.USER, password=mariadb.PASSWORD)
                )
        with pytest.raises(SourceError, match=r"^shop\.\*: 127\.0\.0\.1 has too many connections\. Remedy: ") as caught:
            pull(_shop(["id"]), DataDir(tmp_path))
    finally:
        for connection in held:
            connection.close()
    assert caught.value.is_transient
