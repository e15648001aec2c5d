"""The target PostgreSQL, really run: types, keys, grants, refusals, and readers that never see a mix."""

import itertools
import math
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest

import orchestration.serving.postgres_load as loading
import orchestration.serving.postgres_swap as swapping
from demo_company.postgres import Postgres as Server
from orchestration.serving.declaration import PostgresDeclaration
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.manifest import Keys, Manifest
from orchestration.serving.postgres import Postgres, PostgresError
from orchestration.serving.publish import Night, publish
from tests.integration.shop import PASSWORD
from tests.unit.orchestration.publications import FIRST, kept_in, publish_night, reading

_names = itertools.count(1)


@pytest.fixture
def database(server: Server) -> str:
    """A new database and its owner, who may create roles in it but is no administrator."""
    name = f"company_{next(_names)}"
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute(f"create role {name} login createrole password '{PASSWORD}'")
        connection.execute(f"create database {name} owner {name}")
    return server.url(name, PASSWORD, name)


@pytest.fixture
def target(database: str) -> Postgres:
    return Postgres(database, PostgresDeclaration(reader_role=f"reader_{next(_names)}", patience="1 minutes"))


@pytest.fixture
def look(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def _publish(folder: Path, target: Postgres, night: int) -> Manifest:
    manifest = publish_night(folder, night)
    target.publish(kept_in(folder).path(manifest) / FILE, manifest)
    return manifest


def _schemas(look: psycopg.Connection) -> list[str]:
    rows = look.execute("select nspname from pg_namespace where nspname like 'marts%' order by 1").fetchall()
    return [name for (name,) in rows]


def _served(look: psycopg.Connection) -> set[tuple[int, ...]]:
    return set(
        look.execute(
            "select distinct orders.night, customers.night, number from marts.orders"
            " cross join (select distinct night from marts.customers) as customers cross join marts.publication"
        ).fetchall()
    )


def test_keys_indexes_comments_and_the_manifest_come_along(tmp_path, target, look) -> None:
    manifest = _publish(tmp_path, target, 1)
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


def test_readers_hammer_through_twenty_publications_without_an_error_or_a_mix(tmp_path, target, database, look) -> None:
    _publish(tmp_path, target, 1)
    with reading("postgres", database) as one, reading("postgres", database) as other:
        for night in range(2, 22):
            _publish(tmp_path, target, night)
    for report in (one, other):
        assert report["errors"] == []
        assert [row for row in report["seen"] if len(row) != 3 or len(set(row)) != 1] == []
        numbers = [row[0] for row in report["seen"]]
        assert numbers == sorted(numbers) and len(numbers) > 3
        assert report["reads"] > 40
    assert _served(look) == {(21, 21, 21)}
    assert _schemas(look) == ["marts", "marts_was_000020"]


def test_a_transaction_reads_one_publication_and_holds_nobody_up(tmp_path, target, database, look) -> None:
    _publish(tmp_path, target, 1)
    manifest = publish_night(tmp_path, 2)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            target.publish(tmp_path / "serving.duckdb", manifest)
        except BaseException as error:
            failed.append(error)

    look.execute("set statement_timeout = '3s'")
    with psycopg.connect(database) as report:
        assert report.execute("select max(night) from marts.orders").fetchone() == (1,)
        publishing = threading.Thread(target=work)
        publishing.start()
        while "marts_next" not in _schemas(look):
            publishing.join(0.02)
        for _ in range(5):  # who comes meanwhile waits for the publisher's tries, not for the report
            assert _served(look) == {(1, 1, 1)}
            publishing.join(0.2)
        assert publishing.is_alive()
        assert report.execute("select max(night) from marts.customers").fetchone() == (1,)
        report.commit()
        publishing.join(20)
    assert not failed
    assert _served(look) == {(2, 2, 2)}


def test_a_snapshot_older_than_the_load_finds_the_new_tables_full(tmp_path, target, database) -> None:
    _publish(tmp_path, target, 1)
    with psycopg.connect(database) as report:
        report.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        report.execute("select count(*) from pg_class")  # its snapshot is taken, and no published table is read yet
        _publish(tmp_path, target, 2)
        assert _served(report) == {(2, 2, 2)}
        assert report.execute("select count(*) from marts.orders").fetchone() == (200,)


def test_a_reader_that_never_ends_is_named_and_the_old_stays(tmp_path, target, database, look) -> None:
    _publish(tmp_path, target, 1)
    hasty = Postgres(database, target.declared.model_copy(update={"patience": timedelta(seconds=0)}))
    with psycopg.connect(database, application_name="a long report") as report:
        report.execute("select 1 from marts.orders limit 1")
        line = r"readers held the tables of schema marts for 0 s \(process \d+ of a long report\); it stays as it is"
        with pytest.raises(PostgresError, match=line):
            _publish(tmp_path, hasty, 2)
        assert _served(look) == {(1, 1, 1)}
    _publish(tmp_path, target, 3)
    assert _served(look) == {(3, 3, 3)}


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("owner", "place", "call", "then"),
    [
        (loading, "_fill", 2, 1),
        (loading, "_verify", 3, 1),
        (swapping, "_swap_now", 1, 1),
        (swapping, "_rename", 1, 1),
        (swapping, "_rename", 2, 1),
        (swapping, "_tables", 2, 2),
    ],
)
def test_killed_between_any_two_steps_there_is_one_whole_publication(
    tmp_path, target, look, monkeypatch, owner, place, call, then
) -> None:
    _publish(tmp_path, target, 0)
    _publish(tmp_path, target, 1)
    count, real = itertools.count(1), getattr(owner, place)

    def killing(*arguments, **named):
        if next(count) == call:
            raise Killed
        return real(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, place, killing)
        with pytest.raises(Killed):
            _publish(tmp_path, target, 2)
    number = then + 1  # numbers count from 1, these nights from 0
    assert {row[:2] for row in _served(look)} == {(then, then)}
    assert {row[2] for row in _served(look)} == {number}
    _publish(tmp_path, target, 3)
    assert {row[0] for row in _served(look)} == {3}
    assert len(_schemas(look)) == 2


