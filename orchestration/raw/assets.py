"""Stage raw as assets: one step per source, one asset per table."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lake import Lake
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.landed import DELETIONS

# Only what can pass by itself is tried again: a network hiccup or an overloaded API, not a wrong password.
_RETRIES = dg.RetryPolicy(max_retries=2, delay=3, backoff=dg.Backoff.EXPONENTIAL)


def build_source(declaration: SourceDeclaration) -> dg.AssetsDefinition:
    """The raw tables of one source system, pulled together: all of them land, or none."""

    compares_keys = any(getattr(table, "compare_keys", None) is not None for table in declaration.tables.values())

    @dg.multi_asset(
        name=f"raw_{declaration.source}",
        specs=[
            dg.AssetSpec(
                key=["raw", declaration.source, name],
                group_name="raw",
                description=f"{table.description} ({declaration.description})",
                owners=[declaration.owner],
                kinds={"dlt", "parquet"},
                tags={"connector": declaration.connector, "party_data_class": declaration.party_data_class},
                metadata={"key": ", ".join(table.key), "columns": table.columns},
            )
            for name, table in declaration.tables.items()
        ]
        + [_deletions(declaration)] * compares_keys,
        retry_policy=_RETRIES,
        pool=f"source_{declaration.source}",
    )
    def source_tables(context: dg.AssetExecutionContext, lake: Lake) -> Iterator[dg.MaterializeResult]:
        from orchestration.raw.load import pull

        try:
            pulled = pull(declaration, lake.data)
        except SourceError as error:
            raise dg.Failure(description=str(error), allow_retries=error.is_transient) from None
        context.log.info(f"{sum(pulled.rows.values()):,} new rows")
        for table, rows in pulled.rows.items():
            noticed = {"deleted_at_source": pulled.deleted[table]} if table in pulled.deleted else {}
            yield dg.MaterializeResult(
                asset_key=["raw", declaration.source, table],
                metadata={"dagster/row_count": rows, "new_rows": rows} | noticed,
            )
        if compares_keys:
            yield dg.MaterializeResult(
                asset_key=["raw", declaration.source, DELETIONS],
                metadata={"new_rows": 0, "deleted_at_source": sum(pulled.deleted.values())},
            )

    return source_tables


def _deletions(declaration: SourceDeclaration) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=["raw", declaration.source, DELETIONS],
        group_name="raw",
        description=f"Keys that {declaration.source} deleted, or that came back; staging leaves deleted ones out.",
        owners=[declaration.owner],
        kinds={"dlt", "parquet"},
        tags={"connector": declaration.connector, "party_data_class": declaration.party_data_class},
    )
