"""Names of columns as the lake has them, and the rows that could not be read. No format is known here."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from orchestration.raw.files.refusal import FileRefused
from orchestration.raw.naming import NamingConvention
from orchestration.raw.notes import NOTES, UNREADABLE

MOST_COLUMNS = 1000
_LONGEST_NAME = 200
_NAMING = NamingConvention()
_OF_THE_LOADER = NOTES | {"_dlt_id", "_dlt_load_id"}


def name_in_lake(name: str) -> str | None:
    """What the lake calls a column; None when a column can't be called that."""
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        return None
    said = _NAMING.normalize_identifier(name)
    return None if said in _OF_THE_LOADER else said


def usable_names(found: Sequence[str]) -> list[str]:
    """The names of a header, in order; an empty one is named by its place, such as column_3.

    Raises:
        FileRefused: they can't be columns of one table. Columns are told by their place: without a header line, the
            first line holds somebody's data.
    """
    if len(found) > MOST_COLUMNS:
        raise FileRefused(f"has {len(found):,} columns, more than {MOST_COLUMNS:,}")
    names = [name.strip() or f"column_{place}" for place, name in enumerate(found, start=1)]
    places: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        said = name_in_lake(name)
        if said is None:
            raise FileRefused(f"has a name for column {place} that no column can have")
        if said in places:
            raise FileRefused(
                f"has the same name for its columns {places[said]} and {place}",
                "ask the owner to deliver it again with a name of its own for every column",
            )
        places[said] = place
    return names


def unreadable_rows(lines: Sequence[str], columns: Sequence[str]) -> pa.Table:
    """A row per line that could not be read: all of it in `_unreadable`, the other columns null."""
    nothing = pa.nulls(len(lines), pa.string())
    return pa.table({column: nothing for column in columns} | {UNREADABLE: pa.array(lines, pa.string())})
