"""Stage raw as assets: one step per source, one asset per table."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.drift import Drift
from orchestration.raw.errors import SourceError
from orchestration.raw.landed import DELETIONS

# Only what can pass by itself is tried again: a network hiccup or an overloaded API, not a wrong password.
_RETRIES = dg.RetryPolicy(max_retries=2, delay=3, backoff=dg.Backoff.EXPONENTIAL)


def build_source(declaration: SourceDeclaration) -> dg.AssetsDefinition:
    """The raw tables of one source system, pulled together."""

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
        check_specs=list(_check_specs(declaration)),
        retry_policy=_RETRIES,
        pool=f"source_{declaration.source}",
    )
    def source_tables(context: dg.AssetExecutionContext, lake: Lake) -> Iterator[dg.MaterializeResult]:
        from orchestration.raw.freshness import today
        from orchestration.raw.load import pull

        try:
            day = today()
        except ValueError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        try:
            pulled = pull(declaration, lake.data)
        except SourceError as error:
            raise dg.Failure(description=str(error), allow_retries=error.is_transient) from None
        context.log.info(f"{sum(pulled.rows.values()):,} new rows")
        for table, rows in pulled.rows.items():
            noticed = {"deleted_at_source": pulled.deleted[table]} if table in pulled.deleted else {}
            yield dg.MaterializeResult(
                asset_key=["raw", declaration.source, table],
                metadata={
                    "dagster/row_count": rows,
                    "new_rows": rows,
                    "tokenised": dg.MetadataValue.json(pulled.tokenised.get(table, {})),
                }
                | noticed,
                check_results=list(_check_results(declaration, table, pulled.drift[table], lake.data, day)),
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


def _check_specs(declaration: SourceDeclaration) -> Iterator[dg.AssetCheckSpec]:
    for name, table in declaration.tables.items():
        key = dg.AssetKey(["raw", declaration.source, name])
        yield dg.AssetCheckSpec(
            "schema", asset=key, description="Are the columns those of the last pull, and declared?"
        )
        if table.freshness:
            promise = table.freshness
            yield dg.AssetCheckSpec(
                "freshness",
                asset=key,
                description=f"Is the newest {promise.column} as young as {declaration.owner} promised?",
                blocking=promise.severity == "block",
            )


def _check_results(
    declaration: SourceDeclaration, name: str, drift: Drift, data: DataDir, day: date
) -> Iterator[dg.AssetCheckResult]:
    from orchestration.raw.freshness import age, in_words

    key = dg.AssetKey(["raw", declaration.source, name])
    metadata: dict[str, Any] = {"columns": len(drift.columns)}
    if drift.message:
        metadata["changes"] = dg.MetadataValue.md(_changes(drift))
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name="schema",
        passed=not drift.message,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{declaration.source}.{name}: {drift.message}" if drift.message else None,
        metadata=metadata,
    )
    promise = declaration.tables[name].freshness
    if promise:
        found = age(declaration, name, data, day)
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name="freshness",
            passed=found.is_kept,
            severity=dg.AssetCheckSeverity.ERROR if promise.severity == "block" else dg.AssetCheckSeverity.WARN,
            description=found.message or None,
            metadata={"newest": str(found.newest), "promised": in_words(promise.within), "today": str(day)},
        )


def _changes(drift: Drift) -> str:
    rows = [(name, "", drift.columns.get(name, ""), "added") for name in drift.added]
    rows += [(name, "", "", "removed") for name in drift.removed]
    rows += [(new, old, drift.columns.get(new, ""), f"renamed from {old}?") for old, new in drift.renamed.items()]
    rows += [(name, before, now, "retyped") for name, (before, now) in drift.retyped.items()]
    known = {row[0] for row in rows}
    rows += [(name, "", drift.columns[name], "not declared") for name in drift.undeclared if name not in known]
    lines = [f"| {name} | {before} | {now} | {what} |" for name, before, now, what in rows]
    return "\n".join(["| column | before | now | change |", "|---|---|---|---|", *lines])
