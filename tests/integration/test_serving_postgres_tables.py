"""What arrives in PostgreSQL, who may read it, and what is refused in one line without a value or a password."""

import math

import duckdb
import psycopg
import pytest

import orchestration.serving.postgres_load as loading
from orchestration.serving.declaration import PostgresDeclaration
from orchestration.serving.kept import Kept
from orchestration.serving.manifest import Keys
from orchestration.serving.postgres import Postgres, PostgresError
from orchestration.serving.publish import Night, publish
from tests.integration.served_postgres import publish_both, schemas, seen
from tests.integration.shop import PASSWORD
from tests.unit.orchestration.publications import FIRST, kept_in, publish_night


def test_keys_indexes_comments_and_the_manifest_come_along(tmp_path, target, look) -> None:
    manifest = publish_both(tmp_path, target, 1)
    indexes = look.execute("select indexdef from pg_indexes where schemaname = 'marts' and tablename = 'orders'")
    assert sorted(definition.partition(" USING ")[2] for (definition,) in indexes) == [
        "btree (customer_id)",
        "btree (id)",
    ]
    keys = look.execute(
        "select conrelid::regclass::text from pg_constraint where contype = 'p'"
        " and connamespace = 'marts'::regnamespace order by 1"
    ).fetchall()
    assert keys == [("marts.customers",), ("marts.orders",), ("marts.publication",)]
    foreign = look.execute(
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'f'"
        " and connamespace = 'marts'::regnamespace"
    ).fetchall()
    assert foreign == [("marts.orders", "FOREIGN KEY (customer_id) REFERENCES marts.customers(id) NOT VALID")]
    assert look.execute("select obj_description('marts.customers'::regclass)").fetchone() == ("everybody",)
    assert look.execute("select col_description('marts.orders'::regclass, 3)").fetchone() == ("the night's number",)
    inside = look.execute("select publication, table_name, row_count, checksum from marts.publication order by 2")
    assert inside.fetchall() == [
        (manifest.name, name, table.rows, table.checksum) for name, table in sorted(manifest.tables.items())
    ]
    assert target.published() == manifest.name
    with duckdb.connect(str(tmp_path / "serving.duckdb"), read_only=True) as source:
        rows = source.sql("from marts.orders order by id").fetchall()
    assert look.execute("select * from marts.orders order by id").fetchall() == rows


VALUES = {
    "a_text": ("varchar", ["", "a", None, "Zoë, 张伟 🎉", 'say "hi", \\N \\. ;', " lead\ttab\r\nline ", "\\."]),
    "a_yes": ("boolean", [True, False, None]),
    "a_count": ("bigint", [-(2**63), 2**63 - 1, None]),
    "a_small": ("utinyint", [0, 255, None]),
    "a_large": ("hugeint", [2**120, -(2**120), None]),
    "a_double": ("double", [0.1, 1e308, -math.inf, None, 5e-324]),
    "a_price": ("decimal(18,2)", ["-9999999999999999.99", "0.10", None]),
    "a_day": ("date", ["2017-02-28", "0044-03-15 (BC)", "infinity", None]),
    "a_time": ("timestamp", ["2017-12-31 23:59:59.999999", "9999-01-01 00:00:00", None]),
    "a_moment": ("timestamptz", ["2017-12-31 23:30:00-08", None]),
    "a_nano": ("timestamp_ns", ["2017-12-31 23:59:59.123456789", None]),
    "an_id": ("uuid", ["5fa1a3a8-0000-4000-8000-000000000001", None]),
    "a_blob": ("blob", [b"\x00\xff'\\", None]),
    "a_while": ("interval", ["1 year 2 months 3 days 04:05:06", None]),
    "a_list": ("varchar[]", [["a", 'b"', None, "\\u0000", "NUL\x00"], [], None]),
    "a_struct": ("struct(a integer, b varchar)", [{"a": 1, "b": "x"}, None]),
    "a_kind": ("enum('a', 'b')", ["a", None]),
    "a_json": ("json", ['{"a": [1, null]}', None]),
}
KEPT = {
    "a_day": lambda value: {"0044-03-15 (BC)": "0044-03-15 BC"}.get(value, value),
    "a_moment": lambda value: "2018-01-01 07:30:00+00",
    "a_nano": lambda value: value[:-3],
    "a_blob": lambda value: "\\x" + value.hex(),
    "a_while": lambda value: "1 year 2 mons 3 days 04:05:06",
    "a_list": lambda value: '["a", "b\\"", null, "\\\\u0000", "NUL\N{REPLACEMENT CHARACTER}"]' if value else "[]",
    "a_struct": lambda value: '{"a": 1, "b": "x"}',
    "a_yes": lambda value: "true" if value else "false",
    "a_double": lambda value: {math.inf: "Infinity", -math.inf: "-Infinity"}.get(
        value, repr(value).replace("e+", "e+")
    ),
}


