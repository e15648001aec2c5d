"""The job `weekly_backfill`: the tables it learns from, the scores of each week, and the marts of their grades."""

from __future__ import annotations

import warnings
from typing import Any

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

from orchestration.backfill.scores import build_scores
from orchestration.backfill.weeks import WEEKS, dbt_variables
from orchestration.dbt import build_stage

GROUP = "backfill"
JOB = "weekly_backfill"  # not the group's name, which is a step's: Dagster wants them apart
# What shows the grades of past answers; published with everything else that is published.
_SHOWN = ("model_scorecard", "model_calibration", "model_standing")


def build_backfill_assets(manifest: dict[str, Any]) -> list[dg.AssetsDefinition]:
    """The weekly tables and scores; no night makes them."""
    with warnings.catch_warnings():  # Dagster calls it beta that one run takes many weeks
        warnings.simplefilter("ignore", dg.BetaWarning)
        one_run = dg.BackfillPolicy.single_run()
        tables = build_stage(GROUP, manifest, dbt_variables, partitions_def=WEEKS, backfill_policy=one_run)
        return [tables, build_scores()]


def build_backfill() -> AssetJob:
    """The job over any range of weeks, in one run; from the command line (`make backfill`) or from the UI."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.groups(GROUP),
        partitions_def=WEEKS,
        description="What the models would have said each week, from what was known then, and how right it was."
        " Run the job show_grades after it, or wait for the night, to see the grades in the marts.",
    )


def build_show_grades() -> AssetJob:
    """The job that publishes what a backfill graded, without a night."""
    shown = [dg.AssetKey(["marts", name]) for name in _SHOWN]
    return dg.define_asset_job(
        "show_grades",
        selection=dg.AssetSelection.assets(*shown) | dg.AssetSelection.groups("serving"),
        description="Build and publish the marts that show how right past answers were, such as after a backfill.",
    )
