"""Publishing replaces the served file whole, or leaves it as it was; what it says of itself is true."""

from collections import Counter

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orchestration.serving.publish as publishing
from orchestration.serving.manifest import Keys, measured, read_manifest
from orchestration.serving.publish import Night, PublishError, Steps, publish
from tests.unit.orchestration.killed import Killed, killing_at
from tests.unit.orchestration.publications import FIRST, MARTS, kept_in, publish_night, reading, served


def test_only_marts_are_served_with_their_comments(tmp_path):
    assert {name: table.rows for name, table in publish_night(tmp_path, 1, rows=10).tables.items()} == {
        "customers": 10,
        "orders": 10,
    }
    with duckdb.connect(str(tmp_path / "serving.duckdb"), read_only=True) as connection:
        assert connection.sql("select schema_name, table_name from duckdb_tables() order by all").fetchall() == [
            ("marts", "customers"),
            ("marts", "orders"),
        ]
        of_columns = "select table_name, comment from duckdb_columns() where comment is not null and not internal"
        assert connection.sql(of_columns).fetchall() == [("orders", "the night's number")]
        of_tables = connection.sql("select table_name, comment from duckdb_tables() order by 1").fetchall()
    assert of_tables == [("customers", "everybody"), ("orders", None)]


def test_a_publication_tells_of_itself_inside_and_beside_the_file(tmp_path):
    publish_night(tmp_path, 1)
    manifest = publish_night(tmp_path, 2, rows=30)
    beside = read_manifest(tmp_path / "serving.manifest.json")
    assert beside == manifest
    assert (beside.number, beside.run_id, str(beside.as_of)) == (2, "run-0002-of-a-test", "2017-12-03")
    assert beside.size == (tmp_path / "serving.duckdb").stat().st_size
    assert beside.tables["orders"].columns == (("id", "BIGINT"), ("customer_id", "BIGINT"), ("night", "INTEGER"))
    assert (beside.tables["orders"].key, beside.tables["orders"].indexed) == (("id",), ("customer_id",))
    with duckdb.connect(str(tmp_path / "serving.duckdb"), read_only=True) as connection:
        inside = connection.sql(
            "select number, run_id, as_of, published_at, table_name, row_count, checksum from marts.publication"
        ).fetchall()
    of_all = (beside.number, beside.run_id, beside.as_of, beside.published_at)
    assert inside == [(*of_all, name, table.rows, table.checksum) for name, table in sorted(beside.tables.items())]


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 3),
        st.none() | st.sampled_from(["", "a", "b"]),
        st.none() | st.floats(allow_nan=False, width=32),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def memory():
    with duckdb.connect() as connection:
        connection.execute("create table rows (a integer, b varchar, c float)")
        yield connection


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, other=ROWS, order=st.randoms())
def test_a_checksum_depends_on_the_rows_and_not_on_their_order(memory, rows, other, order):
    found = []
    for content in (rows, order.sample(rows, len(rows)), other):
        memory.execute("delete from rows")
        if content:
            memory.execute(f"insert into rows values {', '.join(['(?, ?, ?)'] * len(content))}", sum(content, ()))
        found.append(measured(memory, "rows", ["a", "b", "c"]))
    assert found[0] == found[1]
    is_same = Counter(map(_told, rows)) == Counter(map(_told, other))
    assert (found[0] == found[2]) == is_same


def _told(row: tuple) -> str:
    return repr(tuple(0.0 if value == 0 and isinstance(value, float) else value for value in row))


def test_a_warehouse_without_marts_leaves_the_served_file_alone(tmp_path):
    publish_night(tmp_path, 1)
    before = (tmp_path / "serving.duckdb").read_bytes()
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    with pytest.raises(PublishError, match="lacks marts: customers, orders"):
        publish(empty, kept_in(tmp_path), Night("run", FIRST), MARTS)
    with pytest.raises(PublishError, match="no mart may be named publication"):
        with duckdb.connect(str(empty)) as connection:
            connection.execute("create schema marts; create table marts.publication as select 1 as a")
        publish(empty, kept_in(tmp_path), Night("run", FIRST), {"publication": Keys()})
    assert (tmp_path / "serving.duckdb").read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("delete from marts.orders where id = 3", "orders: 200 rows in the warehouse, 199 in the new serving file"),
        ("update marts.orders set night = 9 where id = 3", "orders: the rows in the new serving file are not those"),
        (
            "update marts.orders set id = id + 1 where id in (198, 199)",
            r"orders: .* are not those of the warehouse \(checksum\)",
        ),
    ],
)
def test_a_table_that_arrives_otherwise_stops_before_the_swap(tmp_path, monkeypatch, damage, said):
    publish_night(tmp_path, 1)
    real = publishing.measured

    def damaged(connection, table, columns):
        if table == 'marts."orders"':  # arrived, and not yet measured
            connection.execute(damage)
        return real(connection, table, columns)

    monkeypatch.setattr(publishing, "measured", damaged)
    with pytest.raises(PublishError, match=said):
        publish_night(tmp_path, 2)
    assert served(tmp_path) == {(1, 1, 1)}


def _places(tmp_path, monkeypatch, at: int):
    """Publish night 2 and be killed at the `at`-th change of the disk; whether it got that far."""
    killing = killing_at(at)

    import orchestration.serving.kept as kept

    for owner, name in (
        (publishing, "replace_durably"),
        (kept.os, "replace"),
        (kept.os, "link"),
        (kept, "sync"),
        (kept.shutil, "rmtree"),
    ):
        monkeypatch.setattr(owner, name, killing(getattr(owner, name)))
    before = Steps(
        before=killing(lambda file, digest: None),
        after=killing(lambda digest: None),
        elsewhere=killing(lambda *_: None),
    )
    try:
        publish_night(tmp_path, 2, before, keep=1)
    except Killed:
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("at", range(16))
def test_killed_anywhere_one_whole_publication_is_served_and_the_next_one_mends(tmp_path, monkeypatch, at):
    publish_night(tmp_path, 1, keep=1)
    with monkeypatch.context() as patched:
        is_killed = _places(tmp_path, patched, at)
    assert served(tmp_path) in ({(1, 1, 1)}, {(2, 2, 2)})
    if not is_killed:
        assert served(tmp_path) == {(2, 2, 2)}
        assert at > 12  # every step was met
    (number,) = served(tmp_path)
    kept = kept_in(tmp_path)
    kept.settle()
    assert kept.current().number == number[0]
    assert [path.name for path in kept.folder.iterdir() if path.name.startswith(".")] == []
    assert publish_night(tmp_path, 3, keep=1).number == number[0] + 1
    assert [one.number for one in kept.all()] == [number[0] + 1]
    assert list(tmp_path.rglob("*.unfinished*")) == []


@pytest.mark.slow
def test_two_readers_hammer_through_twenty_publications_without_an_error_or_a_mix(tmp_path):
    publish_night(tmp_path, 1)
    path = tmp_path / "serving.duckdb"
    with reading("duckdb", path) as opening, reading("duckdb-held", path) as holding:
        for night in range(2, 22):
            publish_night(tmp_path, night, keep=3)
    assert opening["errors"] == holding["errors"] == []
    assert [row for row in opening["seen"] if len(row) != 3 or len(set(row)) != 1] == []
    numbers = [row[0] for row in opening["seen"]]
    assert numbers == sorted(numbers) and len(numbers) > 3
    assert holding["seen"] == [[1, 1, 1]]  # who holds the file open reads one publication to the end
    assert served(tmp_path) == {(21, 21, 21)}
    assert [one.number for one in kept_in(tmp_path).all()] == [19, 20, 21]
