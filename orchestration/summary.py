"""The short report at the end of a run: what came in, what was set aside, who is who, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import dagster as dg
import duckdb

from orchestration.lake import sql_literal
from orchestration.paths import DataDir

# Steps by the stage whose name they carry; what is not named here is its own stage.
_STAGE_OF_STEP = {
    "gate": "validated",
    "watch": "validated",
    "quality__findings": "validated",
    "quarantine__rows": "validated",
    "pipeline_runs__runs": "marts",
    "serving__serving_duckdb": "serving",
    "serving__site": "serving",
    "serving__serving_postgres": "serving",
    "grading__grades": "grading",
    "grading__due_predictions": "grading",
    "grading__scorecard": "grading",
    "grading__drift": "grading",
    "grading__model_cards": "grading",
    "identity__impact": "identity",
    "grading__identity_quality": "grading",
}


def summarise(data: DataDir, result: dg.ExecuteInProcessResult, seconds: float) -> str:
    """The report as text.

    Args:
        data: the data folder, after a run that published.
        result: the finished run.
        seconds: wall time since the command started.
    """
    with duckdb.connect(str(data.serving), read_only=True) as serving:
        as_of = serving.sql("select as_of from marts.pipeline_runs order by started_at desc limit 1").fetchone()[0]
        sections = [
            ("Rows by source", _rows_by_source(data, result)),
            ("Rows set aside", [*_quarantined(serving), *_returned(result)]),
            ("Looked odd", _odd(result)),
            ("Customers", [*_customers(serving, as_of), *_impact(result), *_review(result)]),
            ("Segments", _segments(serving)),
            ("How good, beside the naive way", _grades(serving, as_of)),
            ("What came of earlier answers", _graded(serving, as_of)),
            ("Seconds by stage", _stages(result)),
        ]
        tables = serving.sql("select count(*) from duckdb_tables() where schema_name = 'marts'").fetchone()[0]
    lines = [f"\nNight of {as_of}, done in {seconds:.0f} s"]
    for title, rows in sections:
        lines += ["", title, *_aligned(rows)]
    lines += [
        "",
        f"Published: {data.serving} ({tables} tables, {data.serving.stat().st_size / 1e6:.0f} MB)",
        *_published(result),
        f"Look at it: {data.site / 'index.html'} (one customer: make dashboard; the pipeline itself: make ui)",
    ]
    return "\n".join(lines)


def _rows_by_source(data: DataDir, result: dg.ExecuteInProcessResult) -> list[tuple[str, ...]]:
    new: dict[str, int] = {}
    for event in result.get_asset_materialization_events():
        materialization = event.materialization
        if materialization.asset_key.path[0] == "raw":
            source = materialization.asset_key.path[1]
            new[source] = new.get(source, 0) + int(materialization.metadata["new_rows"].value)
    return [
        (source, f"{count:,} new", f"{_rows_in_lake(data, source):,} in the lake")
        for source, count in sorted(new.items())
    ]


def _rows_in_lake(data: DataDir, source: str) -> int:
    folders = [
        folder
        for folder in (data.raw / source).iterdir()
        if not folder.name.startswith("_") and any(folder.glob("*.parquet"))
    ]
    return sum(
        duckdb.sql(f"select count(*) from read_parquet({sql_literal(folder / '*.parquet')})").fetchone()[0]
        for folder in folders
    )


def _quarantined(serving: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    rows = serving.sql(
        "select entity, rows, reason from marts.quarantine_summary order by entity, rows desc, rule"
    ).fetchall()
    return [(entity, f"{count:,}", reason) for entity, count, reason in rows] or [("none", "0", "")]


def _returned(result: dg.ExecuteInProcessResult) -> list[tuple[str, ...]]:
    """How many rows came back since the run before: mended in their source, or by a rule that changed."""
    counts = [
        int(event.materialization.metadata["returned_since_last_run"].value)
        for event in result.get_asset_materialization_events()
        if event.materialization.asset_key.path == ["quarantine", "rows"]
    ]
    return (
        [("returned", f"{sum(counts):,}", "Rows that were set aside before, and no longer are.")] if sum(counts) else []
    )


def _odd(result: dg.ExecuteInProcessResult) -> list[tuple[str, ...]]:
    """What the checks of whole tables found: columns, freshness, and nights unlike those before."""
    return [
        (check.asset_key.to_user_string(), check.description or check.check_name)
        for check in result.get_asset_check_evaluations()
        if not check.passed and (check.check_name in ("schema", "freshness") or check.check_name.startswith("watch_"))
    ]


def _customers(serving: duckdb.DuckDBPyConnection, as_of: date) -> list[tuple[str, ...]]:
    found, buyers = serving.sql("select count(*), count(*) filter (where orders > 0) from marts.customers").fetchone()
    rows = [("found", f"{found:,}", f"{buyers:,} of them have bought")]
    homes, shared = serving.sql(
        "select count(*), count(*) filter (where customers > 1) from marts.households"
    ).fetchone()
    rows.append(("households", f"{homes:,}", f"{shared:,} of them of several customers"))
    grades = _identity_grades(serving, as_of)
    if "true_people" in grades:
        rows.append(("truly exist", f"{grades['true_people'][0]:,.0f}", "among the graded records"))
    rows += [
        (f"pairwise {metric}", f"{grades[metric][0]:.4f}", f"{grades[metric][2]}: {grades[metric][1]:.4f}")
        for metric in ("precision", "recall")
        if metric in grades
    ]
    if "bcubed_f1" in grades:
        rows.append(("B-cubed F1", f"{grades['bcubed_f1'][0]:.4f}", "{2}: {1:.4f}".format(*grades["bcubed_f1"])))
    return rows


def _impact(result: dg.ExecuteInProcessResult) -> list[tuple[str, ...]]:
    """What this publication changed for those who read the one before."""
    return [
        ("identity", "", str(event.materialization.metadata["in_short"].value))
        for event in result.get_asset_materialization_events()
        if event.materialization.asset_key.path == ["identity", "impact"]
    ]


def _review(result: dg.ExecuteInProcessResult) -> list[tuple[str, ...]]:
    """What became of people's decisions, and how many pairs wait for one."""
    rows = []
    for event in result.get_asset_materialization_events():
        told = event.materialization.metadata
        if event.materialization.asset_key.path == ["identity", "override_problems"]:
            count, _, said = str(told["in_short"].value).partition(" ")
            if count != "0" or told["dagster/row_count"].value:
                rows.append(("decisions", count, said.removeprefix("decisions ")))
        if event.materialization.asset_key.path == ["identity", "review_queue"] and told["dagster/row_count"].value:
            rows.append(
                ("to review", f"{told['dagster/row_count'].value:,}", "pairs, the most telling first: make review")
            )
    return rows