def test_every_type_and_every_awkward_value_arrives_as_it_is(tmp_path, target, look) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts")
        for name, (kind, values) in VALUES.items():
            connection.execute(f"create table marts.{name} (id integer, value {kind})")
            connection.executemany(f"insert into marts.{name} values (?, ?)", list(enumerate(values)))
        connection.execute("create table marts.empty (value varchar)")
        connection.execute("create table marts.alone as select * from (values ('\\.'), (null), ('')) as rows(value)")
        connection.execute("create table marts.nul as select 'a' || chr(0) || 'b' as value")
    tables = dict.fromkeys([*VALUES, "empty", "alone", "nul"], Keys())
    manifest = publish(warehouse, kept_in(tmp_path), Night("run", FIRST), tables)
    loaded = target.publish(tmp_path / "serving.duckdb", manifest)
    for name, (_, values) in VALUES.items():
        found = look.execute(f"select value::text from marts.{name} order by id").fetchall()
        as_kept = KEPT.get(name, str)
        wanted = [None if value is None else as_kept(value) for value in values]
        assert [value for (value,) in found] == wanted, name
    kinds = dict(
        look.execute(
            "select table_name, data_type from information_schema.columns"
            " where table_schema = 'marts' and column_name = 'value'"
        ).fetchall()
    )
    assert kinds["a_price"] == kinds["a_large"] == "numeric"
    assert kinds["a_list"] == kinds["a_struct"] == kinds["a_json"] == "jsonb"
    assert (kinds["a_moment"], kinds["a_time"]) == ("timestamp with time zone", "timestamp without time zone")
    assert look.execute("select count(*), count(value) from marts.alone").fetchone() == (3, 2)
    assert look.execute("select value from marts.nul").fetchone() == ("a\N{REPLACEMENT CHARACTER}b",)
    assert loaded.notes == ("1 NUL characters were replaced by U+FFFD: PostgreSQL takes none in a text",)


