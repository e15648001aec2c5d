"""dbt inside this process: one parsed project for all stages of a run, no start-up cost per stage.

dbt is the only writer of the warehouse. Each dbt stage of the flow (staged, validated, unified, marts) is one
Dagster step that builds the folder of the same name with its tests, and reports every model and test.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.identity.state import drop_damaged
from orchestration.lake import Lake
from orchestration.paths import DBT_PROJECT_DIR, DataDir
from orchestration.redact import without_values
from orchestration.run_lock import run_lock, take
from orchestration.trouble import machine_trouble

WAREHOUSE_POOL = "warehouse"  # of size 1: DuckDB takes one writer, or many readers
_DAMAGE = re.compile(r"Corrupt database file|stored checksum|[Ff]ailed to deserialize|Serialization Error")
_QUOTED_FILE = re.compile(r"\n\s*-{5,}")  # below it, dbt quotes the lines around a mistake in a YAML file
_PYTHON_WRITTEN = ("quarantine", "quality", "identity", "intelligence", "grading", "pipeline_runs")


class StageTranslator(DagsterDbtTranslator):
    """Names dbt's tables by stage: raw/<source>/<table>, staged/<table>, marts/<table>."""

    def get_asset_key(self, dbt_resource_props: dict[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            source, table = dbt_resource_props["source_name"], dbt_resource_props["name"]
            return dg.AssetKey([source, table] if source in _PYTHON_WRITTEN else ["raw", source, table])
        return dg.AssetKey([self.get_group_name(dbt_resource_props), dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: dict[str, Any]) -> str:
        return dbt_resource_props["fqn"][1]

    def get_description(self, dbt_resource_props: dict[str, Any]) -> str:
        return dbt_resource_props.get("description") or ""


class DbtFailure(Exception):
    """dbt could not parse or build; the message names each node and the reason, one line each."""


class Dbt(dg.ConfigurableResource):
    """The dbt project on one data folder.

    Args:
        data_dir: root of the data folder.
        as_of: date the run speaks for (YYYY-MM-DD); empty for the last complete day in the data.
    """

    data_dir: str
    as_of: str = ""

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        take(DataDir(Path(self.data_dir)))

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        run_lock(DataDir(Path(self.data_dir))).release()

    def invoke(
        self,
        *arguments: str,
        on_event: Any = None,
        manifest: Any = None,
        variables: Mapping[str, str] | None = None,
    ) -> Any:
        """Run one dbt command and return its result; `variables` are given to dbt besides its own.

        Raises:
            DbtFailure: a node failed, or the project can't be parsed.
        """
        from dbt.cli.main import dbtRunner

        data = DataDir(Path(self.data_dir))
        given = {"lake_dir": str(data.lake), "as_of": self.as_of or None, **(variables or {})}
        command = [
            *arguments,
            *("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)),
            *("--target-path", str(data.dbt_target), "--log-path", str(data.dbt_target)),
            # dbt's own log and results quote the values a statement fails on; what failed is told without them.
            *("--log-level", "none", "--log-level-file", "none", "--no-use-colors"),
            *(() if arguments[0] == "parse" else ("--no-write-json",)),
            *("--vars", json.dumps(given)),
        ]
        if arguments[0] != "parse":
            _remove_if_damaged(data)
        with _environment(data):
            if manifest is None and arguments[0] != "parse":
                manifest = _parsed_project(self.data_dir, self.as_of, _project_changed_at())
            outcome = dbtRunner(manifest=manifest, callbacks=[on_event] if on_event else []).invoke(command)
        if not outcome.success:
            raise DbtFailure(_damage(outcome, data) or _reasons(outcome))
        return outcome.result


def _remove_if_damaged(data: DataDir) -> None:
    """A warehouse that can't even be opened is removed: it is a cache, and the night builds all of it anew."""
    if not data.warehouse.exists():
        data.warehouse_log.unlink(missing_ok=True)  # a log without its file belongs to nothing
        return
    try:
        duckdb.connect(str(data.warehouse)).close()
    except duckdb.Error as error:
        if machine_trouble(error):
            raise DbtFailure(machine_trouble(error)) from None
        _remove_warehouse(data)


def _damage(outcome: Any, data: DataDir) -> str | None:
    """The line for a warehouse whose inside is damaged, which is removed then; None when something else failed."""
    said = [str(outcome.exception)] if outcome.exception is not None else []
    said += [str(result.message) for result in outcome.result or []]
    if not any(_DAMAGE.search(text) for text in said):
        return None
    _remove_warehouse(data)
    return "the warehouse was damaged and is removed. Remedy: run the whole night again, which builds it anew"


def _remove_warehouse(data: DataDir) -> None:
    for path in (data.warehouse, data.warehouse_log):
        path.unlink(missing_ok=True)


@lru_cache(maxsize=1)  # of one run's stages; another folder, date or file of the project is another parse
def _parsed_project(data_dir: str, as_of: str, changed_at: float) -> Any:
    """The parsed project for all stages of a run: reading it anew costs each of them a second or more."""
    return Dbt(data_dir=data_dir, as_of=as_of).invoke("parse")


@contextmanager
def _environment(data: DataDir) -> Iterator[None]:
    """dbt's settings for one command; at its end the warehouse is closed, so that Python steps can read it."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    wanted = {"PIPELINE_DATA_DIR": str(data.root), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager.env().close()
            DuckDBConnectionManager.close_all_connections()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _reasons(outcome: Any) -> str:
    if outcome.exception is not None:
        said = _QUOTED_FILE.split(str(outcome.exception))[0]
        return machine_trouble(outcome.exception) or without_values(said)
    failed = [result for result in outcome.result or [] if result.status in ("error", "fail", "runtime error")]
    for result in failed:
        trouble = machine_trouble(str(result.message))
        if trouble:  # it stops every model alike: said once
            return trouble
    reasons = [f"{result.node.name}: {without_values(str(result.message))}" for result in failed]
    return "\n".join(reasons) or "dbt was stopped before its end. Remedy: run again"


def load_manifest(data: DataDir) -> dict[str, Any]:
    """dbt's manifest of the project as it is now, parsed again only when a file of the project changed.

    A manifest that a killed run left half written is made again.
    """
    path = data.dbt_target / "manifest.json"
    if path.exists() and path.stat().st_mtime >= _project_changed_at():
        with suppress(ValueError):  # not JSON, not even text
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(manifest, dict) and manifest.get("nodes"):
                return manifest
    for made_by_dbt in (path, path.with_name("partial_parse.msgpack")):
        made_by_dbt.unlink(missing_ok=True)
    Dbt(data_dir=str(data.root)).invoke("parse")
    return json.loads(path.read_text(encoding="utf-8"))


def _project_changed_at() -> float:
    return max(
        file.stat().st_mtime
        for folder in ("", "models", "macros", "tests", "seeds")
        for file in (DBT_PROJECT_DIR / folder).glob("**/*" if folder else "*.yml")
    )


def build_stage(
    stage: str,
    manifest: dict[str, Any],
    variables: Callable[[dg.AssetExecutionContext], Mapping[str, str]] | None = None,
    **partitioning: Any,
) -> dg.AssetsDefinition:
    """The assets of one dbt folder as one step named after the stage.

    Args:
        stage: the folder.
        manifest: dbt's manifest.
        variables: what dbt is given besides its own variables, worked out when the step runs.
        partitioning: partitions_def and backfill_policy, for a stage that has partitions.
    """
    translator = StageTranslator()
    select = f"fqn:{manifest['metadata']['project_name']}.{stage}"

    @dbt_assets(
        name=stage,
        manifest=manifest,
        select=select,
        dagster_dbt_translator=translator,
        pool=WAREHOUSE_POOL,
        **partitioning,
    )
    def stage_assets(context: dg.AssetExecutionContext, dbt: Dbt) -> Iterator[Any]:
        if stage == "staged":  # a damaged file would stop dbt in the engine's own words, or be read as it is
            for name in drop_damaged(Lake(data_dir=dbt.data_dir)):
                context.log.info(f"identity state: {name} was damaged and is worked out again")
            for folder in _PYTHON_WRITTEN:
                Lake(data_dir=dbt.data_dir).verify(folder)
        selection = ["--select", select]
        if context.is_subset:
            selection, _ = get_subset_selection_for_context(
                context=context,
                manifest=manifest,
                select=select,
                exclude=None,
                selector=None,
                dagster_dbt_translator=translator,
                current_dbt_indirect_selection_env=None,
            )
        events: list[dict[str, Any]] = []
        failure: DbtFailure | None = None
        try:
            dbt.invoke(
                "build",
                *selection,
                *("--exclude", "resource_type:unit_test", "--indirect-selection", "buildable"),
                on_event=lambda event: _collect(event, events),
                variables=variables(context) if variables else None,
            )
        except DbtFailure as error:
            failure = error
        for event in events:
            yield from DbtCoreCliEventMessage(event, {}).to_default_asset_events(manifest, translator, context)
        if failure is not None:
            raise dg.Failure(description=str(failure), allow_retries=False)

    return stage_assets


def _collect(event: Any, events: list[dict[str, Any]]) -> None:
    if event.info.name not in ("LogModelResult", "LogTestResult"):
        return
    from google.protobuf.json_format import MessageToDict

    events.append(
        {
            "info": MessageToDict(event.info, preserving_proto_field_name=True),
            "data": MessageToDict(event.data, preserving_proto_field_name=True),
        }
    )
