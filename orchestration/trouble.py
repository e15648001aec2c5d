"""Troubles of the machine itself, in one line with a remedy: a full disk, a closed folder, a file somebody holds.

Every step may meet them, and each library words them its own way. What is wrong with a source is told by
SourceError; what is wrong with a rule or a model, by the step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What libraries and the system say -> what a person reads. The first match counts.
_TROUBLES: tuple[tuple[str, str], ...] = (
    (
        # SQLite calls a full disk an I/O error too.
        r"No space left on device|database or disk is full|File too large|[Dd]isk quota exceeded|disk I/O error"
        r"|\[Errno (5|27|28|122)\]",
        "the disk of the data folder is full or fails. Remedy: make room there and run again",
    ),
    (
        r"Too many open files|unable to open database file|\[Errno (23|24)\]|failed to create new pipe",
        "the run may not open more files. Remedy: raise the limit (ulimit -n 4096) and run again",
    ),
    (
        r"Read-only file system|Permission denied|readonly database|\[Errno (1|13|30)\]",
        "the data folder can't be written. Remedy: let this user write in it, and run again",
    ),
    (
        r"Could not set lock on file",
        "another program holds the warehouse open. Remedy: close it there and run again;"
        " who only wants to read opens serving.duckdb",
    ),
    (
        r"database disk image is malformed|file is not a database|malformed database schema",
        "Dagster's own records of earlier runs are damaged. Remedy: remove the folder dagster in the data folder"
        " (nothing else needs it) and run again",
    ),
    (
        r"Out of Memory Error|MemoryError|Cannot allocate memory|std::bad_alloc",
        "the machine has too little memory left. Remedy: free some, or set WAREHOUSE_MEMORY_LIMIT lower, and run again",
    ),
)


def machine_trouble(error: BaseException | str) -> str | None:
    """The line for a trouble of the machine, or None when `error` is about something else.

    An exception is asked with all that caused it, because a library's own error often says less.
    """
    texts = [error] if isinstance(error, str) else [_said(cause) for cause in _causes(error)]
    for pattern, line in _TROUBLES:
        if any(re.search(pattern, text) for text in texts):
            return line
    return None


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__]
