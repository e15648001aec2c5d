"""What the loader notes about a row beside what the source said: the columns' names, in one place."""

from __future__ import annotations

LOADED_AT = "_loaded_at"
SOURCE_FILE = "_source_file"
UNREADABLE = "_unreadable"
NOTES = frozenset({LOADED_AT, SOURCE_FILE, UNREADABLE})  # with everything that starts with _dlt
