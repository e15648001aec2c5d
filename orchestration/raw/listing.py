"""Which files of a source lie in its folder now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.raw.declaration.files import FileSet, FilesSource
from orchestration.raw.errors import SourceError


@dataclass(frozen=True)
class Found:
    """A file: its name below the location, its size in bytes and its time of change."""

    name: str
    size: int
    modified_ns: int


def files_of(declaration: FilesSource, name: str, table: FileSet) -> list[Found]:
    """The files that match a table's pattern.

    Raises:
        SourceError: the folder is not there.
    """
    folder = Path(declaration.resolve(declaration.location))
    if not folder.is_dir():
        raise SourceError(
            declaration.source,
            name,
            f"the folder {folder.name}/ does not exist",
            f"correct location in {declaration.source}.yml, or mount the folder where the pipeline runs",
        )
    found = []
    for path in sorted(folder.glob(table.path)):
        if path.is_file():
            seen = path.stat()
            found.append(Found(path.relative_to(folder).as_posix(), seen.st_size, seen.st_mtime_ns))
    return found
