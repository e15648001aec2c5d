"""`python -m orchestration.backfill --from … --to …`: weekly scores of the past, graded, in the marts."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from textwrap import indent

import duckdb

from orchestration.backfill.job import JOB
from orchestration.backfill.weeks import as_of, partitions_between, range_tags
from orchestration.dead_runs import release_dead_runs
from orchestration.definitions import build_definitions
from orchestration.lake import sql_literal
from orchestration.mistakes import MISTAKES, day
from orchestration.nightly import failures, open_instance
from orchestration.paths import DataDir
from orchestration.run_lock import AnotherRunError, take
from orchestration.trouble import machine_trouble

_NO_NIGHT = "nothing to look back at: {why}. Remedy: make run (or make nightly) once, then again"
_YEAR = timedelta(days=364)  # 52 weeks


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the backfill; 0 when all was kept and published, 1 when it could not, 2 when another run is under way."""
    parser = argparse.ArgumentParser(description="Compute weekly scores of the past and grade them.")
    parser.add_argument("--from", dest="first", type=day, help="first date, YYYY-MM-DD (default: a year before --to)")
    parser.add_argument("--to", dest="last", type=day, help="last date (default: the date of the last night)")
    options = parser.parse_args(arguments)
    data = DataDir.from_environment()
    try:
        with take(data):
            return _run(data, options.first, options.last)
    except AnotherRunError as error:
        print(error, file=sys.stderr)
        return 2
    except MISTAKES as mistakes:
        print(f"Nothing was run; what nights have said is untouched.\n{indent(str(mistakes), '  ')}", file=sys.stderr)
        return 1
    except Exception as error:
        line = machine_trouble(error)  # a defect of ours keeps its trace
        if line is None:
            raise
        print(f"The backfill failed; what nights have said is untouched.\n  {line}", file=sys.stderr)
        return 1


def _run(data: DataDir, first: date | None, last: date | None) -> int:
    started = time.monotonic()
    try:
        weeks = _weeks(first, last, *_known(data))
    except NothingToDoError as nothing:
        print(nothing, file=sys.stderr)
        return 1
    print(f"{len(weeks)} weeks, as of {as_of(weeks[0])} to {as_of(weeks[-1])}", file=sys.stderr)
    with open_instance(data) as instance:
        release_dead_runs(instance)
        definitions = build_definitions(data)
        for job, tags in ((JOB, range_tags(weeks)), ("show_grades", {})):
            result = definitions.resolve_job_def(job).execute_in_process(
                instance=instance,
                run_config={"loggers": {"progress": {}}},
                tags={"started_by": "command line", **tags},
                raise_on_error=False,
            )
            if not result.success:
                print("The backfill failed; what nights have said is untouched.", file=sys.stderr)
                for line in failures(result):
                    print(f"  {line}", file=sys.stderr)
                return 1
    print(f"\nBackfilled in {time.monotonic() - started:.0f} s\n" + "\n".join(scorecard_lines(data)))
    return 0


class NothingToDoError(Exception):
    """There is no week to work out; one line that says why."""


def _known(data: DataDir) -> tuple[date, date]:
    """(day of the first order, date of the last night)."""
    if not data.warehouse.exists():
        raise NothingToDoError(_NO_NIGHT.format(why="the warehouse is not there"))
    try:
        with duckdb.connect(str(data.warehouse), read_only=True) as warehouse:
            newest = warehouse.sql("select as_of from staged.run_date").fetchone()[0]
            oldest = warehouse.sql("select cast(min(occurred_at) as date) from validated.orders").fetchone()[0]
    except duckdb.Error as error:
        if machine_trouble(error):
            raise
        raise NothingToDoError(_NO_NIGHT.format(why="the warehouse holds no whole night")) from None
    if newest is None or oldest is None:
        raise NothingToDoError(_NO_NIGHT.format(why="there is no order"))
    return oldest, newest


def _weeks(first: date | None, last: date | None, oldest: date, newest: date) -> list[str]:
    """The weeks between two dates in which there was something to know."""
    until = last or newest
    since = first or until - _YEAR
    asked = f"FROM={since} TO={until}"
    if since > until:
        raise NothingToDoError(f"{asked}: the first date is after the last. Remedy: the earlier one as FROM")
    weeks = partitions_between(max(since, oldest), min(until, newest))
    if not weeks:
        raise NothingToDoError(
            f"{asked}: no week ends on these dates between the first order ({oldest}) and the last night ({newest});"
            " weeks end on Sundays. Remedy: other dates"
        )
    if (first or oldest) < oldest or until > newest:
        print(f"{asked}: orders are known from {oldest}, and nights to {newest}", file=sys.stderr)
    return weeks


def scorecard_lines(data: DataDir) -> list[str]:
    """The figures by which models stand or fall, as means over all graded dates, beside each baseline."""
    from models.scorecard import TASKS

    primary = [(task.subject, task.name, metric) for task in TASKS for metric in task.primary]
    chosen = " or ".join(
        f"(subject = {sql_literal(subject)} and task = {sql_literal(task)} and metric = {sql_literal(metric)})"
        for subject, task, metric in primary
    )
    with duckdb.connect(str(data.serving), read_only=True) as serving:
        rows = serving.sql(
            "select subject, metric, baseline, avg(value), avg(baseline_value), count(*), min(as_of), max(as_of)"
            f" from marts.model_scorecard where dimension = 'all' and baseline <> 'none' and ({chosen})"
            " group by all order by all"
        ).fetchall()
        demoted = serving.sql(
            "select subject, count(*) filter (where is_demoted), count(*) from marts.model_standing"
            " group by subject order by subject"
        ).fetchall()
    lines = [
        f"  {subject}  {metric} {value:.4f}, {baseline} {other:.4f}  ({dates} dates, {first} to {last})"
        for subject, metric, baseline, value, other, dates, first, last in rows
    ]
    return [*lines, *(f"  {subject}  stood back on {times} of {dates} dates" for subject, times, dates in demoted)]


if __name__ == "__main__":
    sys.exit(main())
