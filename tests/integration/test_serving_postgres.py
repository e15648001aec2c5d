"""The target PostgreSQL, really run: readers never see a mix, whoever comes, stays or is killed in between."""

import itertools
import threading
from datetime import timedelta

import psycopg
import pytest

import orchestration.serving.postgres_load as loading
import orchestration.serving.postgres_swap as swapping
from orchestration.serving.kept import FILE
from orchestration.serving.postgres import Postgres, PostgresError
from tests.integration.served_postgres import publish_both, schemas, seen
from tests.unit.orchestration.publications import kept_in, publish_night, reading


def test_readers_hammer_through_twenty_publications_without_an_error_or_a_mix(tmp_path, target, database, look) -> None:
    publish_both(tmp_path, target, 1)
    with reading("postgres", database) as one, reading("postgres", database) as other:
        for night in range(2, 22):
            publish_both(tmp_path, target, night)
    for report in (one, other):
        assert report["errors"] == []
        assert [row for row in report["seen"] if len(row) != 3 or len(set(row)) != 1] == []
        numbers = [row[0] for row in report["seen"]]
        assert numbers == sorted(numbers) and len(numbers) > 3
        assert report["reads"] > 40
    assert seen(look) == {(21, 21, 21)}
    assert schemas(look) == ["marts", "marts_was_000020"]


def test_readers_hammer_through_roll_backs_between_twenty_publications(tmp_path, target, database, look) -> None:
    """Both ways back: by renames, where PostgreSQL keeps the schema, and by a load of an older file."""
    kept, went = kept_in(tmp_path), [1]
    publish_both(tmp_path, target, 1)
    with reading("postgres", database) as one, reading("postgres", database) as other:
        for night in range(2, 22):
            published = {manifest.number: manifest for manifest in [publish_both(tmp_path, target, night)]}
            published |= {manifest.number: manifest for manifest in kept.all()}
            for back in {0: [1], 1: [3], 2: [1, 0]}[night % 3]:  # 0: forward again
                if manifest := published.get(night - back):
                    target.put_back(kept.path(manifest) / FILE, manifest)
                    assert seen(look) == {(night - back,) * 3}
            went += [night, *(night - back for back in {0: [1], 1: [3], 2: [1, 0]}[night % 3])]
    for report in (one, other):
        assert report["errors"] == []
        assert [row for row in report["seen"] if len(row) != 3 or len(set(row)) != 1] == []
        assert any(after[0] < before[0] for before, after in itertools.pairwise(report["seen"])), "saw no roll-back"
        assert _in_order([row[0] for row in report["seen"]], went)
    assert len(schemas(look)) == 2


def _in_order(seen: list[int], went: list[int]) -> bool:
    """What was seen is what was there, in its order, some of it missed."""
    rest = iter(went)
    return all(number in rest for number in seen)


def test_a_transaction_reads_one_publication_and_holds_nobody_up(tmp_path, target, database, look) -> None:
    publish_both(tmp_path, target, 1)
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
        while "marts_next" not in schemas(look):
            publishing.join(0.02)
        for _ in range(5):  # who comes meanwhile waits for the publisher's tries, not for the report
            assert seen(look) == {(1, 1, 1)}
            publishing.join(0.2)
        assert publishing.is_alive()
        assert report.execute("select max(night) from marts.customers").fetchone() == (1,)
        report.commit()
        publishing.join(20)
    assert not failed
    assert seen(look) == {(2, 2, 2)}


def test_a_snapshot_older_than_the_load_finds_the_new_tables_full(tmp_path, target, database) -> None:
    publish_both(tmp_path, target, 1)
    with psycopg.connect(database) as report:
        report.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        report.execute("select count(*) from pg_class")  # its snapshot is taken, and no published table is read yet
        publish_both(tmp_path, target, 2)
        assert seen(report) == {(2, 2, 2)}
        assert report.execute("select count(*) from marts.orders").fetchone() == (200,)


def test_a_reader_that_never_ends_is_named_and_the_old_stays(tmp_path, target, database, look) -> None:
    publish_both(tmp_path, target, 1)
    hasty = Postgres(database, target.declared.model_copy(update={"patience": timedelta(seconds=0)}))
    with psycopg.connect(database, application_name="a long report") as report:
        report.execute("select 1 from marts.orders limit 1")
        line = r"readers held the tables of schema marts for 0 s \(process \d+ of a long report\); it stays as it is"
        with pytest.raises(PostgresError, match=line):
            publish_both(tmp_path, hasty, 2)
        assert seen(look) == {(1, 1, 1)}
    publish_both(tmp_path, target, 3)
    assert seen(look) == {(3, 3, 3)}


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
    publish_both(tmp_path, target, 0)
    publish_both(tmp_path, target, 1)
    count, real = itertools.count(1), getattr(owner, place)

    def killing(*arguments, **named):
        if next(count) == call:
            raise Killed
        return real(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, place, killing)
        with pytest.raises(Killed):
            publish_both(tmp_path, target, 2)
    number = then + 1  # numbers count from 1, these nights from 0
    assert {row[:2] for row in seen(look)} == {(then, then)}
    assert {row[2] for row in seen(look)} == {number}
    publish_both(tmp_path, target, 3)
    assert {row[0] for row in seen(look)} == {3}
    assert len(schemas(look)) == 2


def test_what_somebody_built_upon_old_tables_is_left_and_told(tmp_path, target, look) -> None:
    publish_both(tmp_path, target, 1)
    look.execute("create view public.report as select max(night) from marts.orders")
    publish_both(tmp_path, target, 2)
    manifest = publish_night(tmp_path, 3)
    (note,) = target.publish(tmp_path / "serving.duckdb", manifest).notes
    assert note.startswith("marts_was_000001 stays: something outside of it is built upon its tables")
    assert look.execute("select * from public.report").fetchone() == (1,)
    assert seen(look) == {(3, 3, 3)}


def test_a_roll_back_is_a_swap_where_the_schema_is_kept_and_else_a_load(tmp_path, target, look, monkeypatch) -> None:
    kept = kept_in(tmp_path)
    manifests = [publish_both(tmp_path, target, night) for night in (1, 2, 3)]
    loads = []
    monkeypatch.setattr("orchestration.serving.postgres.load", lambda *a: loads.append(a) or loading.load(*a))
    target.put_back(kept.path(manifests[1]) / FILE, manifests[1])
    assert (loads, seen(look)) == ([], {(2, 2, 2)})
    assert schemas(look) == ["marts", "marts_was_000003"]
    target.put_back(kept.path(manifests[0]) / FILE, manifests[0])
    assert (len(loads), seen(look)) == (1, {(1, 1, 1)})


def test_the_same_publication_once_more_leaves_one_of_it(tmp_path, target, look) -> None:
    publish_both(tmp_path, target, 1)
    manifest = publish_both(tmp_path, target, 2)
    target.publish(tmp_path / "serving.duckdb", manifest)
    assert schemas(look) == ["marts", "marts_was_000001"]


def test_numbers_that_begin_anew_are_no_trouble(tmp_path, target, look) -> None:
    for folder in ("first", "again"):
        (tmp_path / folder).mkdir()
        for night in (1, 2):
            publish_both(tmp_path / folder, target, night)
    assert seen(look) == {(2, 2, 2)}
