"""Grade past answers of models: reads what was kept, what happened and who is in which group, and keeps the figures.

The figures themselves are made in models/scorecard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby

import duckdb
import pandas as pd

from models.scorecard import (
    BIN_COLUMNS,
    SCORECARD_COLUMNS,
    About,
    Purchases,
    grade,
    grade_demand,
    grade_lists,
    grade_stock,
    served_models,
)
from orchestration.contracts import SCORECARD, SCORECARD_BINS
from orchestration.grading.waiting import Waiting
from orchestration.intelligence.kept import Kept
from orchestration.lake import Lake

# What customers are grouped by as they are known today; a figure by group needs no knowledge of that day.
_GROUPS = ("age_band", "income_band", "household_size", "language")
# What tells one graded answer from another.
_ANSWER = ["subject", "task", "as_of", "origin"]


@dataclass
class Past:
    """What happened, as the warehouse knows it.

    Args:
        warehouse: read-only connection.
        outcomes: table of outcomes on the dates that are graded.
        known_to: the last day that may be looked at.
    """

    warehouse: duckdb.DuckDBPyConnection
    outcomes: str
    known_to: date
    _made: list[Purchases] = field(default_factory=list)

    def until(self, day: date) -> Past:
        """The same as it was known on an earlier day."""
        return replace(self, known_to=day)

    def groups(self) -> pd.DataFrame:
        """customer_id and what customers are grouped by."""
        return self.warehouse.sql(
            f"select customer_id, {', '.join(_GROUPS)} from unified.customer_360 order by customer_id"
        ).df()

    def of(self, as_of: date) -> pd.DataFrame:
        """Outcomes after a date; no rows when they have not been worked out."""
        query = f"select * from {self.outcomes} where as_of = $as_of order by customer_id"
        return self.warehouse.sql(query, params={"as_of": as_of}).df()

    def purchases(self) -> Purchases:
        """Everything bought, on whole numbers; made at the first question. Who asks looks at horizons that ended."""
        if not self._made:
            lines = self.warehouse.sql("select customer_id, product_id, order_date from unified.order_lines")
            self._made.append(Purchases(lines))
        return self._made[0]

    def demand(self) -> pd.DataFrame:
        """What was sold by series and period, to the last day that may be looked at."""
        return self.warehouse.sql(
            "select frequency, level, series_id, period_start, units, cast(sales_usd as double) as sales_usd"
            " from unified.demand_history where period_start <= $last order by all",
            params={"last": self.known_to},
        ).df()

    def stock_outs(self) -> pd.DataFrame:
        """When shelves were empty, as written down to the last day that may be looked at."""
        return self.warehouse.sql(
            "select product_id, store_id, out_from, case when out_until <= $last then out_until end as out_until"
            " from validated.stock_outs where out_from <= $last order by all",
            params={"last": self.known_to},
        ).df()

    def close(self) -> None:
        """Give memory back; the connection stays open."""
        while self._made:
            self._made.pop().close()


def grade_waiting(
    lake: Lake, past: Past, answers: Sequence[Waiting], groups: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scorecard and bins of all `answers` whose outcome is known by now; the others go on waiting."""
    scored, binned = [pd.DataFrame(columns=SCORECARD_COLUMNS)], [pd.DataFrame(columns=BIN_COLUMNS)]
    for (as_of, kept), waiting in groupby(answers, key=lambda one: (one.as_of, one.kept)):
        ended = [(one, days) for one in waiting if (days := _days(past, one)) is not None]
        ended = [(one, days) for one, days in ended if as_of + timedelta(days=days) <= past.known_to]
        if not ended:
            continue
        series = [(one, days) for one, days in ended if one.task.kind == "series"]
        if series:
            scored.append(_grade_series(lake, past, series))
        shelves = [(one, days) for one, days in ended if one.task.kind == "stock"]
        for one, days in shelves:
            about = About(one.task, as_of, kept.origin, days, "")
            scored.append(grade_stock(about, _answers(lake, one), past.stock_outs()))
        ended = [pair for pair in ended if pair not in (*series, *shelves)]
        if not ended:
            continue
        outcomes = past.of(as_of)
        of_date = _with_segments(lake, kept, as_of, groups)
        lists = [(one, days) for one, days in ended if one.task.kind == "list"]
        for one, days in ended:
            if one.task.kind == "list" or outcomes.empty:
                continue
            rows = _answers(lake, one)
            about = About(one.task, as_of, kept.origin, days, served_models(rows, one.task.model))
            figures, bins = grade(about, rows, outcomes, of_date)
            scored.append(figures)
            binned.append(bins)
        if lists:
            scored.append(_grade_lists(lake, past, lists, of_date))
    return pd.concat(scored[1:] or scored, ignore_index=True), pd.concat(binned[1:] or binned, ignore_index=True)


