"""The columns of an Arrow table: declared ones become tokens whole, all other text is searched.

Belongs here: how little of a big table Python has to look at. Does not belong here: what an identifier is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from models.privacy.detect import replace
from models.privacy.prefilter import SHORTEST_BYTES, worth_a_look
from models.privacy.tokens import Tokens

_TEXT, _VIEWS = (pa.string(), pa.large_string()), (pa.string_view(), pa.binary_view())
_BYTES = (pa.binary(), pa.large_binary(), pa.binary_view())


def tokenise(
    table: pa.Table, tokens: Tokens, sensitive: Mapping[str, str], not_searched: Collection[str] = ()
) -> tuple[pa.Table, dict[str, int]]:
    """The table with tokens in place of identifiers, and how many were replaced in which column.

    Args:
        table: rows as a source delivered them, with columns of any type.
        sensitive: columns of which every value is an identifier, with its kind; they become text. Null and blank
            values stay. Names are compared without regard to case.
        not_searched: other columns that are left as they are, such as keys and codes.

    Undeclared text, also inside lists and structures, is searched; undeclared numbers are left alone.
    """
    kinds = {name.casefold(): kind for name, kind in sensitive.items()}
    replaced: dict[str, int] = {}
    for place, field in enumerate(table.schema):
        column, kind = table.column(place), kinds.get(field.name.casefold())
        if kind is None and field.name in not_searched:
            continue
        changed, count = _declared(column, kind, tokens) if kind else _searched(column, tokens)
        if changed is not column:
            table = table.set_column(place, field.with_type(changed.type).remove_metadata(), changed)
        if count:
            replaced[field.name] = replaced.get(field.name, 0) + count
    return table, replaced


def _declared(column: pa.ChunkedArray, kind: str, tokens: Tokens) -> tuple[pa.ChunkedArray, int]:
    column = _decoded(column)
    distinct = pc.unique(column) if _has_unique(column.type) else None
    if distinct is None:  # lists and the like: nobody keeps identifiers so, but then they are replaced all the same
        values = [_token_of(value, kind, tokens) for value in column.to_pylist()]
        made = pa.chunked_array([pa.array(values, pa.string())])
    else:
        new = pa.array([_token_of(value, kind, tokens) for value in distinct.to_pylist()], pa.string())
        made = pa.chunked_array([pc.take(new, pc.index_in(chunk, distinct)) for chunk in column.chunks], pa.string())
    is_token = pc.starts_with(made, f"{kind}:") if len(made) else pa.array([], pa.bool_())
    return made, int(pc.sum(pc.cast(is_token, pa.int64())).as_py() or 0)


def _has_unique(kind: pa.DataType) -> bool:
    return not (pa.types.is_nested(kind) or pa.types.is_null(kind) or isinstance(kind, pa.BaseExtensionType))


def _token_of(value: Any, kind: str, tokens: Tokens) -> str | None:
    if value is None:
        return None
    text = as_identifier(value)
    return tokens.token(kind, text) if text.strip() else text


def as_identifier(value: Any) -> str:
    """A value of any type as the identifier that a person would write: whole numbers without a point or exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace") if _is_text(value) else value.hex()
    if isinstance(value, float | Decimal) and value == value and value not in (float("inf"), float("-inf")):
        return str(int(value)) if value == int(value) else format(value, "f")
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def _is_text(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _searched(column: pa.ChunkedArray, tokens: Tokens) -> tuple[pa.ChunkedArray, int]:
    kind = column.type
    if pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType) or pa.types.is_string_view(kind):
        plain = _decoded(column)
        changed, count = _searched(plain, tokens)
        return (changed, count) if count else (column, 0)
    if pa.types.is_nested(kind):
        return _searched_inside(column, tokens)
    if kind in _BYTES or pa.types.is_fixed_size_binary(kind):
        return _searched_bytes(column, tokens)
    if kind not in _TEXT:
        return column, 0
    lengths = pc.binary_length(column)
    if (pc.max(lengths).as_py() or 0) < SHORTEST_BYTES:
        return column, 0
    distinct = pc.unique(column)
    candidates = distinct.filter(worth_a_look(distinct))
    made = [(text, *replace(text, tokens)) for text in candidates.to_pylist()]
    made = [(text, new, count) for text, new, count in made if count]
    if not made:
        return column, 0
    old, new, counts = (pa.array(values) for values in zip(*made, strict=True))
    old, new = old.cast(column.type), new.cast(column.type)
    chunks, total = [], 0
    for chunk in column.chunks:
        place = pc.index_in(chunk, old)
        chunks.append(pc.if_else(pc.is_valid(place), pc.take(new, place), chunk))
        total += pc.sum(pc.take(counts, place)).as_py() or 0
    return pa.chunked_array(chunks, column.type), total


def _searched_inside(column: pa.ChunkedArray, tokens: Tokens) -> tuple[pa.ChunkedArray, int]:
    """Text in lists and structures: looked at where it lies, rebuilt row by row only when there is something."""
    if not any(_searched(leaf, tokens)[1] for leaf in _leaves(column)):
        return column, 0
    count = 0

    def clean(value: Any) -> Any:
        nonlocal count
        if isinstance(value, str):
            value, found = replace(value, tokens)
            count += found
        elif isinstance(value, list | tuple):
            return type(value)(clean(item) for item in value)
        elif isinstance(value, dict):
            return {name: clean(item) for name, item in value.items()}
        return value

    rows = [clean(value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(rows, column.type)]), count


def _leaves(column: pa.ChunkedArray) -> list[pa.ChunkedArray]:
    kind = column.type
    if pa.types.is_struct(kind):
        parts = [pc.struct_field(column, [place]) for place in range(kind.num_fields)]
    elif pa.types.is_map(kind):
        parts = [
            pa.chunked_array([getattr(chunk, side) for chunk in column.chunks], side_type)
            for side, side_type in (("keys", kind.key_type), ("items", kind.item_type))
        ]
    elif pa.types.is_nested(kind):
        parts = [pa.chunked_array([chunk.flatten() for chunk in column.chunks], kind.value_type)]
    else:
        return [column]
    return [leaf for part in parts for leaf in _leaves(part)]


def _searched_bytes(column: pa.ChunkedArray, tokens: Tokens) -> tuple[pa.ChunkedArray, int]:
    """Bytes are searched as text: some writers of Parquet don't say that their text is text."""
    try:
        made, count = _searched(column.cast(pa.large_string()), tokens)
    except pa.ArrowInvalid:  # not UTF-8 throughout: what is none goes round the search and comes back as it was
        rows = [
            None if value is None else replace(value.decode("utf-8", "surrogateescape"), tokens)
            for value in column.to_pylist()
        ]
        count = sum(row[1] for row in rows if row)
        values = [None if row is None else row[0].encode("utf-8", "surrogateescape") for row in rows]
        return (pa.chunked_array([pa.array(values, pa.large_binary())]), count) if count else (column, 0)
    return (made.cast(pa.large_binary()), count) if count else (column, 0)


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values themselves, without dictionary or extension type."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
    elif pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    elif kind in _VIEWS:  # Arrow computes little on views
        column = column.cast(pa.large_string() if pa.types.is_string_view(kind) else pa.large_binary())
    return column
