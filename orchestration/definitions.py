"""The whole pipeline in one page: sources, dbt stages, gate, identity, intelligence, grading, publishing."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration.backfill.job import build_backfill, build_backfill_assets, build_show_grades
from orchestration.console import progress
from orchestration.dbt import Dbt, build_stage, load_manifest
from orchestration.grading.assets import grades
from orchestration.grading.cards import model_cards
from orchestration.grading.drift import drift
from orchestration.grading.quality import identity_quality
from orchestration.grading.scorecard import scorecard
from orchestration.grading.waiting import due_predictions
from orchestration.identity.assets import build_identity
from orchestration.identity.declaration import IDENTITY_FILE, load_identity
from orchestration.identity.explanation import build_explain
from orchestration.identity.gate import approve_identity, build_impact
from orchestration.identity.queue import build_review_queue
from orchestration.intelligence.churn import churn_scores
from orchestration.intelligence.custom_segments import build_custom_segments
from orchestration.intelligence.demand import demand_forecast
from orchestration.intelligence.lifetime_value import lifetime_value
from orchestration.intelligence.personas import segment_personas
from orchestration.intelligence.recommendations import recommendations
from orchestration.intelligence.replenishment import replenishment
from orchestration.intelligence.segments import behaviour_segments
from orchestration.intelligence.segments_declaration import SEGMENTS_FILE, load_segments
from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.raw.arrivals import build_arrivals
from orchestration.raw.assets import build_source
from orchestration.raw.declaration import SOURCES_DIR, load_declarations
from orchestration.schedules import build_nightly, build_replay, build_schedules, build_updates
from orchestration.serving.assets import build_publication
from orchestration.serving.declaration import load_serving
from orchestration.serving.keys import keys_of_marts
from orchestration.serving.run_record import build_run_record
from orchestration.serving.site import site
from orchestration.validated.assets import build_gate, build_quarantine
from orchestration.validated.rules import load_rules
from orchestration.validated.watch import build_findings, build_watch
from orchestration.validated.watch_declaration import load_watched
from orchestration.variables import check_variables


def build_definitions(
    data: DataDir | None = None,
    sources_dir: Path = SOURCES_DIR,
    as_of: str = "",
    identity_file: Path = IDENTITY_FILE,
    segments_file: Path = SEGMENTS_FILE,
) -> dg.Definitions:
    """Everything Dagster needs, on one data folder.

    Args:
        data: the data folder; the one of the environment unless a test gives another.
        sources_dir: folder of source declarations.
        as_of: date the runs speak for (YYYY-MM-DD); empty for the last complete day in the data.
        identity_file: how records become customers.
        segments_file: the company's own segments.
    """
    data = data or DataDir.from_environment()
    check_variables()
    manifest = load_manifest(data)
    rules = load_rules(manifest)
    watched = load_watched(manifest)
    entities = sorted({rule.entity for rule in rules})
    stages = {stage: build_stage(stage, manifest) for stage in ("staged", "validated", "unified", "marts")}
    marts = sorted(stages["marts"].keys)
    declarations = load_declarations(sources_dir)
    identity = load_identity(identity_file)
    nightly, updates = build_nightly(), build_updates(declarations)
    # Steps run in the run's own process: one DuckDB file and seconds of imports, more processes would only cost.
    return dg.Definitions(
        assets=[
            *(build_source(declaration) for declaration in declarations),
            *stages.values(),
            build_quarantine(rules),
            build_findings(watched),
            build_identity(identity),
            behaviour_segments,
            churn_scores,
            demand_forecast,
            replenishment,
            segment_personas,
            build_custom_segments(load_segments(segments_file)),
            lifetime_value,
            recommendations,
            due_predictions,
            scorecard,
            drift,
            model_cards,
            grades,
            identity_quality,
            build_run_record(entities),
            build_impact(identity, marts),
            build_review_queue(identity),
            *build_publication(marts, keys_of_marts(manifest, [mart.path[-1] for mart in marts]), load_serving()),
            site,
            *build_backfill_assets(manifest),
        ],
        asset_checks=[build_gate(rules), build_watch(watched)],
        jobs=[
            nightly,
            build_replay(),
            *updates.values(),
            build_backfill(),
            build_show_grades(),
            approve_identity,
            build_explain(identity),
        ],
        schedules=build_schedules(declarations, nightly, updates),
        sensors=build_arrivals(data, declarations, updates),
        resources={"lake": Lake(data_dir=str(data.root)), "dbt": Dbt(data_dir=str(data.root), as_of=as_of)},
        loggers={"progress": progress},
        executor=dg.in_process_executor,
    )


@dg.definitions
def nightly_pipeline() -> dg.Definitions:
    """What `dagster dev` loads: the pipeline on the data folder of the environment."""
    return build_definitions()
