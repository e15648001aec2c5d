"""Stage raw as assets: one step per source, one asset per table."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lake import Lake
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError

# Only what can pass by itself is tried again: a network hiccup or an overloaded API, not a wrong password.
_RETRIES = dg.RetryPolicy(max_retries=2, delay=3, backoff=dg.Backoff.EXPONENTIAL)


def build_source(declaration: SourceDeclaration) -> dg.AssetsDefinition:
    """The raw tables of one source system, pulled together: all of them land, or none."""

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
        ],
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
            yield dg.MaterializeResult(
                asset_key=["raw", declaration.source, table],
                metadata={
                    "dagster/row_count": rows,
                    "new_rows": rows,
                    "tokenised": dg.MetadataValue.json(pulled.tokenised.get(table, {})),
                },
            )

    return source_tables
