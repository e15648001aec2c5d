"""Weekly scores of the past as a partitioned asset, graded as their outcomes become known along the way."""

from collections.abc import Callable
from datetime import date

import dagster as dg
import duckdb

from orchestration.backfill.known import hand_out
from orchestration.backfill.weeks import WEEKS, as_of
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence.churn import churn_night
from orchestration.intelligence.kept import BACKFILLED
from orchestration.intelligence.lifetime_value import lifetime_value_night
from orchestration.intelligence.night import Night, keep
from orchestration.intelligence.recommendations import recommendations_night
from orchestration.intelligence.segments import last_night, segments_night
from orchestration.lake import Lake

# Whose answers are graded, in the order of a night.
JUDGED: dict[str, Callable[..., Night]] = {
    "churn": churn_night,
    "lifetime_value": lifetime_value_night,
    "recommendations": recommendations_night,
}


def build_scores() -> dg.AssetsDefinition:
    """The weekly scores as an asset."""

    @dg.asset(
        key=["backfill", "scores"],
        group_name="backfill",
        owners=["marketing-analytics@example.com"],
        kinds={"python", "parquet"},
        deps=[
            dg.AssetKey(one.split("/"))
            for one in ("backfill/features", "backfill/outcomes", "unified/customer_360", "unified/order_lines")
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
            for number, day in enumerate(spoken, start=1):
                said = week(lake, warehouse, day)
                context.log.info(f"{number} of {len(spoken)}: {day}, {said}")
            if spoken:
                graded = grade_until(lake, warehouse, last)
                context.log.info(f"{graded} answers could be graded until {last}")
        return dg.MaterializeResult(
            metadata={
                "dates": len(spoken),
                "left_out": f"{len(weeks) - len(spoken)} without orders before them, or to come",
            }
        )

    return scores


def week(lake: Lake, warehouse: duckdb.DuckDBPyConnection, day: date) -> str:
    """Grade what had become known, decide who serves, and keep every model's answer; returns a line about it."""
    from orchestration.grading.standing import settle

    grade_until(lake, warehouse, day)
    inputs = hand_out(warehouse, day)
    # First, because the others are graded by group; carried on from the week before, as from night to night.
    groups = segments_night(warehouse, day, inputs, last_night(lake, day, BACKFILLED))
    keep(lake, day, groups, BACKFILLED)
    said = []
    for subject, night_of in JUDGED.items():
        standing = settle(lake, subject, day, BACKFILLED)
        night = night_of(warehouse, day, inputs, demoted=standing.reason if standing.is_demoted else "")
        keep(lake, day, night, BACKFILLED)
        said.append(f"{subject}: {night.served_by}")
    return "; ".join(said)


def grade_until(lake: Lake, warehouse: duckdb.DuckDBPyConnection, day: date) -> int:
    """Grade the backfill's own answers whose outcome was known by a date; returns how many."""
    from orchestration.grading.past import Past, grade_waiting, keep_graded
    from orchestration.grading.waiting import waiting

    past = Past(warehouse, "backfill.outcomes", day)
    answers = [one for one in waiting(lake, (BACKFILLED,)) if one.as_of < day]
    scored, binned = grade_waiting(lake, past, answers, past.groups())
    past.close()
    keep_graded(lake, BACKFILLED, day, scored, binned)
    return len(scored[["subject", "task", "as_of"]].drop_duplicates()) if len(scored) else 0
