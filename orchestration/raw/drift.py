"""How the columns of a source change from pull to pull: added, removed, renamed, retyped. Kept beside the lake's rows.

Belongs here: watching the rows on their way in, comparing with the last pull, the record of it. Does not belong here:
missing declared columns, which `shape.py` refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.contracts import SEEN_COLUMNS
from orchestration.lake import replace_durably, sql_identifier, sql_literal
from orchestration.paths import DataDir
from orchestration.raw.declaration.schema import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.shape import MissingColumnsError, likely_renames

_SAMPLE = 1_000
_FILES_COMPARED = 5


@dataclass(frozen=True)
class Drift:
    """A table's columns beside those of the last pull that brought rows.

    Args:
        columns: columns now, with their types; those of the last pull when this one brought no rows.
        undeclared: columns that the declaration neither lists nor ignores: they are kept in raw and used by nobody.
        added, removed: since the last pull; what is taken for a rename is in neither.
        renamed: old name to likely new name.
        retyped: column to (type before, type now).
    """

    columns: Mapping[str, str]
    undeclared: Sequence[str] = ()
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    retyped: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """One line for a person; empty when nothing changed and every column is declared."""
        parts = [f"{new} is new and {old} is gone: was it renamed?" for old, new in self.renamed.items()]
        parts += [f"{name} changed from {before} to {now}" for name, (before, now) in self.retyped.items()]
        parts += [f"{', '.join(self.removed)} no longer comes"] if self.removed else []
        unsaid = [name for name in self.undeclared if name not in self.renamed.values()]
        parts += [f"{', '.join(unsaid)} is declared nowhere, so nothing uses it"] if unsaid else []
        return "; ".join(parts)


class Shapes:
    """The columns of one source's tables, as the rows of one pull come by.

    Args:
        declaration: the source.
        data: the data folder; the record is `lake/shapes/<source>.parquet`.

    Raises:
        SourceError: the record is damaged.
    """

    def __init__(self, declaration: SourceDeclaration, data: DataDir) -> None:
        self.declaration, self.data = declaration, data
        self._record = data.lake / "shapes" / f"{declaration.source}.parquet"
        self._before = _last_pull(self._kept())
        self._seen: dict[str, dict[str, str]] = {}
        self._samples: dict[str, dict[str, pa.ChunkedArray]] = {}

    def observer(self, table_name: str) -> Callable[[pa.Table], pa.Table]:
        """A map for a dlt resource: rows go through it unchanged."""

        def observe(rows: pa.Table) -> pa.Table:
            seen = self._seen.setdefault(table_name, {})
            samples = self._samples.setdefault(table_name, {})
            known = self._before.get(table_name, {})
            for column in rows.schema:
                if column.name.startswith("_"):
                    continue
                if not pa.types.is_null(column.type) or column.name not in seen:
                    seen[column.name] = str(column.type)
                if known and column.name not in known and column.name not in samples:
                    samples[column.name] = rows.column(column.name).slice(0, _SAMPLE)
            return rows

        return observe

    def compared(self) -> dict[str, Drift]:
        """The drift of every declared table, tonight's rows beside those of the last pull."""
        return {name: self._compared(name) for name in self.declaration.tables}

    def remember(self, load_id: str) -> None:
        """Keep tonight's columns: each with its type and the first and last load that had it."""
        if not self._seen:
            return
        tonight = [
            {
                "table_name": table,
                "column_name": column,
                "type": kind,
                "first_load_id": load_id,
                "last_load_id": load_id,
            }
            for table, columns in self._seen.items()
            for column, kind in columns.items()
        ]
        record = {(row["table_name"], row["column_name"], row["type"]): row for row in self._kept()}
        for row in tonight:
            key = (row["table_name"], row["column_name"], row["type"])
            record[key] = row | {"first_load_id": record.get(key, row)["first_load_id"]}
        self._record.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._record.with_name(f".{self._record.name}.unfinished")
        pq.write_table(pa.Table.from_pylist([record[key] for key in sorted(record)], SEEN_COLUMNS), unfinished)
        replace_durably(unfinished, self._record)

    def with_values_compared(self, error: Exception) -> Exception:
        """A refusal for missing columns with a better guess: new columns only, and their values beside the lake's."""
        if not isinstance(error, MissingColumnsError):
            return error
        known = self._before.get(error.table, {})
        candidates = [name for name in error.candidates if name not in known]
        samples = {
            name: error.sample.column(name).slice(0, _SAMPLE)
            for name in candidates
            if error.sample is not None and name in error.sample.column_names
        }
        renamed = self._renames(error.table, error.missing, candidates, samples)
        return MissingColumnsError(
            error.declaration, error.table, error.missing, candidates, error.where, renamed, error.sample
        )

    def _kept(self) -> list[dict[str, str]]:
        try:
            return pq.read_table(self._record).to_pylist() if self._record.exists() else []
        except pa.ArrowException:
            raise SourceError(
                self.declaration.source,
                "*",
                f"lake/shapes/{self._record.name} is damaged",
                "bring it back from the backup of the data folder; without one, remove it (which columns came when is"
                " lost) and run again",
            ) from None

    def _compared(self, name: str) -> Drift:
        table, before, now = self.declaration.tables[name], self._before.get(name, {}), self._seen.get(name)
        columns = now if now is not None else before
        undeclared = tuple(sorted(set(columns) - set(table.columns) - set(table.ignored)))
        if now is None or not before:
            return Drift(columns, undeclared)
        gone = sorted(set(before) - set(now) - set(table.ignored))
        new = sorted(set(now) - set(before))
        renamed = self._renames(name, gone, new, self._samples.get(name, {}))
        return Drift(
            columns=now,
            undeclared=undeclared,
            added=tuple(column for column in new if column not in renamed.values()),
            removed=tuple(column for column in gone if column not in renamed),
            renamed=renamed,
            retyped={
                column: (before[column], now[column])
                for column in sorted(set(before) & set(now))
                if before[column] != now[column] and "null" not in (before[column], now[column])
            },
        )

    def _renames(
        self, table: str, gone: Sequence[str], new: Sequence[str], samples: Mapping[str, pa.ChunkedArray]
    ) -> dict[str, str]:
        said = {name: _texts(sample) for name, sample in samples.items()}
        held = {name: self._held(table, name) for name in gone} if said else {}
        return likely_renames(
            gone, new, {(old, name): (held[old], said[name]) for old in held for name in said if name in new}
        )

    def _held(self, table: str, column: str) -> list[str]:
        """Some values that the newest files of the lake hold in a column; for comparing, never for keeping."""
        files = sorted((self.data.raw / self.declaration.source / table).glob("*.parquet"))[-_FILES_COMPARED:]
        listed = ", ".join(sql_literal(path) for path in files)
        try:
            with duckdb.connect() as connection:
                rows = connection.sql(
                    f"select distinct cast({sql_identifier(column)} as varchar)"
                    f" from read_parquet([{listed}], union_by_name = true)"
                    f" where {sql_identifier(column)} is not null order by 1 limit {20 * _SAMPLE}"
                ).fetchall()
        except duckdb.Error:
            return []  # no file has it: there is nothing to compare with
        return [value for (value,) in rows]


def _texts(sample: pa.ChunkedArray) -> list[str]:
    return [str(value) for value in sample.drop_null().unique().to_pylist()]


def _last_pull(rows: Sequence[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Columns and types of each table's last pull that brought rows."""
    last: dict[str, str] = {}
    for row in rows:
        last[row["table_name"]] = max(last.get(row["table_name"], ""), row["last_load_id"])
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["last_load_id"] == last[row["table_name"]]:
            found.setdefault(row["table_name"], {})[row["column_name"]] = row["type"]
    return found
