"""The file drops: what the systems without an interface leave in a folder, week by week or month by month.

A file's name holds the last day it covers. The period that has not ended yet is dropped up to today; later
files go on from there, so that files are only ever added and each row is in exactly one of them.
"""

import gzip
import os
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

from demo_company.journey import FIRST_DAY, WEEKS, data_folder, week_start
from demo_company.world import CSV_HEADERS

_FIRST_FILE = FIRST_DAY - timedelta(1)


class Drop(NamedTuple):
    """One series of files: from a table of the world to `folder/prefix_<day>.suffix`."""

    world: str
    folder: str
    prefix: str
    suffix: str
    monthly: bool = False


DROPS = (
    Drop("feed_web_accounts", "web/accounts", "accounts", "csv", monthly=True),
    Drop("feed_web_events", "web/events", "events", "jsonl.gz"),
    Drop("feed_web_consents", "web/consents", "consents", "csv", monthly=True),
    Drop("feed_loyalty_members", "loyalty/members", "members", "csv", monthly=True),
    Drop("feed_loyalty_consents", "loyalty/consents", "consents", "csv", monthly=True),
    Drop("feed_calls", "callcentre/calls", "calls", "jsonl"),
    Drop("feed_survey_responses", "survey/responses", "responses", "csv"),
    Drop("feed_mentions", "social/mentions", "mentions", "jsonl"),
    Drop("touches", "marketing/touches", "touches", "parquet"),
)
_PROMOTIONS, _DEMOGRAPHICS = "marketing/promotions", "bureau/demographics"
# Displays and mailers are planned and published so long ahead.
_PLANNED = timedelta(weeks=4)


def periods(released: date | None, today: date, monthly: bool) -> list[tuple[date, date]]:
    """(first day, last day) of the files to write after `released`: cut at each Sunday or month's end.

    The very first file covers all that was there before the year began.
    """
    made, first = [], released + timedelta(1) if released else None
    if first is None:
        made, first = [(date.min, _FIRST_FILE)], FIRST_DAY
    while first <= today:
        last = first
        while last < today and not _ends(last, monthly):
            last += timedelta(1)
        made.append((first, last))
        first = last + timedelta(1)
    return made


def _ends(day: date, monthly: bool) -> bool:
    return (day + timedelta(1)).day == 1 if monthly else day.isoweekday() == 7


def drop_files(world: Path, folder: Path, released: date | None, today: date) -> int:
    """Writes the files that became due after `released`, up to `today`. Files written."""
    with duckdb.connect() as con:
        con.execute("set threads to 2; set TimeZone to 'UTC'")
        count = sum(_series(con, drop, world, folder, released, today) for drop in DROPS)
        if released is None:
            _write_parquet_or_csv(
                con,
                f"select * from read_parquet('{world}/demographics.parquet')",
                folder / _DEMOGRAPHICS / f"demographics_{FIRST_DAY}.csv",
            )
            count += 1
    return count


def _series(
    con: duckdb.DuckDBPyConnection, drop: Drop, world: Path, folder: Path, released: date | None, today: date
) -> int:
    target = folder / drop.folder
    target.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(target, drop, released)
    con.execute(f"""create or replace temp table due as select *, row_number() over () as place
        from read_parquet('{world}/{drop.world}.parquet')
        where visible_at < timestamp '{today + timedelta(1)}'
        {f"and visible_at >= timestamp '{released + timedelta(1)}'" if released else ""}""")
    count = 0
    for first, last in periods(released, today, drop.monthly):
        path = target / f"{drop.prefix}_{last}.{drop.suffix}"
        end = last + timedelta(1)
        within = f"from due where visible_at >= timestamp '{first}' and visible_at < timestamp '{end}'"
        if drop.suffix == "parquet":
            if con.execute(f"select count(*) {within}").fetchone()[0]:
                _write_parquet_or_csv(con, f"select * exclude (place, visible_at) {within} order by place", path)
                count += 1
            continue
        lines = con.execute(f"select line {within} order by place").fetchnumpy()["line"].tolist()
        if lines:
            _write_lines(path, [CSV_HEADERS[drop.world], *lines] if drop.world in CSV_HEADERS else lines)
            count += 1
    return count


def _remove_unfinished(target: Path, drop: Drop, released: date | None) -> None:
    """Files past the released day are from a release that was cut short: they are written again."""
    for path in target.glob(f"{drop.prefix}_*.{drop.suffix}"):
        if released is None or date.fromisoformat(path.name[len(drop.prefix) + 1 :][:10]) > released:
            path.unlink()


def _write_lines(path: Path, lines: list[str]) -> None:
    content = ("\n".join(lines) + "\n").encode()
    if path.suffix == ".gz":
        content = gzip.compress(content, 4, mtime=0)  # no clock in the file: the same lines give the same bytes
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)


def _write_parquet_or_csv(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    how = "format parquet, compression zstd" if path.suffix == ".parquet" else "format csv, header true"
    con.execute(f"copy ({query}) to '{unfinished}' ({how})")
    os.replace(unfinished, path)


def drop_promotions(world: Path, folder: Path, is_slice: bool, today: date) -> int:
    """One file per week that is planned by today: whose first day comes within four weeks. Files written.

    All 20.9 million rows at full size; a slice has what it sold, in its busiest stores.
    """
    target = folder / _PROMOTIONS
    target.mkdir(parents=True, exist_ok=True)
    planned = [week for week in range(1, WEEKS + 1) if week_start(week).item() <= today + _PLANNED]
    paths = {week: target / f"promotions_week_{week:02d}.parquet" for week in planned}
    for path in set(target.glob("promotions_week_*")) - set(paths.values()):
        path.unlink()  # from a release of a later day that was cut short
    missing = [week for week, path in paths.items() if not path.exists()]
    if not missing:
        return 0
    shown = f"read_parquet('{data_folder()}/promotions.parquet')"
    with duckdb.connect() as con:
        con.execute("set threads to 2")
        if is_slice:
            con.execute(f"""
                create temp table kept as select * from {shown}
                where store_id in (from read_parquet('{world}/promoted_stores.parquet'))
                  and product_id in (from read_parquet('{world}/promoted_products.parquet'))""")
            shown = "kept"
        for week in missing:
            _write_parquet_or_csv(
                con,
                f"""
                select product_id::varchar as product_id, store_id::varchar as store_id, display_location,
                       mailer_location, week
                from {shown} where week = {week}""",
                paths[week],
            )
    return len(missing)
