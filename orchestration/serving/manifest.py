"""What a publication says of itself: which run and night, and each table's rows, checksum, columns and key.

It is kept as JSON beside the file, and inside of it as the view `marts.publication`, so that a reader knows in the
same transaction what it reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from orchestration.lake import sql_identifier, sql_literal

VIEW = "publication"
_COMMENT = "One row per published table: of which publication, run and night it is, its rows and its checksum."


class ManifestError(Exception):
    """A manifest can't be read; one line that names it."""


@dataclass(frozen=True)
class Keys:
    """What a table is found by.

    Args:
        key: columns that are never empty and never twice.
        indexed: columns that lead to another table.
        references: of them, those that always do: (column, other table, its column).
    """

    key: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """One table as published.

    Args:
        rows: how many.
        checksum: of all rows in any order; see `measured`.
        columns: (name, type of DuckDB) in the table's order.
        key: see `Keys`.
        indexed: see `Keys`.
        references: see `Keys`.
    """

    rows: int
    checksum: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...] = ()
    indexed: tuple[str, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Manifest:
    """A publication.

    Args:
        number: counts up with every publication of this data folder.
        run_id: the run that published it.
        as_of: the night it speaks for.
        published_at: UTC, seconds.
        tables: by name.
        made_with: version of DuckDB; checksums of another version need not agree.
        sha256: digest of the file; empty while the file is not finished.
        size: bytes of the file.
    """

    number: int
    run_id: str
    as_of: date
    published_at: datetime
    tables: Mapping[str, Table]
    made_with: str = duckdb.__version__
    sha256: str = ""
    size: int = 0

    @property
    def name(self) -> str:
        """Name of its folder: they sort in the order of publication."""
        return f"{self.number:06d}_{self.as_of}_{self.run_id[:8]}"

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> str:
        """The manifest as a file holds it."""
        plain = {"publication": self.name, **asdict(self), "tables": {k: asdict(v) for k, v in self.tables.items()}}
        return json.dumps(plain | {"as_of": str(self.as_of), "published_at": self.published_at.isoformat()}, indent=1)


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises:
        ManifestError: it is not there, not whole, or of another kind.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        tables = {
            name: Table(
                rows=int(one["rows"]),
                checksum=str(one["checksum"]),
                columns=tuple((str(column), str(kind)) for column, kind in one["columns"]),
                key=tuple(one["key"]),
                indexed=tuple(one["indexed"]),
                references=tuple(tuple(map(str, one_of)) for one_of in one.get("references", [])),
            )
            for name, one in said["tables"].items()
        }
        return Manifest(
            number=int(said["number"]),
            run_id=str(said["run_id"]),
            as_of=date.fromisoformat(said["as_of"]),
            published_at=datetime.fromisoformat(said["published_at"]),
            tables=tables,
            made_with=str(said["made_with"]),
            sha256=str(said["sha256"]),
            size=int(said["size"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(
            f"{path.parent.name}/{path.name} is damaged or lacks something ({type(error).__name__})"
        ) from None


def measured(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> tuple[int, str]:
    """(rows, checksum) of a table, whatever the order of its rows.

    The checksum is the sum of DuckDB's 64-bit hashes of all rows, in hexadecimal: a row that is lost, doubled or
    changed in one value changes it. It guards against accidents, not against somebody who forges a table.

    Args:
        connection: where the table is.
        table: its qualified name, quoted where needed.
        columns: all of them, in their order.
    """
    values = ", ".join(sql_identifier(column) for column in columns)
    rows, total = connection.execute(f"select count(*), coalesce(sum(hash({values})), 0) from {table}").fetchone()
    return int(rows), f"{int(total):032x}"


def view_statements(manifest: Manifest) -> list[str]:
    """SQL that makes the view in a file whose tables are there already."""
    rows = ",\n".join(
        f"({sql_literal(manifest.name)}, {manifest.number}::bigint, {sql_literal(manifest.run_id)},"
        f" date '{manifest.as_of}', timestamp '{manifest.published_at:%Y-%m-%d %H:%M:%S}', {sql_literal(name)},"
        f" {table.rows}::bigint, '{table.checksum}')"
        for name, table in sorted(manifest.tables.items())
    )
    columns = "publication, number, run_id, as_of, published_at, table_name, row_count, checksum"
    return [
        f"create view marts.{VIEW} as select * from (values {rows}) as published({columns})",
        f"comment on view marts.{VIEW} is {sql_literal(_COMMENT)}",
    ]
