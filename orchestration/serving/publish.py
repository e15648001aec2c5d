"""Copies the marts into a new file, proves that they arrived, and puts it in place by one rename.

A reader that has the old file open keeps reading the old night; one that opens it after sees the new night.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from orchestration.lake import file_digest, replace_durably, sql_identifier, sql_literal
from orchestration.serving.kept import Kept
from orchestration.serving.manifest import VIEW, Keys, Manifest, Table, measured, view_statements


class PublishError(Exception):
    """The new file is not what the marts say; the published one was left as it is."""


@dataclass(frozen=True)
class Night:
    """run_id: the run that publishes. as_of: the night it speaks for."""

    run_id: str
    as_of: date


@dataclass(frozen=True)
class Steps:
    """What others do around the swap, each of them whole or not at all.

    Args:
        before: called with the finished file and its digest; what must lie ready before it is published.
        companions: files that `before` laid ready and that are kept with the publication, by the name kept under.
        elsewhere: called with the finished file and its manifest just before the rename: a publication elsewhere
            that the rename only notes.
        after: called with the digest once the file is in place.
    """

    before: Callable[[Path, str], None] = lambda file, digest: None
    companions: Mapping[str, Path] | None = None
    elsewhere: Callable[[Path, Manifest], None] = lambda file, manifest: None
    after: Callable[[str], None] = lambda digest: None


def publish(
    warehouse: Path, kept: Kept, night: Night, tables: Mapping[str, Keys], steps: Steps | None = None
) -> Manifest:
    """Replace the published file by the marts of `warehouse` that `tables` names, and no other; keep it as well.

    Killed anywhere, there is one whole publication: the old one before the rename, the new one after it.

    Raises:
        PublishError: a mart is not there, or arrived with other rows than it has.
    """
    steps = steps or Steps()
    kept.settle()
    unfinished = kept.unfinished
    for leftover in (unfinished, unfinished.with_name(unfinished.name + ".wal")):
        leftover.unlink(missing_ok=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    manifest = _build(warehouse, unfinished, kept.next_number(), night, tables)
    steps.before(unfinished, manifest.sha256)
    kept.lay_ready(unfinished, manifest, steps.companions or {})
    steps.elsewhere(unfinished, manifest)
    replace_durably(unfinished, kept.served)
    steps.after(manifest.sha256)
    kept.settle(manifest.sha256)
    kept.prune()
    return manifest


def _build(warehouse: Path, unfinished: Path, number: int, night: Night, tables: Mapping[str, Keys]) -> Manifest:
    with duckdb.connect(str(unfinished)) as connection:
        connection.execute(f"attach {sql_literal(warehouse)} as warehouse (read_only)")
        built = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = 'marts'"
            ).fetchall()
        }
        missing = sorted(set(tables) - built)
        if missing:
            raise PublishError(f"the warehouse lacks marts: {', '.join(missing)}; run the whole job nightly")
        if VIEW in tables:
            raise PublishError(f"no mart may be named {VIEW}: the publication tells of itself under that name")
        connection.execute("create schema marts")
        copied = {table: _copy(connection, table, tables[table]) for table in sorted(tables)}
        connection.execute("detach warehouse")
        manifest = Manifest(
            number, night.run_id, night.as_of, datetime.now(UTC).replace(tzinfo=None, microsecond=0), copied
        )
        for statement in view_statements(manifest):
            connection.execute(statement)
        connection.execute("checkpoint")
    return replace(manifest, sha256=file_digest(unfinished), size=unfinished.stat().st_size)


def _copy(connection: duckdb.DuckDBPyConnection, table: str, keys: Keys) -> Table:
    name = sql_identifier(table)
    connection.execute(f"create table marts.{name} as from warehouse.marts.{name}")
    of_table = "where database_name = 'warehouse' and schema_name = 'marts' and table_name = $1 and comment is not null"
    comments = connection.execute(
        f"select null, comment from duckdb_tables() {of_table}"
        f" union all select column_name, comment from duckdb_columns() {of_table}",
        [table],
    ).fetchall()
    targets = [
        (f"table marts.{name}" if column is None else f"column marts.{name}.{sql_identifier(column)}", comment)
        for column, comment in comments
    ]
    statements = [f"comment on {target} is {sql_literal(comment)};" for target, comment in targets]
    connection.execute(f"begin; {' '.join(statements)} commit")  # one transaction: each of its own takes its time
    columns = connection.execute(f"select column_name, column_type from (describe warehouse.marts.{name})").fetchall()
    names = [column for column, _ in columns]
    wanted, found = (measured(connection, f"{where}marts.{name}", names) for where in ("warehouse.", ""))
    if wanted[0] != found[0]:
        raise PublishError(f"{table}: {wanted[0]} rows in the warehouse, {found[0]} in the new serving file")
    if wanted != found:
        raise PublishError(f"{table}: the rows in the new serving file are not those of the warehouse (checksum)")
    return Table(*found, tuple(columns), keys.key, keys.indexed, keys.references)
