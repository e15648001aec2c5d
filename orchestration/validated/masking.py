"""What may be shown of a value that broke a rule: its shape, never the value itself."""

from __future__ import annotations

from orchestration.lake import sql_identifier

_SHOWN_CHARACTERS = 40
_READ_CHARACTERS = 200  # a shape of forty characters needs no more, and a cell may hold megabytes
_MEASURES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "FLOAT", "DOUBLE", "DATE", "TIMESTAMP")
_NAMES_SOMEBODY = ("_id", "_key", "_number", "_upc", "_card", "_phone", "phone", "birth_date")
_ABOUT_PEOPLE = ("customer_records",)


def masked(entity: str, column: str | None, data_type: str) -> str:
    """SQL for the masked value of a column.

    Measures and times of what happened are shown as they are: -1.50 says what is wrong. Everything else is a shape:
    letters are x, digits 9, a run that mixes both (tokens, account and card codes) is *****, and what is neither
    letter, digit nor plain punctuation is ?.
    """
    if column is None:
        return "cast(null as varchar)"
    value = f"cast({sql_identifier(column)} as varchar)"
    is_measure = data_type.upper().startswith(_MEASURES) and not column.endswith(_NAMES_SOMEBODY)
    if is_measure and entity not in _ABOUT_PEOPLE:
        return f"left({value}, {_SHOWN_CHARACTERS})"
    steps = (
        (r"([0-9]{2})T([0-9]{2})", r"\1 \2"),  # the T of a time is no code
        (r"[\p{L}\p{M}]+\p{N}[\p{L}\p{M}\p{N}]*|\p{N}+[\p{L}\p{M}][\p{L}\p{M}\p{N}]*", "*****"),
        (r"[\p{L}\p{M}]", "x"),
        (r"\p{N}", "9"),
        (r"[^x9* @._+/:,;()#&|=<>%!?\[\]{}\x27\x22-]", "?"),
    )
    shape = f"left({value}, {_READ_CHARACTERS})"
    for pattern, replacement in steps:
        shape = f"regexp_replace({shape}, '{pattern}', '{replacement}', 'g')"
    return f"left({shape}, {_SHOWN_CHARACTERS})"