def test_only_the_reader_role_may_read_and_nobody_may_write(tmp_path, target, server, database, look) -> None:
    role = target.declared.reader_role
    look.execute(f"create role bi_{role} login password '{PASSWORD}'")
    _publish(tmp_path, target, 1)
    look.execute(f"grant {role} to bi_{role}")
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(server.url(f"bi_{role}", PASSWORD, name), autocommit=True) as reader:
        for night in (1, 2):
            assert _served(reader) == {(night, night, night)}
            for statement in ("delete from marts.orders", "create table marts.mine (a int)", "drop schema marts"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(statement)
            _publish(tmp_path, target, night + 1)
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
    assert _served(look) == {(1, 1, 1)}


def test_somebody_elses_schema_is_not_touched(tmp_path, target, look) -> None:
    look.execute("create schema marts; create table marts.mine as select 1 as a")
    with pytest.raises(PostgresError, match="the schema marts is there and was not published from here"):
        _publish(tmp_path, target, 1)
    assert look.execute("select a from marts.mine").fetchone() == (1,)
    assert _schemas(look) == ["marts"]


def test_what_somebody_built_upon_old_tables_is_left_and_told(tmp_path, target, look) -> None:
    _publish(tmp_path, target, 1)
    look.execute("create view public.report as select max(night) from marts.orders")
    _publish(tmp_path, target, 2)
    manifest = publish_night(tmp_path, 3)
    (note,) = target.publish(tmp_path / "serving.duckdb", manifest).notes
    assert note.startswith("marts_was_000001 stays: something outside of it is built upon its tables")
    assert look.execute("select * from public.report").fetchone() == (1,)
    assert _served(look) == {(3, 3, 3)}


def test_a_roll_back_is_a_swap_where_the_schema_is_kept_and_else_a_load(tmp_path, target, look, monkeypatch) -> None:
    kept = kept_in(tmp_path)
    manifests = [_publish(tmp_path, target, night) for night in (1, 2, 3)]
    loads = []
    monkeypatch.setattr("orchestration.serving.postgres.load", lambda *a: loads.append(a) or loading.load(*a))
    target.put_back(kept.path(manifests[1]) / FILE, manifests[1])
    assert (loads, _served(look)) == ([], {(2, 2, 2)})
    assert _schemas(look) == ["marts", "marts_was_000003"]
    target.put_back(kept.path(manifests[0]) / FILE, manifests[0])
    assert (len(loads), _served(look)) == (1, {(1, 1, 1)})


def test_the_same_publication_once_more_leaves_one_of_it(tmp_path, target, look) -> None:
    _publish(tmp_path, target, 1)
    manifest = _publish(tmp_path, target, 2)
    target.publish(tmp_path / "serving.duckdb", manifest)
    assert _schemas(look) == ["marts", "marts_was_000001"]


def test_numbers_that_begin_anew_are_no_trouble(tmp_path, target, look) -> None:
    for folder in ("first", "again"):
        (tmp_path / folder).mkdir()
        for night in (1, 2):
            _publish(tmp_path / folder, target, night)
    assert _served(look) == {(2, 2, 2)}


def test_another_publication_under_way_is_one_line(tmp_path, target, database, look) -> None:
    look.execute("select pg_advisory_lock(7220418015331)")
    with pytest.raises(PostgresError, match="another publication is under way there. Remedy: wait for it"):
        _publish(tmp_path, target, 1)


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
        _publish(tmp_path, Postgres(wrong, target.declared), 1)
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
    assert _schemas(look) == []


def test_a_table_that_arrives_otherwise_stops_before_the_swap(tmp_path, target, look, monkeypatch) -> None:
    _publish(tmp_path, target, 1)
    real = loading._csv
    monkeypatch.setattr(loading, "_csv", lambda *a: (text.partition(b"\n")[2] for text in real(*a)))
    with pytest.raises(PostgresError, match="customers: 200 rows were published, 199 arrived in PostgreSQL"):
        _publish(tmp_path, target, 2)
    assert _served(look) == {(1, 1, 1)}


def test_a_database_of_another_encoding_is_one_line(tmp_path, server, target) -> None:
    with server.connect("postgres", autocommit=True) as admin:
        admin.execute("create database old_times encoding 'LATIN1' template template0")
    old = Postgres(server.url("company_admin", PASSWORD, "old_times"), target.declared)
    with pytest.raises(PostgresError, match="the database is encoded in LATIN1. Remedy: a database with encoding UTF8"):
        _publish(tmp_path, old, 1)
