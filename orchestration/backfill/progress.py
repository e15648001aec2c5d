"""The weeks that need no second working out: those that are whole, on the data and the code of now.

So a backfill that was ended goes on behind its last whole week. Once an order, a rule or a library is another, every
week is worked out again, and what is said differently becomes a revision.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date

import duckdb

from models.scorecard import TASKS
from orchestration.intelligence.kept import BACKFILLED
from orchestration.lake import Lake
from orchestration.paths import PROJECT_DIR

_FILE = "backfill/worked_out.json"
# What the answers of a week, and the grades of those before it, are worked out from.
_TABLES = (
    "backfill.features",
    "backfill.outcomes",
    "unified.customer_360",
    "unified.customer_days",
    "unified.order_lines",
    "unified.category_weeks",
    "unified.demand_history",
    "validated.products",
)
_CODE = ("models/**/*.py", "orchestration/**/*.py", "requirements.lock")


class Progress:
    """The weeks that are done, kept in the lake after each one.

    Args:
        lake: where it is kept.
        worked_from: the mark of data and code; weeks done from anything else don't count.
    """

    def __init__(self, lake: Lake, worked_from: str) -> None:
        self._lake, self._worked_from = lake, worked_from
        self._done = _read(lake, worked_from)

    def is_done(self, day: date) -> bool:
        """Whether the week that speaks for `day` was worked out whole, and all of it is still there."""
        tables = {task.table for task in TASKS if task.kind != "stock"}  # nobody knows the stock of a past day
        return day in self._done and all((self._lake.data.lake / BACKFILLED.scores(t, day)).exists() for t in tables)

    def done(self, day: date) -> None:
        """The week is whole: answers, grades and who serves are kept."""
        self._done.add(day)
        said = {"worked_from": self._worked_from, "done": sorted(day.isoformat() for day in self._done)}
        self._lake.write_text(_FILE, json.dumps(said))


def mark(warehouse: duckdb.DuckDBPyConnection) -> str:
    """What data and code the weeks are worked out from, as a hash; the order of rows has no part in it."""
    told = hashlib.sha256()
    there = set(warehouse.sql("select schema_name || '.' || table_name from duckdb_tables()").fetchall())
    for table in _TABLES:
        if (table,) in there:  # a warehouse made from nothing but orders lacks some
            found = warehouse.sql(f"select count(*), sum(hash(one)) from {table} as one").fetchone()
            told.update(f"{table} {found}\n".encode())
    for pattern in _CODE:
        for path in sorted(PROJECT_DIR.glob(pattern)):
            told.update(str(path.relative_to(PROJECT_DIR)).encode() + path.read_bytes())
    return told.hexdigest()


def _read(lake: Lake, worked_from: str) -> set[date]:
    try:
        said = json.loads((lake.data.lake / _FILE).read_text(encoding="utf-8"))
        return {date.fromisoformat(day) for day in said["done"]} if said["worked_from"] == worked_from else set()
    except (OSError, ValueError, KeyError, TypeError):  # not there, or damaged: all is worked out again
        return set()
