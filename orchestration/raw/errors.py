"""The one error a person reads when a source can't be pulled: where, what, and what to do."""

from __future__ import annotations

import errno

from orchestration.redact import without_values


class SourceError(Exception):
    """A source or one of its tables can't be used tonight.

    The message is one line: `source.table: what happened. Remedy: what to do.` It never holds row values.

    Args:
        source: name of the source's declaration.
        table: table, endpoint or file set; "*" when the whole source is out of reach.
        what: what went wrong.
        remedy: what a person should do.
        is_transient: whether pulling again in a moment can help (network, overload).
    """

    def __init__(self, source: str, table: str, what: str, remedy: str, *, is_transient: bool = False) -> None:
        what = what.rstrip(".")
        ended = what if what.endswith("?") else f"{what}."
        one_line = " ".join(f"{source}.{table}: {ended} Remedy: {remedy}".split())
        super().__init__(one_line)
        self.source, self.table, self.is_transient = source, table, is_transient
        self.what, self.remedy = what.rstrip("."), remedy


def explained(source: str, error: BaseException) -> SourceError:
    """The SourceError that caused `error`, however deeply a library wrapped it; else one made from its root cause."""
    current, seen = error, set()
    while id(current) not in seen:
        if isinstance(current, SourceError):
            return current
        seen.add(id(current))
        current = current.__cause__ or current.__context__ or current
    name, text = type(current).__name__, str(current)
    if name == "DataValidationError":
        return SourceError(
            source,
            str(getattr(current, "table_name", "*")),
            f"column {getattr(current, 'column_name', '?')} changed its type",
            "ask the owner to bring the type back, or load the table anew under another name",
        )
    if name in ("IncrementalCursorPathHasValueNone", "IncrementalCursorPathMissing"):
        return SourceError(
            source,
            str(getattr(current, "pipe_name", "*")),
            f"the cursor {getattr(current, 'json_path', '?')} is empty in a row",
            "ask the owner to fill it in every row, or name another cursor in the source's file",
        )
    if isinstance(current, TimeoutError) or "timed out" in text.lower() or name.endswith("Timeout"):
        return SourceError(
            source, "*", f"does not answer in time ({name})", "the next pull tries again", is_transient=True
        )
    if isinstance(current, ConnectionError):
        return SourceError(
            source, "*", f"the connection broke ({name})", "check the network and that it runs", is_transient=True
        )
    if isinstance(current, OSError) and current.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return SourceError(
            source, "*", f"the disk of the data folder is full ({name})", "make room there, then run again"
        )
    return SourceError(
        source,
        "*",
        f"can't be pulled ({name}: {without_values(text)})",
        f"check what {source} delivered since the last good night, table by table",
    )
