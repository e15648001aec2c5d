"""When things start: the night, sources with times of their own, and the part of the pipeline that one source moves.

Belongs here: jobs and schedules. Does not belong here: looking for files; that is `orchestration/raw/arrivals.py`.
"""

from collections.abc import Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

from orchestration.raw.declaration import SourceDeclaration


def _everything() -> dg.AssetSelection:
    """All that a night makes; the backfill of earlier dates is a job of its own."""
    return dg.AssetSelection.all() - dg.AssetSelection.groups("backfill")


def build_nightly() -> AssetJob:
    """The job of the night: everything."""
    return dg.define_asset_job(
        "nightly",
        selection=_everything(),
        description="Pull every source, check it, work out who is who, score, forecast, grade and publish.",
    )


def build_replay() -> AssetJob:
    """The job for a rule that changed: everything but raw."""
    return dg.define_asset_job(
        "replay",
        selection=_everything() - dg.AssetSelection.groups("raw"),
        description="After a rule changed: judge and build everything again from staged on. Pulls nothing.",
    )


def build_updates(declarations: Sequence[SourceDeclaration]) -> dict[str, AssetJob]:
    """For each source that does not wait for the night, the job that pulls it and builds all that is not raw.

    All that is not raw, and not only what is downstream of the source: the gate judges every entity in one step, and
    a validated table is only ever rebuilt behind a judgement of the staged table that it is made from.
    """
    return {source.source: _update(source) for source in declarations if source.schedule != "nightly"}


def _update(source: SourceDeclaration) -> AssetJob:
    own = dg.AssetSelection.key_prefixes(["raw", source.source])  # with its _deletions: one step makes all of them
    other_sources = dg.AssetSelection.groups("raw") - own
    return dg.define_asset_job(
        f"update_from_{source.source}",
        selection=_everything() - other_sources,
        description=f"Pull {source.source}, then check, resolve, score and publish with it. Other sources stay as"
        " they were pulled last.",
    )


def build_schedules(
    declarations: Sequence[SourceDeclaration],
    nightly: AssetJob,
    updates: dict[str, AssetJob],
) -> list[dg.ScheduleDefinition]:
    """The night at 02:30 UTC, and a schedule for each source with cron fields of its own."""
    return [
        dg.ScheduleDefinition(
            name="every_night",
            job=nightly,
            cron_schedule="30 2 * * *",
            description="Every night at 02:30 UTC, when the day before is complete.",
        ),
        *(
            dg.ScheduleDefinition(
                name=f"{source.source}_on_time",
                job=updates[source.source],
                cron_schedule=source.schedule,
                description=f"Pulls {source.source} at times of its own (UTC), and builds what depends on it.",
            )
            for source in declarations
            if source.schedule not in ("nightly", "on_arrival")
        ),
    ]
