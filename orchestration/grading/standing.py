"""Which models serve: a model that fell below its baseline stands back until its backtest beats it again."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

from models.scorecard import TASKS, Standing, Task, decide
from orchestration.contracts import GRADES, MODEL_STANDING, SCORECARD
from orchestration.intelligence.kept import NIGHTLY, PLACES, Kept
from orchestration.lake import Lake, sql_literal


def demotion(lake: Lake, subject: str, as_of: date, kept: Kept = NIGHTLY) -> str:
    """Why the baseline must serve in place of the model as of a date; empty when the model may serve.

    Decided by the scorecard, earlier in the same run, from predictions whose outcome was known by `as_of`.
    """
    standing = standing_of(lake, subject, as_of, kept)
    return standing.reason if standing.is_demoted else ""


def standing_of(lake: Lake, subject: str, as_of: date, kept: Kept = NIGHTLY) -> Standing:
    """What was decided for a date; the model serves where nothing was."""
    rows = lake.read(kept.standing(subject, as_of), MODEL_STANDING)
    return _standing(rows.iloc[0]) if len(rows) else Standing()


def settle(lake: Lake, subject: str, as_of: date, kept: Kept = NIGHTLY) -> Standing:
    """Decide who serves as of a date, from what was known by then, and keep it."""
    task = next(task for task in TASKS if task.subject == subject and task.primary)
    places = PLACES if kept is NIGHTLY else (kept,)  # a backfill doesn't lean on what nights decided
    before = _before(lake, subject, as_of, places)
    now = decide(
        _standing(before[max(before)]) if before else Standing(),
        _matured(lake, task, as_of, before, places),
        _backtests(lake, task, as_of, before, places),
        as_of,
        task.primary,
    )
    row = {"subject": subject, "as_of": as_of, "origin": kept.origin, **vars(now)}
    lake.keep_once(kept.standing(subject, as_of), pd.DataFrame([row]), MODEL_STANDING)
    return now


def _before(lake: Lake, subject: str, as_of: date, places: tuple[Kept, ...]) -> dict[date, pd.Series]:
    """Who served on earlier dates; a night's own word before a backfill's."""
    if not any(kept.standing_dates(lake, subject) for kept in places):
        return {}
    files = sql_literal(lake.data.lake / "grading" / "standing" / f"{subject}_*.parquet")
    rows = duckdb.execute(
        f"select * from read_parquet({files}) where as_of < $1 and origin in (select unnest($2)) and subject = $3"
        " order by as_of, origin",  # `backfill` comes before `night`, whose word then stays
        [as_of, [kept.origin for kept in places], subject],
    ).df()
    for column in ("as_of", "since"):
        rows[column] = [None if pd.isna(day) else pd.Timestamp(day).date() for day in rows[column]]
    return {row["as_of"]: row for _, row in rows.iterrows()}


def _standing(row: pd.Series) -> Standing:
    return Standing(bool(row["is_demoted"]), row["since"], str(row["reason"]))


def _matured(
    lake: Lake, task: Task, as_of: date, before: dict[date, pd.Series], places: tuple[Kept, ...]
) -> pd.DataFrame:
    """Graded answers that the model itself gave and whose outcome was known by `as_of`."""
    folder = lake.data.lake / "grading" / "scorecard"
    if not any(folder.glob("*.parquet")):
        return SCORECARD.empty_table().to_pandas()
    rows = duckdb.execute(
        f"select * from read_parquet({sql_literal(folder / '*.parquet')}) where subject = $1 and task = $2"
        " and dimension = 'all' and matured_on <= $3 and origin in (select unnest($4)) and baseline is not null"
        " order by as_of, origin desc, metric, baseline",
        [task.subject, task.name, as_of, [kept.origin for kept in places]],
    ).df()
    rows["as_of"] = rows["as_of"].dt.date
    rows = rows.drop_duplicates(["as_of", "metric", "baseline"])  # `night` comes before `backfill`
    demoted = {day for day, row in before.items() if row["is_demoted"]}
    return rows[~rows["as_of"].isin(demoted)]


def _backtests(
    lake: Lake, task: Task, as_of: date, before: dict[date, pd.Series], places: tuple[Kept, ...]
) -> pd.DataFrame:
    """What the model reached on its own past since it stood back; nothing while it serves."""
    last = before[max(before)] if before else None
    if last is None or not last["is_demoted"]:
        return GRADES.empty_table().to_pandas()
    files: dict[date, str] = {}
    for kept in reversed(places):
        files |= {day: kept.grades(task.subject, day) for day in kept.grades_dates(lake, task.subject)}
    wanted = [path for day, path in sorted(files.items()) if last["since"] <= day < as_of]
    if not wanted:
        return GRADES.empty_table().to_pandas()
    rows = pd.concat([lake.read(path, GRADES) for path in wanted], ignore_index=True)
    rows = rows[rows["baseline"].isin(task.baselines)] if task.baselines else rows
    names = {f"{metric}{task.backtest_suffix}": metric for metric in task.primary}
    return rows.assign(metric=rows["metric"].map(lambda name: names.get(name, "")))
