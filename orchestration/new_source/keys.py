"""Which columns name a row, when it changed, and which hold another table's key: by name, where nobody declares it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from orchestration.new_source.found import FoundColumn, FoundTable

_NAMES_A_ROW = re.compile(r"^(id|uuid|guid|key|no|nr|number|code|.*_(id|uuid|guid|key|no|nr|number|code))$")
_CHANGED = (
    "updated_at updated_on last_updated last_updated_at modified_at modified_on modified last_modified changed_at"
    " changed_on last_changed update_time update_date updated date_modified date_updated date_upd lastmodified"
)


def singular(word: str) -> str:
    """`categories` -> category, `addresses` -> address, `orders` -> order."""
    for plural, single in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if word.endswith(plural) and not word.endswith("ss") and len(word) > len(plural) + 1:
            return word[: -len(plural)] + single
    return word


def likely_key(table: str, columns: Sequence[FoundColumn], rows: int) -> tuple[str, ...]:
    """The column that seems to name a row: called like a key, filled in every row looked at, no value twice."""
    one = singular(table)
    candidates = [
        column
        for column in columns
        if _NAMES_A_ROW.match(column.lake_name) and 0 < len(column.values) == rows == len(set(column.values))
    ]
    wanted = ("id", "uuid", "guid", f"{one}_id", f"{table}_id", f"{one}_uuid", f"{one}_no", f"{one}_number")
    for name in wanted:
        for column in candidates:
            if column.lake_name == name:
                return (column.name,)
    first = candidates[:1] if candidates and candidates[0] is columns[0] else []
    return tuple(column.name for column in first)


def likely_cursor(columns: Sequence[FoundColumn]) -> str | None:
    """The column that seems to say when a row last changed."""
    by_name = {column.lake_name: column for column in columns}
    for name in _CHANGED.split():
        if name in by_name and by_name[name].type in ("timestamp", "varchar"):
            return by_name[name].name
    return None


def references_by_name(tables: Sequence[FoundTable]) -> list[FoundTable]:
    """The tables with what their columns refer to: `customer_id` -> customers, where the database says nothing."""
    return [_with_references(table, tables) for table in tables]


def _with_references(table: FoundTable, tables: Sequence[FoundTable]) -> FoundTable:
    references = dict(table.references)
    for other in tables:
        if other.name == table.name or len(other.key) != 1:
            continue
        key = other.column(other.key[0]).lake_name
        names = {f"{singular(other.name)}_{key}", singular(other.name)}
        if key != "id" and key not in {table.column(name).lake_name for name in table.key}:
            names.add(key)
        for column in table.columns:
            if column.lake_name in names and column.name not in table.key:
                references.setdefault(column.name, other.name)
    return replace(table, references=references)