def _published(result: dg.ExecuteInProcessResult) -> list[str]:
    """Where else it was published, and what a person did to the publication before."""
    lines = []
    for event in result.get_asset_materialization_events():
        told = event.materialization.metadata
        if "rolled_back_before" in told:
            lines.append(f"Before it: {told['rolled_back_before'].value}")
        if event.materialization.asset_key.path == ["serving", "serving_postgres"]:
            lines.append(f"Published: PostgreSQL {told['database'].value}, schema {told['schema'].value}")
    return lines


def _identity_grades(serving: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, tuple[float, float, str]]:
    rows = serving.execute(
        "select metric, value, baseline_value, baseline from marts.grades where subject = 'identity' and as_of = ?",
        [as_of],
    ).fetchall()
    return {metric: (value, baseline_value, baseline) for metric, value, baseline_value, baseline in rows}


def _segments(serving: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for kind in ("behaviour_segment", "rfm_segment"):
        sizes = serving.sql(
            f"select {kind}, count(*) as size from marts.customer_segments"
            f" where {kind} is not null group by all order by size desc, {kind}"
        ).fetchall()
        rows += [(kind.replace("_segment", ""), f"{size:,}", name) for name, size in sizes]
    return rows


def _grades(serving: duckdb.DuckDBPyConnection, as_of: date) -> list[tuple[str, ...]]:
    """A line per figure: what the model reached, and each baseline beside it."""
    rows = serving.execute(
        "select subject, metric, any_value(value), max(population),"
        " string_agg(printf('%s %.4f', baseline, baseline_value), ', ' order by baseline) from marts.grades"
        " where subject <> 'identity' and as_of = ? group by subject, metric order by subject, metric",
        [as_of],
    ).fetchall()
    return [
        (subject, metric, f"{value:.4f}", f"n = {population:,}", beside or "")
        for subject, metric, value, population, beside in rows
    ]


def _graded(serving: duckdb.DuckDBPyConnection, as_of: date) -> list[tuple[str, ...]]:
    """A line per figure by which a model stands or falls: its newest graded answer, and the mean of all dates.

    Where a night and a backfill speak for one date, the night's word stands.
    """
    from models.scorecard import TASKS

    rows: list[tuple[str, ...]] = []
    for task, metric in ((one, metric) for one in TASKS for metric in one.primary):
        found = serving.execute(
            "with answers as (select * from marts.model_scorecard where subject = ? and task = ? and metric = ?"
            " and dimension = 'all' and baseline <> 'none' qualify origin = max(origin) over (partition by as_of))"
            " select baseline, arg_max(value, as_of), arg_max(baseline_value, as_of), arg_max(population, as_of),"
            " max(as_of), avg(value), avg(baseline_value), count(*) from answers group by baseline order by baseline",
            [task.subject, task.name, metric],
        ).fetchall()
        if not found:
            continue
        _, value, _, population, day, mean, _, dates = found[0]
        newest = ", ".join(f"{baseline} {other:.4f}" for baseline, _, other, *_ in found)
        of_all = ", ".join(f"{baseline} {other:.4f}" for baseline, *_, other, _ in found)
        count = f"n = {population:,}"
        rows.append((task.subject, metric, f"{value:.4f}", count, f"as of {day}", newest))
        if dates > 1:
            rows.append((task.subject, metric, f"{mean:.4f}", f"{dates} dates", "mean", of_all))
    demoted = serving.execute(
        "select subject, reason from marts.model_standing where as_of = ? and is_demoted and origin = 'night'"
        " order by subject",
        [as_of],
    ).fetchall()
    return [*rows, *((subject, "stands back", "", "", "", reason) for subject, reason in demoted)]


def _stages(result: dg.ExecuteInProcessResult) -> list[tuple[str, ...]]:
    seconds: dict[str, float] = {}
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.STEP_SUCCESS:
            step = str(event.step_key)
            stage = _STAGE_OF_STEP.get(step, step.split("_")[0])
            seconds[stage] = seconds.get(stage, 0.0) + event.step_success_data.duration_ms / 1000
    return [(stage, f"{spent:.1f}") for stage, spent in seconds.items()]


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return ["  none"]
    widths = [max(len(row[column]) for row in rows if len(row) > column) for column in range(max(map(len, rows)))]
    numeric = [
        all(row[column][:1].isdigit() for row in rows if len(row) > column and row[column])
        for column in range(len(widths))
    ]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, numeric, strict=False)
        ).rstrip()
        for row in rows
    ]
