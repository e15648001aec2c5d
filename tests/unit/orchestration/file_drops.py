"""What the tests of connector `files` share: a declaration, and one file read as the connector reads it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.raw.declaration import SourceDeclaration, validate_declaration
from orchestration.raw.files.content import Content
from orchestration.raw.files.listing import Found, LocalFolder
from orchestration.raw.files.rows import checked_rows


def declare(location: str = "${DROP}", s3: dict | None = None, **tables: dict) -> SourceDeclaration:
    return validate_declaration(
        {
            "source": "drop",
            "description": "",
            "connector": "files",
            "owner": "team@example.com",
            "party_data_class": "first",
            "location": location,
            "tables": {
                name: {"description": "", "path": f"{name}*", "columns": ["id", "name"], "key": ["id"]} | table
                for name, table in tables.items()
            },
        }
        | ({"s3": s3} if s3 else {})
    )


def read_table(path: Path, *, held_bytes: int = 2**28, **table: Any) -> pa.Table:
    """The rows of one file; `held_bytes` as small as 0 takes the way of files that are too large to wait in memory."""
    declaration = declare(people=table)
    content = Content(
        LocalFolder(declaration, str(path.parent)),
        Found(path.name, path.stat().st_size, path.stat().st_mtime_ns),
        held_bytes,
    )
    pieces = list(
        checked_rows(content, declaration, "people", declaration.tables["people"], lambda rows: None, held_bytes)
    )
    return pa.concat_tables(pieces, promote_options="default") if pieces else pa.table({})


def read(path: Path, **table: Any) -> list[dict[str, Any]]:
    return read_table(path, **table).to_pylist()


def good(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: row[key] for key in row if key != "_unreadable"} for row in rows if row["_unreadable"] is None]


def unreadable(rows: list[dict[str, Any]]) -> list[str]:
    return [row["_unreadable"] for row in rows if row["_unreadable"] is not None]
