"""Why one file can't be loaded tonight. What is wrong with a whole table or source is a SourceError instead."""

from __future__ import annotations

from orchestration.raw.errors import SourceError
from orchestration.redact import without_values


class FileRefused(Exception):
    """One file can't be loaded; the others of its table can.

    Args:
        what: what is wrong with it, to be read after the file's name; no value of a row.
        remedy: what a person should do; "ask the owner to deliver the file again" unless given.
        is_transient: whether pulling again in a moment can help.
    """

    def __init__(self, what: str, remedy: str | None = None, *, is_transient: bool = False) -> None:
        super().__init__(what)
        self.what, self.remedy, self.is_transient = what, remedy, is_transient

    def about(self, file: str) -> str:
        """What is wrong, with the file's name."""
        return f"{file} {self.what}"


class ColumnsMissing(FileRefused):
    """The file lacks declared columns; what is said of that names the file already."""

    def __init__(self, error: SourceError) -> None:
        super().__init__(error.what, error.remedy)
        self.error = error

    def about(self, file: str) -> str:
        return self.what


def damaged(kind: str, error: BaseException) -> FileRefused:
    """What a library said of a file it could not read as `kind`."""
    said = (str(error).splitlines() or [""])[0]
    return FileRefused(f"can't be read as {kind} ({type(error).__name__}: {without_values(said)})")
