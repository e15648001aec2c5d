"""Which files lie in a folder, and their bytes; `bucket.py` says the same of a bucket. Readers know what is in them.

A file's version is what its system says of it without reading it: size and time of change, or the ETag.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from orchestration.raw.declaration.files import FilesSource
from orchestration.raw.errors import SourceError
from orchestration.raw.files.refusal import FileRefused


@dataclass(frozen=True)
class Found:
    """A file that matches: its name below the location, its size in bytes and its time of change."""

    name: str
    size: int
    modified_ns: int


class Folder(Protocol):
    """Where the files of a source lie; `shown` is its name for messages."""

    shown: str

    def matches(self, table: str, pattern: str) -> list[Found | tuple[str, FileRefused]]:
        """What matches, ordered by name; what can't even be looked at comes with the reason."""

    def open(self, name: str) -> pa.NativeFile:
        """The file, for reading from any place in it."""

    def version(self, name: str) -> object:
        """What its system says of it now; another value when it was written to."""


class LocalFolder:
    """A folder of this machine, or of one that is mounted."""

    def __init__(self, declaration: FilesSource, root: str) -> None:
        self._declaration, self._root = declaration, Path(root)
        self.shown = f"{self._root.name}/"

    def matches(self, table: str, pattern: str) -> list[Found | tuple[str, FileRefused]]:
        if not self._root.is_dir():
            raise SourceError(
                self._declaration.source,
                table,
                f"the folder {self.shown} does not exist",
                f"correct location in {self._declaration.source}.yml, or mount the folder where the pipeline runs",
            )
        inside = self._root.resolve()
        return list(self._matches(inside, sorted(self._root.glob(pattern))))

    def _matches(self, inside: Path, paths: list[Path]) -> Iterator[Found | tuple[str, FileRefused]]:
        for path in paths:
            name = path.relative_to(self._root).as_posix()
            try:
                name.encode()
                if not path.resolve().is_relative_to(inside):
                    raise FileRefused("is a link to a place outside its folder", "put the file itself into the folder")
                seen = path.stat()
            except UnicodeEncodeError:
                shown = name.encode(errors="backslashreplace").decode()
                yield shown, FileRefused("has a name that is not UTF-8", "rename the file")
            except FileRefused as refused:
                yield name, refused
            except OSError as error:
                yield name, _unreachable(error)
            else:
                if stat.S_ISREG(seen.st_mode):  # folders, pipes and devices are no files
                    yield Found(name, seen.st_size, seen.st_mtime_ns)

    def open(self, name: str) -> pa.NativeFile:
        try:
            return pa.OSFile(str(self._root / name), "rb")
        except OSError as error:
            raise _unreachable(error) from None

    def version(self, name: str) -> object:
        try:
            seen = os.stat(self._root / name)
        except OSError as error:
            raise _unreachable(error) from None
        return seen.st_size, seen.st_mtime_ns, seen.st_ino


def _unreachable(error: OSError) -> FileRefused:
    if isinstance(error, FileNotFoundError):
        return FileRefused("vanished while it was read", "pull again", is_transient=True)
    if isinstance(error, PermissionError):
        return FileRefused("may not be read", "give the pipeline's account the right to read it")
    return FileRefused(f"can't be read from its disk ({type(error).__name__})", "check the disk", is_transient=True)
