"""What a person types wrong is told in one line, without a trace, and nothing is run."""

import duckdb
import pytest

from orchestration import nightly
from orchestration.backfill import __main__ as backfill
from orchestration.intelligence.segments_declaration import SegmentsError
from orchestration.paths import DataDir


@pytest.fixture
def data(tmp_path, monkeypatch) -> DataDir:
    monkeypatch.setenv("PIPELINE_DATA_DIR", str(tmp_path))
    return DataDir.from_environment()


@pytest.fixture
def warehouse(data) -> DataDir:
    """Orders from 2017-01-02 on, the last night on 2017-03-01."""
    with duckdb.connect(str(data.warehouse)) as connection:
        connection.execute(
            "create schema staged; create schema validated;"
            " create table staged.run_date as select date '2017-03-01' as as_of;"
            " create table validated.orders as select timestamp '2017-01-02 10:00' as occurred_at"
        )
    return data


def _weeks_of(monkeypatch) -> list[list[str]]:
    """What a backfill would work out, which goes no further."""
    asked: list[list[str]] = []

    def stop(weeks):
        asked.append(weeks)
        raise SegmentsError("segments.yml: no further\nsegments.yml: and another mistake")

    monkeypatch.setattr(backfill, "range_tags", stop)
    monkeypatch.setattr(backfill, "build_definitions", lambda data: None)
    return asked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2017-02-01", "--to", "2017-01-15"], "FROM=2017-02-01 TO=2017-01-15: the first date is after"),
        (["--from", "2018-01-01", "--to", "2018-02-01"], "no week ends on these dates between the first order (2017-"),
        (["--to", "2001-01-01"], "FROM=2000-01-03 TO=2001-01-01: no week ends on these dates"),
        (["--from", "2017-01-10", "--to", "2017-01-11"], "weeks end on Sundays. Remedy: other dates"),
    ],
)
def test_dates_without_a_week_are_one_line(warehouse, capsys, arguments, said) -> None:
    assert backfill.main(arguments) == 1
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1


def test_dates_beyond_what_is_known_are_cut_and_told(warehouse, monkeypatch, capsys) -> None:
    asked = _weeks_of(monkeypatch)
    assert backfill.main(["--from", "1900-01-01", "--to", "2999-12-31"]) == 1
    assert (asked[0][0], asked[0][-1], len(asked[0])) == ("2017-01-02", "2017-02-20", 8)
    assert capsys.readouterr().err.splitlines()[0] == (
        "FROM=1900-01-01 TO=2999-12-31: orders are known from 2017-01-02, and nights to 2017-03-01"
    )


def test_a_year_is_the_default_and_no_order_no_week(warehouse, monkeypatch, capsys) -> None:
    asked = _weeks_of(monkeypatch)
    assert backfill.main([]) == 1
    assert asked[0][0] == "2017-01-02" and "orders are known" not in capsys.readouterr().err


def test_a_mistake_in_the_projects_files_is_told_by_a_backfill_too(warehouse, monkeypatch, capsys) -> None:
    _weeks_of(monkeypatch)
    assert backfill.main([]) == 1
    assert capsys.readouterr().err.splitlines()[-3:] == [
        "Nothing was run; what nights have said is untouched.",
        "  segments.yml: no further",
        "  segments.yml: and another mistake",
    ]


@pytest.mark.parametrize("content", [None, b"", b"not a database at all" * 1000])
def test_without_a_whole_night_there_is_nothing_to_look_back_at(data, capsys, content) -> None:
    if content is not None:
        data.warehouse.write_bytes(content)
    assert backfill.main([]) == 1
    told = capsys.readouterr().err
    assert told.startswith("nothing to look back at: the warehouse ") and told.count("\n") == 1


@pytest.mark.parametrize("command", [nightly.main, backfill.main])
def test_no_date_is_no_date(data, capsys, command) -> None:
    option = "--as-of" if command is nightly.main else "--from"
    with pytest.raises(SystemExit):
        command([option, "31.12.2017"])
    assert "'31.12.2017' is no date. Remedy: YYYY-MM-DD, such as 2017-04-01" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("select", "said"),
    [("key:serving/nothing", "names no asset"), ("group:", "can't be read"), ("key:(", "can't be read")],
)
def test_a_selection_of_nothing_is_one_line(data, capsys, monkeypatch, select, said) -> None:
    import dagster as dg

    @dg.asset(key=["serving", "serving_duckdb"])
    def published() -> None:
        raise AssertionError("not meant")

    definitions = dg.Definitions([published], jobs=[dg.define_asset_job("nightly")])
    monkeypatch.setattr(nightly, "build_definitions", lambda data, as_of: definitions)
    assert nightly.main(["--select", select]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-2] == "Nothing was run; the tables published before still stand."
    assert lines[-1].startswith(f"  --select {select!r} {said}. Remedy: ")
