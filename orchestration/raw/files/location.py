"""Where a source's files lie: the folder or the bucket that its declaration names."""

from __future__ import annotations

from orchestration.raw.declaration.files import FileSet, FilesSource
from orchestration.raw.files.bucket import Bucket
from orchestration.raw.files.listing import Folder, Found, LocalFolder


def files_of(declaration: FilesSource, name: str, table: FileSet) -> list[Found]:
    """The files that match a table's pattern, without those that can't be looked at.

    Raises:
        SourceError: the folder or bucket is not there or out of reach.
    """
    return [match for match in folder_of(declaration).matches(name, table.path) if isinstance(match, Found)]


def folder_of(declaration: FilesSource) -> Folder:
    """The folder or bucket that a declaration names.

    Raises:
        SourceError: a variable of the location or of the keys is not set, or the kind of bucket is unknown.
    """
    location = declaration.resolve(declaration.location)
    if "://" not in location:
        return LocalFolder(declaration, location)
    return Bucket(declaration, location)
