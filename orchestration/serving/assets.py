"""Publishing as assets: `serving.duckdb`, and the same publication in PostgreSQL."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.dbt import WAREHOUSE_POOL
from orchestration.identity.gate import refuse_unjudged
from orchestration.identity.published import kept_with, prepare
from orchestration.identity.published import settle as settle_identity
from orchestration.lake import Lake, file_digest
from orchestration.serving.declaration import DSN, DUCKDB, ServingDeclaration, postgres_address, serves_duckdb
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.manifest import Keys, Manifest
from orchestration.serving.postgres import Loaded, Postgres, PostgresError
from orchestration.serving.publish import Night, PublishError, Steps, publish
from orchestration.serving.put_back import rolled_back_before

_OWNER = "data-engineering@example.com"
_DUCKDB_KEY, _POSTGRES_KEY = dg.AssetKey(["serving", "serving_duckdb"]), dg.AssetKey(["serving", "serving_postgres"])


def build_publication(marts: list[dg.AssetKey], keys: Mapping[str, Keys], declared: ServingDeclaration) -> list[Any]:
    """The assets of both targets.

    Args:
        marts: the tables that are published, and no other.
        keys: their keys, by name.
        declared: what serving.yml says.
    """
    tables = {mart.path[-1]: keys.get(mart.path[-1], Keys()) for mart in marts}

    @dg.asset(
        key=_DUCKDB_KEY,
        group_name="serving",
        owners=[_OWNER],
        kinds={"duckdb"},
        deps=[*marts, dg.AssetKey(["identity", "impact"])],
        pool=WAREHOUSE_POOL,
    )
    def serving_duckdb(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
        """`serving.duckdb`: the marts and nothing else. Readers see last night or tonight, never a mix."""
        refuse_unjudged(lake)
        if not serves_duckdb():
            return dg.MaterializeResult(metadata={"target": f"off ({DUCKDB}=off): see serving/serving_postgres"})
        kept = Kept.of(lake.data, declared.keep)
        manifest = _publish(context, lake, kept, tables)
        return dg.MaterializeResult(metadata=_about(kept, manifest))

    @dg.asset(
        key=_POSTGRES_KEY,
        group_name="serving",
        owners=[_OWNER],
        kinds={"postgres"},
        deps=[_DUCKDB_KEY],
        pool=WAREHOUSE_POOL,
        output_required=False,
    )
    def serving_postgres(context: dg.AssetExecutionContext, lake: Lake) -> Any:
        """The published tables in PostgreSQL, for who reads there. Readers see one publication whole, never a mix."""
        address = postgres_address()
        if address is None:
            context.log.info(f"PostgreSQL is off: no {DSN}")
            return
        postgres, kept = Postgres(address, declared.postgres), Kept.of(lake.data, declared.keep)
        loaded: list[Loaded] = []
        try:
            if serves_duckdb():
                manifest, file = _current(kept)
                loaded.append(postgres.publish(file, manifest))
            else:
                refuse_unjudged(lake)
                manifest = _publish(
                    context, lake, kept, tables, lambda file, made: loaded.append(postgres.publish(file, made))
                )
            about = _about_postgres(postgres, declared, manifest, loaded[0])
        except PostgresError as error:
            also = f" ({lake.data.serving.name} has tonight's all the same)" if serves_duckdb() else ""
            raise dg.Failure(description=f"{error}{also}", allow_retries=False) from None
        for note in loaded[0].notes:
            context.log.warning(note)
        yield dg.MaterializeResult(metadata=about)

    return [serving_duckdb, serving_postgres]


def _publish(
    context: dg.AssetExecutionContext,
    lake: Lake,
    kept: Kept,
    tables: Mapping[str, Keys],
    elsewhere: Any = lambda file, manifest: None,
) -> Manifest:
    with lake.warehouse() as warehouse:
        night = Night(context.run_id, lake.as_of(warehouse))
    steps = Steps(
        before=lambda file, digest: prepare(lake, file, digest),
        companions=kept_with(lake),
        elsewhere=elsewhere,
        after=lambda digest: settle_identity(lake, digest),
    )
    try:
        return publish(lake.data.warehouse, kept, night, tables, steps)
    except PublishError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None


def _current(kept: Kept) -> tuple[Manifest, Path]:
    manifest = kept.current()
    if manifest is None or file_digest(kept.path(manifest) / FILE) != manifest.sha256:
        raise PostgresError(
            "what is published is not kept whole, so it can't be loaded into PostgreSQL. Remedy: make nightly"
            " ARGS='--select group:serving', which publishes it anew"
        )
    return manifest, kept.path(manifest) / FILE


def _about(kept: Kept, manifest: Manifest) -> dict[str, Any]:
    taken_back = rolled_back_before(kept, manifest)
    return {
        "dagster/row_count": manifest.rows,
        "publication": manifest.name,
        "path": dg.MetadataValue.path(str(kept.served)),
        "size_mb": round(manifest.size / 1e6, 1),
        "kept": len(kept.all()),
        "kept_mb": round(kept.size() / 1e6, 1),
        **({"rolled_back_before": "; ".join(taken_back)} if taken_back else {}),
        **{f"rows_{name}": table.rows for name, table in manifest.tables.items()},
    }


def _about_postgres(
    postgres: Postgres, declared: ServingDeclaration, manifest: Manifest, loaded: Loaded
) -> dict[str, Any]:
    return {
        "dagster/row_count": loaded.rows,
        "publication": manifest.name,
        "database": postgres.where,
        "schema": declared.postgres.schema_name,
        "reader_role": declared.postgres.reader_role,
        "seconds": round(loaded.seconds, 1),
        "seconds_waited_for_readers": round(loaded.waited_s, 1),
        **({"to_do": dg.MetadataValue.md("\n".join(f"- {note}" for note in loaded.notes))} if loaded.notes else {}),
        **{f"rows_{name}": table.rows for name, table in manifest.tables.items()},
    }
