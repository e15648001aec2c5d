"""`python -m orchestration.nightly`: one run of the job `nightly`, with progress and a summary at the end."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

_STARTED = time.monotonic()
if __name__ == "__main__":  # not for whoever imports this: before the imports, whose millions of objects stay
    gc.set_threshold(100_000, 20, 20)
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from orchestration.console import failure_line, is_failed_check
from orchestration.dead_runs import release_dead_runs
from orchestration.definitions import build_definitions
from orchestration.event_log import kept_open
from orchestration.mistakes import MISTAKES, SelectionError, day
from orchestration.paths import DataDir
from orchestration.run_lock import AnotherRunError, take
from orchestration.summary import summarise
from orchestration.trouble import machine_trouble

_INSTANCE_CONFIG = Path(__file__).parent / "dagster.yaml"
_NOT_NOTED = (
    "the run could not even note what failed: the disk may be full, or too few files may be opened."
    " Remedy: make room, or raise the limit (ulimit -n 4096), and run again"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the night; 0 when the marts were published, 1 when a step failed, 2 when another run is under way."""
    parser = argparse.ArgumentParser(description="Run the nightly job once and print a summary.")
    parser.add_argument("--as-of", type=day, help="date to speak for, YYYY-MM-DD (default: last complete day)")
    parser.add_argument(
        "--replay", action="store_true", help="pull nothing: judge and build again from staged on, after a rule changed"
    )
    parser.add_argument(
        "--select", help="only these assets, as Dagster selects them: group:identity, key:raw/erp/* (default: all)"
    )
    options = parser.parse_args(arguments)
    data = DataDir.from_environment()
    try:
        with take(data):
            return _run(data, str(options.as_of or ""), "replay" if options.replay else "nightly", options.select)
    except AnotherRunError as error:
        print(error, file=sys.stderr)
        return 2
    except MISTAKES as mistakes:
        print(
            f"\nNothing was run; the tables published before still stand.\n{indent(str(mistakes), '  ')}",
            file=sys.stderr,
        )
        return 1
    except Exception as error:
        line = machine_trouble(error)  # a defect of ours keeps its trace
        if line is None:
            raise
        print(f"\nThe run failed; the tables published before still stand.\n  {line}", file=sys.stderr)
        return 1


def _run(data: DataDir, as_of: str, job: str, select: str | None) -> int:
    with open_instance(data) as instance:
        definitions = build_definitions(data, as_of=as_of)
        print(f"  ready in {time.monotonic() - _STARTED:.1f} s, running the job {job}", file=sys.stderr)
        result = run_nightly(definitions, instance, job, select)
        if not result.success:
            print("\nThe run failed; the tables published before still stand.", file=sys.stderr)
            for line in failures(result) or [_NOT_NOTED]:
                print(f"  {line}", file=sys.stderr)
            return 1
        if select is None:
            print(summarise(data, result, seconds=time.monotonic() - _STARTED))
        return 0


def prepare_home(data: DataDir) -> Path:
    """Dagster's home in the data folder, with the project's settings."""
    home = data.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(_INSTANCE_CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
    return home


def open_instance(data: DataDir) -> dg.DagsterInstance:
    """Dagster's own records for this data folder."""
    home = prepare_home(data)
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=kept_open(home)))


def run_nightly(
    definitions: dg.Definitions, instance: dg.DagsterInstance, job: str = "nightly", select: str | None = None
) -> dg.ExecuteInProcessResult:
    """Execute the job `nightly` (or `replay`), or the assets of it that `select` names, in this process.

    Failures are in the result, not raised.
    """
    release_dead_runs(instance)
    keys = selected(definitions, select) if select else None
    return definitions.resolve_job_def(job).execute_in_process(
        instance=instance,
        asset_selection=sorted(keys) if keys is not None else None,
        run_config={"loggers": {"progress": {}}},
        tags={"started_by": "command line"},
        raise_on_error=False,
    )


def selected(definitions: dg.Definitions, select: str) -> set[dg.AssetKey]:
    """The assets that `select` names, and those that one step makes along with them.

    Raises:
        SelectionError: it names none.
    """
    remedy = "Remedy: names as in the UI, such as --select key:serving/serving_postgres or --select group:marts"
    with warnings.catch_warnings():  # Dagster's own parser calls what Dagster calls a beta
        warnings.simplefilter("ignore", dg.BetaWarning)
        try:
            selection = dg.AssetSelection.from_string(select).required_multi_asset_neighbors()
            found = set(selection.resolve(definitions.resolve_asset_graph()))
        except dg.DagsterError:
            raise SelectionError(f"--select {select!r} can't be read. {remedy}") from None
    if not found:
        raise SelectionError(f"--select {select!r} names no asset. {remedy}")
    return found


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """One line per failed step and per failed blocking check: where and why."""
    failed = [event for event in result.all_events if event.is_step_failure and not is_failed_check(event)]
    lines = [f"{event.step_key}: {failure_line(event)}" for event in failed]
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR:
                lines.append(
                    f"{check.asset_key.to_user_string()}, check {check.check_name}: {check.description or 'failed'}"
                )
    return lines


if __name__ == "__main__":
    sys.exit(main())
