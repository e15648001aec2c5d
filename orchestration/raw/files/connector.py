"""The resources of connector `files`: which files are new, and what becomes of one that can't be loaded.

Every value of CSV, JSON lines and Excel arrives as text: what it means is decided in staging. A line that can't be
read is kept whole in `_unreadable`, with the other columns empty, so that nothing is lost before the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import pyarrow as pa

from orchestration.raw.declaration.files import FileSet, FilesSource
from orchestration.raw.errors import SourceError
from orchestration.raw.files.content import Content
from orchestration.raw.files.deliveries import Deliveries
from orchestration.raw.files.listing import Folder, Found
from orchestration.raw.files.location import folder_of
from orchestration.raw.files.refusal import ColumnsMissing, FileRefused
from orchestration.raw.files.rows import checked_rows
from orchestration.raw.files.types import same_types
from orchestration.raw.notes import SOURCE_FILE
from orchestration.raw.tokens import keyed_digest


def file_resources(declaration: FilesSource, interruptions: list[SourceError]) -> Iterator[Any]:
    """One dlt resource per declared set of files.

    A file that is refused does not keep out the others: they land, and one line in `interruptions` names the first
    that was refused and how many more there are. It comes again with the next pull, which loads only what is missing.
    """
    folder = folder_of(declaration)
    refused = Refused(declaration, interruptions)
    for name, table in declaration.tables.items():
        yield dlt.resource(_new_rows, name=name, write_disposition="append")(declaration, folder, name, table, refused)


class Refused:
    """The files of a source that can't be loaded tonight, told in one line."""

    def __init__(self, declaration: FilesSource, interruptions: list[SourceError]) -> None:
        self._declaration, self._interruptions = declaration, interruptions
        self._tables = list(declaration.tables)
        self._all: list[tuple[bool, int, str, str, FileRefused | None]] = []

    def add_file(self, table: str, file: str, refused: FileRefused) -> None:
        """One more file."""
        remedy = refused.remedy or f"ask {self._declaration.owner} to deliver the file again"
        self.add(table, refused.about(file), remedy, refused)

    def add(self, table: str, what: str, remedy: str, refused: FileRefused | None = None) -> None:
        """One more; what waits for a person is named before what may mend itself, else the first by table and name."""
        is_transient = refused is not None and refused.is_transient
        self._all.append((is_transient, self._tables.index(table), what, remedy, refused))
        is_transient, place, what, remedy, refused = min(self._all, key=lambda one: one[:4])
        error = refused.error if isinstance(refused, ColumnsMissing) else None
        if others := len(self._all) - 1:
            what += f" (and {others:,} more of its files)"
        if error is None or others:
            error = SourceError(self._declaration.source, self._tables[place], what, remedy, is_transient=is_transient)
        self._interruptions[:] = [error]


def _new_rows(
    declaration: FilesSource, folder: Folder, name: str, table: FileSet, refused: Refused
) -> Iterator[pa.Table]:
    matches = folder.matches(name, table.path)
    files = [match for match in matches if isinstance(match, Found)]
    for match in matches:
        if not isinstance(match, Found):
            refused.add_file(name, *match)
    if not matches:
        refused.add(
            name,
            f"no file matches {table.path} in {folder.shown}",
            f"ask {declaration.owner} to deliver it, or correct path in {declaration.source}.yml",
        )
    deliveries = Deliveries(dlt.current.resource_state().setdefault("files", {}), (file.name for file in files))
    for file in deliveries.in_order(files):
        if deliveries.is_known(file):
            continue
        try:
            content = Content(folder, file)
            noted = keyed_digest(content.sha256.encode())
            if deliveries.is_loaded(file, noted):
                continue
            same = same_types(dlt.current.source_schema(), name)
            rows = checked_rows(content, declaration, name, table, same)
            count = 0
            delivered_as = pa.scalar(deliveries.name_for(file))
            for piece in rows:
                count += piece.num_rows
                yield piece.append_column(SOURCE_FILE, pa.repeat(delivered_as, piece.num_rows))
            if not count and deliveries.rows_before(file):
                raise FileRefused("was loaded with rows, and is empty now")
        except FileRefused as problem:
            refused.add_file(name, file.name, problem)
        else:
            deliveries.note(file, noted, count)
