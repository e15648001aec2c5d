"""Weekly scores of the past as a partitioned asset, graded as their outcomes become known along the way."""

from contextlib import closing
from datetime import date

import dagster as dg

from models.scorecard import Standing
from orchestration.backfill.answers import JUDGED, SEGMENTS, Ask, asking
from orchestration.backfill.progress import Progress, mark
from orchestration.backfill.weeks import WEEKS, as_of
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.grading.past import Past, grade_waiting, keep_graded
from orchestration.grading.standing import settle
from orchestration.grading.waiting import waiting
from orchestration.intelligence.kept import BACKFILLED
from orchestration.lake import Lake


def build_scores() -> dg.AssetsDefinition:
    """The weekly scores as an asset."""

    @dg.asset(
        key=["backfill", "scores"],
        group_name="backfill",
        owners=["marketing-analytics@example.com"],
        kinds={"python", "parquet"},
        deps=[
            dg.AssetKey(one.split("/"))
            for one in (
                "backfill/features",
                "backfill/outcomes",
                "unified/customer_360",
                "unified/order_lines",
                "unified/category_weeks",
                "unified/demand_history",
            )
        ],
        partitions_def=WEEKS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=WAREHOUSE_POOL,
    )
    def scores(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
        """What each model would have said at the end of each week, only from what was known then.

        Kept apart from what nights really said, graded like it, and demoted like it where it falls below its baseline.
        """
        weeks = [as_of(partition) for partition in context.partition_keys]
        with lake.warehouse() as warehouse:
            last = lake.as_of(warehouse)
            have = {day for (day,) in warehouse.sql("select distinct as_of from backfill.features").fetchall()}
            spoken = [day for day in weeks if day <= last and day in have]
            progress = Progress(lake, mark(warehouse))
            with asking(lake, warehouse) as ask, closing(Past(warehouse, "backfill.outcomes", last)) as past:
                for number, day in enumerate(spoken, start=1):
                    if progress.is_done(day):
                        said = ", worked out before"
                    else:
                        said = week(lake, past.until(day), ask)
                        progress.done(day)
                    context.log.info(f"{number} of {len(spoken)}: {day}{said}")
                if spoken:
                    context.log.info(f"graded until {last}: {grade(lake, past)} more answers")
        left_out = f"{len(weeks) - len(spoken)} without orders before them, or to come"
        return dg.MaterializeResult(metadata={"dates": len(spoken), "left_out": left_out})

    return scores


def week(lake: Lake, past: Past, ask: Ask) -> str:
    """Grade what is known by a date, decide who serves, keep every model's answer; tells who stands back and why."""
    day = past.known_to
    grade(lake, past)
    standings = {subject: settle(lake, subject, day, BACKFILLED) for subject in JUDGED}
    demoted = {subject: one.reason if one.is_demoted else "" for subject, one in standings.items()}
    ask(day, [*demoted.items(), (SEGMENTS, "")])
    return "".join(f"; {subject}: {told}" for subject, one in sorted(standings.items()) if (told := _told(one, day)))


def _told(standing: Standing, day: date) -> str:
    """The reason on the date that it was decided; who still stands back afterwards, in few words."""
    if standing.since == day:
        return standing.reason
    return f"stands back since {standing.since}" if standing.is_demoted else ""


def grade(lake: Lake, past: Past) -> int:
    """Grade the backfill's own answers whose outcome is known; returns how many."""
    answers = [one for one in waiting(lake, (BACKFILLED,)) if one.as_of < past.known_to]
    scored, binned = grade_waiting(lake, past, answers, past.groups())
    keep_graded(lake, BACKFILLED, past.known_to, scored, binned)
    return len(scored[["subject", "task", "as_of"]].drop_duplicates()) if len(scored) else 0