def test_only_the_reader_role_may_read_and_nobody_may_write(tmp_path, target, server, database, look) -> None:
    role = target.declared.reader_role
    look.execute(f"create role bi_{role} login password '{PASSWORD}'")
    publish_both(tmp_path, target, 1)
    look.execute(f"grant {role} to bi_{role}")
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(server.url(f"bi_{role}", PASSWORD, name), autocommit=True) as reader:
        for night in (1, 2):
            assert seen(reader) == {(night, night, night)}
            for statement in ("delete from marts.orders", "create table marts.mine (a int)", "drop schema marts"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(statement)
            publish_both(tmp_path, target, night + 1)
    look.execute(f"create role stranger_{role} login password '{PASSWORD}'")
    with (
        psycopg.connect(server.url(f"stranger_{role}", PASSWORD, name)) as stranger,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        stranger.execute("select 1 from marts.orders")


def test_a_role_that_cannot_be_made_is_one_line_and_no_failure(tmp_path, target, server, database, look) -> None:
    owner = psycopg.conninfo.conninfo_to_dict(database)["user"]
    with server.connect("postgres", autocommit=True) as admin:
        admin.execute(f"alter role {owner} nocreaterole")
    manifest = publish_night(tmp_path, 1)
    (note,) = target.publish(tmp_path / "serving.duckdb", manifest).notes
    assert note.startswith(f"nobody but the publisher can read: the role {target.declared.reader_role} is not there")
    assert seen(look) == {(1, 1, 1)}


def test_somebody_elses_schema_is_not_touched(tmp_path, target, look) -> None:
    look.execute("create schema marts; create table marts.mine as select 1 as a")
    with pytest.raises(PostgresError, match="the schema marts is there and was not published from here"):
        publish_both(tmp_path, target, 1)
    assert look.execute("select a from marts.mine").fetchone() == (1,)
    assert schemas(look) == ["marts"]


def test_whoever_publishes_next_finds_the_lock_free(tmp_path, target, look) -> None:
    """A server ends a closed session in its own time, and only then gives its locks back."""
    for night in range(1, 9):
        publish_both(tmp_path, target, night)
        assert look.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone() == (0,)


def test_another_publication_under_way_is_one_line(tmp_path, target, database, look) -> None:
    look.execute("select pg_advisory_lock(7220418015331)")
    with pytest.raises(PostgresError, match="another publication is under way there. Remedy: wait for it"):
        publish_both(tmp_path, target, 1)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://me:s3cret-word@127.0.0.1:9/company", r"PostgreSQL at 127.0.0.1:9/company can't be reached \("),
        ("postgres//me:s3cret-word@", "SERVING_POSTGRES_DSN is no address of PostgreSQL. Remedy: postgresql://user"),
    ],
)
def test_no_line_and_no_repr_tells_the_password(tmp_path, address, said) -> None:
    target = Postgres(address, PostgresDeclaration())
    manifest = publish_night(tmp_path, 1)
    with pytest.raises(PostgresError, match=said) as caught:
        target.publish(tmp_path / "serving.duckdb", manifest)
    assert "s3cret-word" not in str(caught.value)
    assert "s3cret-word" not in repr(target)


def test_a_wrong_password_and_a_key_that_is_none_tell_no_value(tmp_path, target, server, database, look) -> None:
    wrong = database.replace(PASSWORD, "s3cret-word")
    with pytest.raises(PostgresError, match=r"can't be reached .*password authentication failed") as caught:
        publish_both(tmp_path, Postgres(wrong, target.declared), 1)
    assert "s3cret-word" not in str(caught.value)
    warehouse = tmp_path / "other.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.twice as select 'ann@example.com' as id from range(2)")
    kept = Kept(tmp_path / "other", tmp_path / "other_serving.duckdb")
    manifest = publish(warehouse, kept, Night("run", FIRST), {"twice": Keys(("id",))})
    with pytest.raises(PostgresError, match="could not create unique index") as caught:
        target.publish(kept.served, manifest)
    assert "ann@" not in str(caught.value)
    assert schemas(look) == []


def test_a_table_that_arrives_otherwise_stops_before_the_swap(tmp_path, target, look, monkeypatch) -> None:
    publish_both(tmp_path, target, 1)
    real = loading._csv
    monkeypatch.setattr(loading, "_csv", lambda *a: (text.partition(b"\n")[2] for text in real(*a)))
    with pytest.raises(PostgresError, match="customers: 200 rows were published, 199 arrived in PostgreSQL"):
        publish_both(tmp_path, target, 2)
    assert seen(look) == {(1, 1, 1)}


def test_a_database_of_another_encoding_is_one_line(tmp_path, server, target) -> None:
    with server.connect("postgres", autocommit=True) as admin:
        admin.execute("create database old_times encoding 'LATIN1' template template0")
    old = Postgres(server.url("company_admin", PASSWORD, "old_times"), target.declared)
    with pytest.raises(PostgresError, match="the database is encoded in LATIN1. Remedy: a database with encoding UTF8"):
        publish_both(tmp_path, old, 1)
