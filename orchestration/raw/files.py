"""Connector `files`: CSV, JSON lines and Parquet drops; each file is loaded once, a changed file again.

Every CSV and JSON value arrives as text: what it means is decided in staging. A line that can't be read is
kept whole in `_unreadable`, with the other columns empty, so that nothing is lost before the gate.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa

from orchestration.lake import sql_identifier, sql_literal
from orchestration.raw.declaration.files import FileSet, FilesSource
from orchestration.raw.errors import SourceError
from orchestration.redact import without_values

_MAX_LINE_BYTES = 32 * 1024 * 1024


def file_resources(declaration: FilesSource, interruptions: list[SourceError]) -> Iterator[Any]:
    """One dlt resource per declared set of files."""
    for name, table in declaration.tables.items():
        yield dlt.resource(_new_files, name=name, write_disposition="append")(declaration, name, table)


def _new_files(declaration: FilesSource, name: str, table: FileSet) -> Iterator[pa.Table]:
    folder = Path(declaration.resolve(declaration.location))
    paths = sorted(path for path in folder.glob(table.path) if path.is_file())
    if not paths:
        raise SourceError(
            declaration.source,
            name,
            f"no file matches {table.path} in {folder.name}/",
            f"ask {declaration.owner} to deliver it, or correct path in {declaration.source}.yml",
        )
    loaded: dict[str, dict[str, Any]] = dlt.current.resource_state().setdefault("files", {})
    readers = {"csv": _read_csv, "jsonl": _read_jsonl, "parquet": _read_parquet}
    for path in paths:
        relative = path.relative_to(folder).as_posix()
        known = loaded.get(relative)
        stat = path.stat()
        seen = {"size": stat.st_size, "modified_ns": stat.st_mtime_ns}
        if known and {key: known[key] for key in seen} == seen:
            continue
        seen["sha256"] = _sha256(path)
        if not known or known["sha256"] != seen["sha256"]:
            try:
                rows = readers[table.format](path, declaration, name, table)
            except (duckdb.Error, pa.ArrowException) as error:
                reason = str(error).splitlines()[0]
                raise SourceError(
                    declaration.source,
                    name,
                    f"{relative} can't be read as {table.format} ({type(error).__name__}: {without_values(reason)})",
                    f"ask {declaration.owner} to deliver the file again",
                ) from None
            if rows.num_rows:
                yield rows.append_column("_source_file", pa.repeat(pa.scalar(relative), rows.num_rows))
        loaded[relative] = seen


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _as_one_file(path: Path) -> str:
    """The path as a SQL literal that names this file only: DuckDB takes [, * and ? for a pattern."""
    return sql_literal(re.sub(r"([\[*?])", r"[\1]", str(path)))


def _require_columns(declaration: FilesSource, name: str, expected: list[str], found: list[str], path: Path) -> None:
    missing = [column for column in expected if column not in found]
    if missing:
        raise SourceError(
            declaration.source,
            name,
            f"column {', '.join(missing)} is missing in {path.name}",
            f"ask {declaration.owner} to deliver the file again with it, or change {declaration.source}.yml"
            " and its staging model",
        )


def _read_csv(path: Path, declaration: FilesSource, name: str, table: FileSet) -> pa.Table:
    source = (
        f"read_csv({_as_one_file(path)}, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"'"
    )
    with duckdb.connect() as connection:
        header = [row[0] for row in connection.sql(f"describe from {source}, ignore_errors = true)").fetchall()]
        _require_columns(declaration, name, table.columns, header, path)
        rows = connection.sql(
            f"select *, cast(null as varchar) as _unreadable from {source}, store_rejects = true,"
            f" max_line_size = {_MAX_LINE_BYTES})"
        ).to_arrow_table()
        rejected = connection.sql(
            "select distinct line, csv_line as _unreadable from reject_errors order by line"
        ).to_arrow_table()
    return pa.concat_tables([rows, rejected.drop_columns("line")], promote_options="default")


def _read_jsonl(path: Path, declaration: FilesSource, name: str, table: FileSet) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create temp table lines as
            select line, case when json_valid(line) then json_type(line) = 'OBJECT' else false end as is_object
            from read_csv({_as_one_file(path)}, columns = {{'line': 'VARCHAR'}}, header = false, delim = '\x01',
                quote = '', escape = '', store_rejects = true, max_line_size = {_MAX_LINE_BYTES})
            where trim(line) <> '';
            insert into lines
            select csv_line, false from (select distinct line, csv_line from reject_errors order by line)
            """
        )
        found = [
            row[0]
            for row in connection.sql(
                "select distinct unnest(json_keys(line)) as key from lines where is_object order by key"
            ).fetchall()
        ]
        if found:
            _require_columns(declaration, name, table.columns, found, path)
        columns = [*table.columns, *(key for key in found if key not in table.columns)]
        paths = "[" + ", ".join(sql_literal(f'$."{column}"') for column in columns) + "]"
        picked = ", ".join(
            f"extracted[{position}] as {sql_identifier(column)}" for position, column in enumerate(columns, start=1)
        )
        return connection.sql(
            f"""
            select {picked}, case when not is_object then line end as _unreadable
            from (
                select line, is_object,
                    case when is_object then json_extract_string(line, {paths}) end as extracted
                from lines
            )
            """
        ).to_arrow_table()


def _read_parquet(path: Path, declaration: FilesSource, name: str, table: FileSet) -> pa.Table:
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"select *, cast(null as varchar) as _unreadable from read_parquet({_as_one_file(path)})"
        ).to_arrow_table()
    _require_columns(declaration, name, table.columns, rows.column_names, path)
    return rows


def as_text(value: Any) -> str | None:
    """A JSON value as the text kept in raw: strings as they are, the rest as compact JSON, null as null."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
