"""From an answer's bytes to rows of text: what is no JSON, no list or no objects is refused here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa
from dlt.common import jsonpath

from orchestration.raw.notes import NOTES
from orchestration.raw.rest.http import Answer
from orchestration.raw.rest.trouble import ASK_OWNER, Trouble
from orchestration.raw.tokens import keyed_digest

_ROOT = "$"

Naming = Callable[[str], str]


class _Decimal(float):
    """A number that keeps the digits it was written with: raw holds what the source said."""

    text: str

    def __new__(cls, text: str) -> _Decimal:
        number = super().__new__(cls, text)
        number.text = text
        return number


def decoded(answer: Answer) -> Any:
    """The JSON of an answer.

    Raises:
        Trouble: it is a web page, cut off, or no JSON by RFC 8259 (which knows no NaN).
    """
    start = answer.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        raise Trouble("answers a web page, not JSON", "check location and path in {file}: a login page or a proxy?")
    try:
        return json.loads(_text(answer), parse_float=_Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
            raise Trouble(
                "answers JSON that is cut off", "pull again; ask {owner} if it stays so", is_transient=True
            ) from None
    except (ValueError, RecursionError):  # other encodings, numbers of thousands of digits, endless nesting
        pass
    raise Trouble("answers no valid JSON", "check path in {file}, and ask {owner} what changed")


def _text(answer: Answer) -> str | bytes:
    _, _, charset = answer.headers.get("Content-Type", "").lower().partition("charset=")
    charset = charset.split(";")[0].strip(" \"'")
    if charset in ("", "utf-8", "utf8", "us-ascii"):
        return answer.content
    try:
        return answer.content.decode(charset)
    except LookupError:
        return answer.content


def _refuse_constant(constant: str) -> Any:
    raise Trouble(f"answers {constant}, which is no JSON", "ask {owner} to send null for what has no value")


def found(path: str, body: Any) -> Any:
    """The value at a JSON path; None where there is none."""
    values = jsonpath.find_values(_compiled(path), body)
    return values[0] if values else None


@lru_cache(maxsize=64)
def _compiled(path: str) -> Any:
    return jsonpath.compile_path(path)


def records(body: Any, path: str) -> list[dict[str, Any]]:
    """The objects of the list at a JSON path.

    Raises:
        Trouble: there is no list, or it holds something else than objects.
    """
    rows = body if path == _ROOT else found(path, body)
    if not isinstance(rows, list):
        what = "answers no list" if path == _ROOT else f"answers without a list named {path}"
        raise Trouble(what, "ask {owner} what changed, or correct path and records in {file}")
    if not all(isinstance(row, dict) for row in rows):
        raise Trouble("answers no objects", ASK_OWNER)
    return rows


def digest(row: Any) -> str:
    """A keyed digest of a row's content, whatever the order of its keys."""
    return keyed_digest(json.dumps(row, sort_keys=True, separators=(",", ":")).encode())


def as_table(rows: Sequence[dict[str, Any]], declared: Sequence[str], named: Naming) -> pa.Table:
    """Rows as text: strings as they are, other values as compact JSON, null and missing as null.

    Args:
        declared: columns that come first.
        named: what the lake makes of a name.

    Raises:
        Trouble: a key can't be the name of a column.
    """
    columns = list(dict.fromkeys([*declared, *sorted({key for row in rows for key in row})]))
    require_names(columns, named)
    return pa.table({column: pa.array([as_text(row.get(column)) for row in rows], pa.string()) for column in columns})


def require_names(columns: Sequence[str], named: Naming, shown: Sequence[str] | None = None) -> None:
    """Refuses names that the lake can't tell apart, or that the loader uses itself.

    Args:
        named: what the lake makes of a name.
        shown: how to speak of each column, where its name may be a value.

    Raises:
        Trouble: says which.
    """
    by_name: dict[str, str] = {}
    for column, label in zip(columns, shown or columns, strict=True):
        if not column.strip():
            raise Trouble("has a column without a name", ASK_OWNER)
        name = named(column)
        if name in NOTES or name.startswith("_dlt"):
            raise Trouble(f"has {label}, named as only the loader may name columns", ASK_OWNER)
        if name in by_name:
            raise Trouble(f"has {by_name[name]} and {label}, which are one name in the lake", ASK_OWNER)
        by_name[name] = label


def as_text(value: Any) -> str | None:
    """A JSON value as the text kept in raw. Half of a surrogate pair, which no text may hold, becomes U+FFFD."""
    if value is None:
        return None
    if isinstance(value, _Decimal):
        return value.text
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
