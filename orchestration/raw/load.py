"""Runs one source's dlt pipeline into the raw lake: `lake/raw/<source>/<table>/*.parquet`, append-only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")  # read by dlt when it is imported
os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")  # its own log repeats what SourceError says in a line
os.environ.setdefault("SCHEMA__NAMING", "orchestration.raw.naming")
os.environ.setdefault("SCHEMA__ALLOW_IDENTIFIER_CHANGE_ON_TABLE_WITH_DATA", "true")  # of data pulled with dlt's naming

import dlt
import pyarrow as pa
from dlt.destinations import filesystem

from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.drift import Drift, Shapes
from orchestration.raw.errors import SourceError, explained
from orchestration.raw.inventory import Inventory
from orchestration.raw.notes import LOADED_AT
from orchestration.raw.tokens import add_tokens, load_tokens

_MOST_COLUMNS = 2_000
_LAST_LOAD = "last_load_id"  # in dlt's local state
_LAYOUT = "{table_name}/{load_id}.{file_id}.{ext}"


@dataclass(frozen=True)
class Pull:
    """What one pull brought, by table.

    Args:
        rows: new rows.
        drift: how the columns changed since the last pull.
        deleted: rows noticed as deleted, for tables where they were looked for.
        tokenised: by column, how many identifiers became tokens.
    """

    rows: dict[str, int]
    drift: dict[str, Drift] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    tokenised: dict[str, dict[str, int]] = field(default_factory=dict)


def pull(declaration: SourceDeclaration, data: DataDir) -> Pull:
    """Pull what is new in one source. All of it lands, or none, or (with a SourceError) what came before it broke off.

    Raises:
        SourceError: the source or a table can't be used; says what to do.
    """
    inventory = Inventory(declaration.source, data)
    inventory.verify()
    dlt.config["normalize.parquet_normalizer.add_dlt_load_id"] = True
    dlt.config["extract.next_item_mode"] = "fifo"  # one table after the other: what they open and hold at once is less
    pipeline = _pipeline(declaration.source, data)
    shapes = Shapes(declaration, data)
    try:
        if pipeline.list_normalized_load_packages() and not pipeline.has_pending_data:
            pipeline.load()  # ends an abort that a full disk cut short, which would take along what is extracted now
        if pipeline.has_pending_data:  # an earlier run was cut off: what it had extracted lands first
            pipeline.run()
        interruptions: list[SourceError] = []
        deleted: dict[str, int] = {}
        tokenised: dict[str, dict[str, int]] = {}
        connector = _connector(declaration.connector, data, deleted)
        source = _source(declaration, connector(declaration, interruptions), tokenised, shapes)
        loaded = pipeline.run(source, loader_file_format="parquet")
        if any(package.state != "loaded" for package in loaded.load_packages):
            raise SourceError(declaration.source, "*", "what was pulled did not land", "run again")
    except Exception as error:
        with suppress(Exception):  # on a full disk even this fails; the cause is what a person must hear of
            pipeline.abort_packages()  # half an extraction is never loaded
        with suppress(Exception):
            inventory.remove_cut_off()
        raise shapes.with_values_compared(explained(declaration.source, error)) from None
    inventory.record()
    if loaded.loads_ids:
        pipeline.set_local_state_val(_LAST_LOAD, max(loaded.loads_ids))
    drift = shapes.compared()
    shapes.remember(max(loaded.loads_ids, default=""))
    if interruptions:  # what came before it has landed, and the next pull goes on from there
        raise shapes.with_values_compared(interruptions[0])
    counts = pipeline.last_trace.last_normalize_info.row_counts if pipeline.last_trace else {}
    return Pull({table: int(counts.get(table, 0)) for table in declaration.tables}, drift, deleted, tokenised)


def _pipeline(source: str, data: DataDir) -> dlt.Pipeline:
    """The source's pipeline; a new one that reads its state from the lake when its working folder is damaged, or knows
    of a load that the lake has not: then an older copy of the lake was put back."""
    with suppress(ValueError, KeyError, TypeError):
        pipeline = _opened(source, data)
        last = pipeline.state["_local"].get(_LAST_LOAD)
        if last is None or any((data.raw / source / "_dlt_loads").glob(f"*{last}*")):
            return pipeline
    shutil.rmtree(data.dlt / f"raw_{source}", ignore_errors=True)
    return _opened(source, data)


def _opened(source: str, data: DataDir) -> dlt.Pipeline:
    return dlt.pipeline(
        pipeline_name=f"raw_{source}",
        destination=filesystem(bucket_url=data.raw.as_uri(), layout=_LAYOUT),
        dataset_name=source,
        pipelines_dir=str(data.dlt),
    )


def _source(
    declaration: SourceDeclaration, resources: Iterable[Any], tokenised: dict[str, dict[str, int]], shapes: Shapes
) -> Any:
    tokens = load_tokens(declaration.source)
    loaded_at = pa.scalar(datetime.now(UTC), pa.timestamp("us", tz="UTC"))

    def stamp_of(table: str) -> Any:
        def stamp(rows: pa.Table) -> pa.Table:
            if rows.num_columns > _MOST_COLUMNS:  # once taken, every later night would carry them
                raise SourceError(
                    declaration.source,
                    table,
                    f"{rows.num_columns:,} columns at once, at most {_MOST_COLUMNS:,} are taken",
                    f"ask {declaration.owner} what was delivered",
                )
            return rows.append_column(LOADED_AT, pa.repeat(loaded_at, rows.num_rows))

        return stamp

    # A column that changes its type is refused: in the lake it would break every night to come.
    @dlt.source(name=declaration.source, max_table_nesting=0, schema_contract={"data_type": "freeze"})
    def source() -> Any:
        for resource in resources:
            with_tokens = add_tokens(resource, declaration, tokens, tokenised)
            if resource.name in declaration.tables:
                with_tokens = with_tokens.add_map(shapes.observer(resource.name))
            yield with_tokens.add_map(stamp_of(resource.name))

    return source()


def _connector(kind: str, data: DataDir, deleted: dict[str, int]) -> Any:
    if kind == "sql":
        from orchestration.raw.sql import sql_resources

        return partial(sql_resources, raw=data.raw, deleted=deleted)
    if kind == "files":
        from orchestration.raw.files.connector import file_resources

        return file_resources
    if kind == "sheet":
        from orchestration.raw.sheet import sheet_resources

        return sheet_resources
    from orchestration.raw.rest import rest_resources

    return rest_resources
