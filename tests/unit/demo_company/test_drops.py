"""The file drops: same bytes for the same day, a later day only adds, every row in exactly one file."""

import gzip
from collections import Counter
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from demo_company import world
from demo_company.drops import drop_files, periods

FIRST, LATER = date(2017, 5, 10), date(2017, 5, 24)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    world.build(folder, 40, 2017)
    return folder


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def rows(folder: Path) -> dict[str, Counter[str]]:
    """The rows of each series of files, file headers left out."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            lines = [str(row) for row in duckdb.read_parquet(str(path)).fetchall()]
        else:
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            lines = content.decode().splitlines()[1 if path.suffix == ".csv" else 0 :]
        found.setdefault(str(path.parent.relative_to(folder)), Counter()).update(lines)
    return found


def test_the_same_day_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        drop_files(built, tmp_path / name, None, FIRST)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(digests(tmp_path / "one")) > 60


def test_a_later_day_only_adds_files(built: Path, tmp_path: Path) -> None:
    drop_files(built, tmp_path, None, FIRST)
    before = digests(tmp_path)
    drop_files(built, tmp_path, FIRST, LATER)
    after = digests(tmp_path)
    assert {name: after.get(name) for name in before} == before
    assert len(after) > len(before)


def test_day_by_day_gives_the_same_rows_as_at_once(built: Path, tmp_path: Path) -> None:
    drop_files(built, tmp_path / "at once", None, LATER)
    released = None
    for day in (FIRST, date(2017, 5, 11), date(2017, 5, 21), LATER):
        drop_files(built, tmp_path / "by day", released, day)
        released = day
    assert rows(tmp_path / "by day") == rows(tmp_path / "at once")


def test_nothing_of_the_future_is_dropped(built: Path, tmp_path: Path) -> None:
    drop_files(built, tmp_path, None, FIRST)
    names = [path.name.split("_")[-1][:10] for path in tmp_path.rglob("*") if path.is_file()]
    assert max(names) == str(FIRST)
    latest = duckdb.sql(f"select max(occurred_at) from read_parquet('{tmp_path}/marketing/touches/*')").fetchone()[0]
    assert date(2017, 5, 1) < latest.date() <= FIRST


@pytest.mark.slow
def test_files_of_a_release_cut_short_are_written_again(built: Path, tmp_path: Path) -> None:
    """A half-written later release would otherwise leave rows in two files."""
    drop_files(built, tmp_path, None, FIRST)
    drop_files(built, tmp_path, FIRST, LATER)  # the state still says FIRST: the process died before noting it
    drop_files(built, tmp_path, FIRST, date(2017, 5, 19))
    drop_files(built, tmp_path / "fresh", None, date(2017, 5, 19))
    fresh = rows(tmp_path / "fresh")
    assert {name: rows(tmp_path)[name] for name in fresh} == fresh


@pytest.mark.parametrize(
    ("released", "today", "monthly", "lasts"),
    [
        (date(2017, 5, 10), date(2017, 5, 24), False, ["05-14", "05-21", "05-24"]),
        (date(2017, 5, 13), date(2017, 5, 14), False, ["05-14"]),
        (date(2017, 5, 20), date(2017, 7, 2), True, ["05-31", "06-30", "07-02"]),
        (date(2017, 5, 31), date(2017, 5, 31), True, []),
    ],
)
def test_periods_end_on_sundays_or_month_ends(released: date, today: date, monthly: bool, lasts: list[str]) -> None:
    made = periods(released, today, monthly)
    assert [f"{last:%m-%d}" for _, last in made] == lasts
    days = [day.toordinal() for first, last in made for day in (first, last)]
    assert days == sorted(days)
    if made:
        assert made[0][0].toordinal() == released.toordinal() + 1
