"""The answers of one date, of each model by itself: in this process, or several at a time in processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing.connection import wait

import duckdb

from orchestration.backfill.known import hand_out
from orchestration.intelligence import plots
from orchestration.intelligence.churn import churn_night
from orchestration.intelligence.demand import demand_night
from orchestration.intelligence.kept import BACKFILLED
from orchestration.intelligence.lifetime_value import lifetime_value_night
from orchestration.intelligence.night import Inputs, Night, keep
from orchestration.intelligence.recommendations import recommendations_night
from orchestration.intelligence.segments import last_night, segments_night
from orchestration.lake import Lake

# Whose answers are graded; the slowest first, so that two at a time end together.
JUDGED: dict[str, Callable[..., Night]] = {
    "recommendations": recommendations_night,
    "lifetime_value": lifetime_value_night,
    "demand": demand_night,
    "churn": churn_night,
}
SEGMENTS = "behaviour_segments"

# Two models at once need the memory of two; a shop larger than this is looked back at one model at a time.
_MOST_CUSTOMERS_AT_ONCE = 200_000

# Name of a model and why it must stand back (empty when it may answer).
Asked = tuple[str, str]
Ask = Callable[[date, Sequence[Asked]], dict[str, str]]


def answer(lake: Lake, warehouse: duckdb.DuckDBPyConnection, day: date, name: str, demoted: str) -> str:
    """Keep what one model would have said as of a date; returns what served."""
    inputs: Inputs = hand_out(warehouse, day)
    with plots.nothing_drawn():
        if name == SEGMENTS:  # carried on from the week before, as from night to night
            night = segments_night(warehouse, day, inputs, last_night(lake, day, BACKFILLED))
        else:
            night = JUDGED[name](warehouse, day, inputs, demoted=demoted)
    keep(lake, day, night, BACKFILLED)
    return night.served_by


def in_turn(lake: Lake, warehouse: duckdb.DuckDBPyConnection) -> Ask:
    """One model after the other, in this process."""
    return lambda day, asked: {name: answer(lake, warehouse, day, name, demoted) for name, demoted in asked}


@contextmanager
def asking(lake: Lake, warehouse: duckdb.DuckDBPyConnection) -> Iterator[Ask]:
    """As many models at once as there are cores and memory; what they say does not depend on it."""
    customers = warehouse.sql("select count(distinct customer_id) from unified.customer_days").fetchone()[0]
    workers = min(os.cpu_count() or 1, 2)
    if workers == 1 or customers > _MOST_CUSTOMERS_AT_ONCE:
        yield in_turn(lake, warehouse)
        return
    # Started afresh, not forked: a fork of a process that holds DuckDB's threads may hang.
    started_afresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=started_afresh, initializer=_end_with_the_run) as pool:
        yield lambda day, asked: _at_once(pool, lake, day, asked)


def _at_once(pool: ProcessPoolExecutor, lake: Lake, day: date, asked: Sequence[Asked]) -> dict[str, str]:
    """All of one date; the next one waits, because it is graded and demoted by what this one said."""
    waiting = {name: pool.submit(_in_worker, lake.data_dir, day, name, demoted) for name, demoted in asked}
    return {name: one.result() for name, one in waiting.items()}


def _end_with_the_run() -> None:
    """A worker whose run was killed ends at once: it would wait for ever, or write beside the run that resumes."""
    run = multiprocessing.parent_process()

    def end() -> None:
        wait([run.sentinel])
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()


def _in_worker(data_dir: str, day: date, name: str, demoted: str) -> str:
    lake = Lake(data_dir=data_dir)
    with lake.warehouse() as warehouse:
        return answer(lake, warehouse, day, name, demoted)
