"""The sensor that starts a run when a file has arrived, for sources that say `schedule: on_arrival`.

Belongs here: when to start. Does not belong here: what a run does; that is `orchestration/schedules.py`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

from orchestration.dead_runs import release_dead_runs
from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.declaration.files import FilesSource
from orchestration.raw.errors import SourceError
from orchestration.raw.files.location import files_of
from orchestration.redact import without_values
from orchestration.run_lock import is_run_under_way

SECONDS_BETWEEN_LOOKS = 15  # a file must stand still from one look to the next: a run starts within 30 s of arrival
_NOT_YET_AT_WORK = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING]

Notes = dict[str, dict[str, list[str]]]


def build_arrivals(
    data: DataDir, declarations: Sequence[SourceDeclaration], jobs: Mapping[str, AssetJob]
) -> list[dg.SensorDefinition]:
    """The sensor `arrivals`, or nothing when no source says on_arrival.

    Args:
        data: the data folder; what its lake has loaded already starts nothing.
        declarations: all sources.
        jobs: what to start, by source.

    Its cursor holds, by source, marks of the files that wait: as seen at the last look, and those a run was asked
    for. A run that fails is not asked for again until a file changes; the night tries all of them.
    """
    watched = [source for source in declarations if isinstance(source, FilesSource) and source.schedule == "on_arrival"]
    if not watched:
        return []

    @dg.sensor(
        name="arrivals",
        jobs=[jobs[source.source] for source in watched],
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Starts a run when a file of {', '.join(source.source for source in watched)} has arrived.",
    )
    def arrivals(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        before: Notes = json.loads(context.cursor or "{}")
        is_busy = _is_busy(context.instance, data)
        notes: Notes = {}
        requests, lines = [], []
        for source in watched:
            try:
                waiting = waiting_files(source, data)
            except SourceError as error:
                lines.append(str(error))
                notes[source.source] = before.get(source.source, {})
                continue
            note, line = _look(before.get(source.source, {}), waiting, is_busy=is_busy)
            if waiting:
                notes[source.source] = note
            lines += [f"{source.source}: {line}"] if line else []
            if line is None and waiting:
                requests.append(dg.RunRequest(job_name=jobs[source.source].name, tags={"started_by": "arrival"}))
                is_busy = True  # the next source waits for the end of this run
        for line in lines if requests else []:
            context.log.info(line)
        nothing = "no new files" if not lines else "; ".join(lines)
        return dg.SensorResult(
            run_requests=requests, skip_reason=None if requests else nothing, cursor=json.dumps(notes)
        )

    return [arrivals]


def _look(
    before: dict[str, list[str]], waiting: list[str], *, is_busy: bool
) -> tuple[dict[str, list[str]], str | None]:
    """The notes after this look, and why no run is asked for; None when one is, or when nothing waits."""
    asked = sorted(set(before.get("asked", [])) & set(waiting))
    note = {"seen": waiting, "asked": asked}
    if len(asked) == len(waiting):
        if not asked:
            return note, None
        under_way = "wait for the end of the run under way"
        return note, f"{len(asked)} files " + (
            under_way if is_busy else "were not loaded by the run they started; the night tries again"
        )
    seen = set(before.get("seen", [])) - set(asked)
    if seen.isdisjoint(waiting):  # one that stands still is enough: where files never stop coming, all would wait
        return note, f"{len(waiting) - len(asked)} new files, left until they stand still"
    if is_busy:
        return note, f"{len(waiting) - len(asked)} new files wait for the run under way"
    return note | {"asked": waiting}, None


def waiting_files(source: FilesSource, data: DataDir) -> list[str]:
    """A mark of name, size and time of change for every file that is not loaded as it is now, in a fixed order.

    Raises:
        SourceError: the folder or bucket can't be looked into.
    """
    loaded = _loaded(source.source, data)
    waiting = []
    for name, table in source.tables.items():
        known = loaded.get(name, {})
        try:
            files = files_of(source, name, table)
        except OSError as error:
            raise SourceError(
                source.source,
                name,
                f"can't be looked into ({type(error).__name__}: {without_values(error.strerror or str(error))})",
                f"check location in {source.source}.yml and the rights of the pipeline's account",
                is_transient=True,
            ) from None
        for file in files:
            note = known.get(file.name, {})
            if (note.get("size"), note.get("modified_ns")) != (file.size, file.modified_ns):
                said = json.dumps([name, file.name, file.size, file.modified_ns])
                waiting.append(hashlib.sha256(said.encode(errors="backslashreplace")).hexdigest()[:16])
    return sorted(waiting)


def _loaded(source: str, data: DataDir) -> dict[str, dict[str, dict]]:
    """What the connector notes of its files, by table and file name; nothing where no night has run yet."""
    path = data.dlt / f"raw_{source}" / "state.json"
    try:
        resources = json.loads(path.read_text(encoding="utf-8"))["sources"][source]["resources"]
    except (OSError, ValueError, KeyError):
        return {}
    return {table: state.get("files", {}) for table, state in resources.items()}


def _is_busy(instance: dg.DagsterInstance, data: DataDir) -> bool:
    """Whether a run holds the data folder, or one is about to."""
    if is_run_under_way(data):
        return True
    release_dead_runs(instance, older_than_s=120)
    waiting = [*_NOT_YET_AT_WORK, dg.DagsterRunStatus.STARTED]
    return bool(instance.get_runs(filters=dg.RunsFilter(statuses=waiting), limit=1))