def keep_graded(lake: Lake, kept: Kept, as_of: date, scored: pd.DataFrame, binned: pd.DataFrame) -> pd.DataFrame:
    """Add what became known to the scorecard of a date; returns all of that scorecard.

    What an earlier run of the same date graded stays as it is. The scorecard is what says that an answer is graded,
    so it is written last: bins of a run that ended between the two files are replaced when the answer is graded again.
    """
    tables = {}
    for table, fresh, contract in (("scorecard_bins", binned, SCORECARD_BINS), ("scorecard", scored, SCORECARD)):
        path = kept.scorecard(as_of, table)
        there = _without(lake.read(path, contract), scored)
        tables[table] = pd.concat([one for one in (there, fresh) if len(one)] or [there], ignore_index=True)
        if len(fresh) or not (lake.data.lake / path).exists():
            lake.write(path, tables[table], contract)
    return tables["scorecard"]


def _without(rows: pd.DataFrame, graded: pd.DataFrame) -> pd.DataFrame:
    """The rows of other answers than those of `graded`."""
    if rows.empty or graded.empty:
        return rows
    answers = set(graded[_ANSWER].itertuples(index=False, name=None))
    return rows[[one not in answers for one in rows[_ANSWER].itertuples(index=False, name=None)]]


def _days(past: Past, one: Waiting) -> int | None:
    """Days until the outcome is known; None when nothing was worked out for that date."""
    if one.task.horizon_days is not None:
        return one.task.horizon_days
    found = past.warehouse.sql(
        f"select max(churn_known_after_days) from {past.outcomes} where as_of = $as_of", params={"as_of": one.as_of}
    ).fetchone()[0]
    return None if found is None else int(found)


def _answers(lake: Lake, one: Waiting) -> pd.DataFrame:
    """What was said first under that date."""
    return lake.read_table(lake.first_kept(one.kept.scores(one.task.table, one.as_of))).to_pandas()


def _grade_series(lake: Lake, past: Past, series: list[tuple[Waiting, int]]) -> pd.DataFrame:
    rows, history = _answers(lake, series[0][0]), past.demand()
    return pd.concat(
        [
            grade_demand(About(one.task, one.as_of, one.kept.origin, days, _most_served(rows)), rows, history)
            for one, days in series
        ],
        ignore_index=True,
    )


def _most_served(rows: pd.DataFrame) -> str:
    """The three models that serve most series; a forecast has many more."""
    served = served_models(rows, "model").split(" + ")
    return " + ".join(served[:3]) + (f" and {len(served) - 3} more" if len(served) > 3 else "")


def _grade_lists(lake: Lake, past: Past, lists: list[tuple[Waiting, int]], groups: pd.DataFrame) -> pd.DataFrame:
    rows = _answers(lake, lists[0][0])
    by_task = {one.task.name: rows[rows["kind"] == one.task.name] for one, _ in lists}
    abouts = [
        About(one.task, one.as_of, one.kept.origin, days, served_models(by_task[one.task.name], one.task.model))
        for one, days in lists
    ]
    return grade_lists(abouts, by_task, past.purchases(), groups)


def _with_segments(lake: Lake, kept: Kept, as_of: date, groups: pd.DataFrame) -> pd.DataFrame:
    """Groups with the behavioural segment that a customer was in as of the date, where one was kept."""
    path = kept.scores("behaviour_segments", as_of)
    if not (lake.data.lake / path).exists():
        return groups
    segments = lake.read_table(lake.first_kept(path)).select(["customer_id", "behaviour_segment"]).to_pandas()
    return groups.merge(segments, on="customer_id", how="left", validate="one_to_one")
