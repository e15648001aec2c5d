"""Conditions of declared segments: boolean SQL over the columns of a profile, and nothing else.

A condition is read by DuckDB's own parser and every part of what it understood is looked at. What is not known to be
harmless (a subquery, another table, a function that reads files or the clock) is refused, by name.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb

from .profile import Column

# Functions of a row's own values, the same on any day and machine. SQL writes like, +, - and the like as functions too.
FUNCTIONS = frozenset(
    [
        *("+", "-", "*", "/", "~~", "!~~", "~~*", "!~~*", "lower", "upper", "trim", "length", "abs", "round"),
        *("floor", "ceil", "greatest", "least", "date_diff", "datediff", "date_part", "starts_with", "contains"),
        *("nullif", "ifnull"),
    ]
)
_KNOWN = frozenset(
    ["COLUMN_REF", "CONSTANT", "COMPARISON", "CONJUNCTION", "OPERATOR", "BETWEEN", "CASE", "FUNCTION", "CAST"]
)
_WORDS = {
    "SUBQUERY": "a query in it",
    "STAR": "*",
    "WINDOW": "a window",
    "PARAMETER": "a parameter",
    "LAMBDA": "a lambda",
    "COLLATE": "a collation",
}
_MAY_CAST_TO = frozenset(["DATE", "DOUBLE", "BIGINT", "INTEGER", "VARCHAR", "BOOLEAN"])


class ConditionError(ValueError):
    """A condition that can't be used; the message is one line: what is wrong and what to write."""


def check(condition: str, columns: Mapping[str, Column], connection: duckdb.DuckDBPyConnection | None = None) -> None:
    """That a condition is a yes-or-no question about these columns; `connection` spares opening one.

    Raises:
        ConditionError: it can't be read, asks something that is not allowed, or is no question.
    """
    connection = connection or duckdb.connect()
    parsed = json.loads(connection.execute("select json_serialize_sql($1)", [_select(condition)]).fetchone()[0])
    if parsed["error"]:
        raise ConditionError(f"not readable as SQL: {_one_line(parsed.get('error_message', ''))}")
    question = _only_question(parsed["statements"])
    for part in _parts(question):
        _look_at(part, columns)
    typed = ", ".join(f'cast(null as {column.type}) as "{name}"' for name, column in columns.items())
    try:
        answer = connection.sql(f"select (\n{condition}\n) as answer from (select {typed})")
        kind = str(answer.types[0])
        answer.fetchall()  # a text beside a number is read as a number only now
    except duckdb.Error as error:
        raise ConditionError(_one_line(str(error))) from None
    if kind != "BOOLEAN":
        raise ConditionError(f"true or false is expected, this gives {kind.lower()}")


def _select(condition: str) -> str:
    return f"select (\n{condition}\n)"  # on a line of its own: a comment at the end must not take the bracket


def _only_question(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """The one expression of `select (…)`; anything beside it was smuggled in by a bracket."""
    node = statements[0]["node"] if len(statements) == 1 else {}
    beside = ("where_clause", "group_expressions", "having", "qualify", "sample", "modifiers")
    one = len(node.get("select_list", [])) == 1
    if not one or node["from_table"]["type"] != "EMPTY" or any(node.get(key) for key in beside):
        raise ConditionError("one condition is expected; brackets do not match")
    return node["select_list"][0]


def _parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "class" in node:
            yield node
        for value in node.values():
            yield from _parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _parts(value)


def _look_at(part: dict[str, Any], columns: Mapping[str, Column]) -> None:
    kind = part["class"]
    if kind not in _KNOWN:
        raise ConditionError(f"{_WORDS.get(kind, kind.lower())} is not allowed in a condition")
    if kind == "COLUMN_REF":
        name = part["column_names"][-1]
        if len(part["column_names"]) > 1 or name not in columns:
            said = ".".join(part["column_names"])
            raise ConditionError(f"no column {said}{_nearest(name, columns)}; text is written in single quotes")
    elif kind == "FUNCTION" and part["function_name"] not in FUNCTIONS:
        raise ConditionError(
            f"the function {part['function_name']} is not allowed; these are:"
            f" {', '.join(sorted(name for name in FUNCTIONS if name.isidentifier()))}"
        )
    elif kind == "CAST" and part["cast_type"]["id"] not in _MAY_CAST_TO:
        raise ConditionError(f"a cast to {part['cast_type']['id'].lower()} is not allowed")
    else:
        _values_exist(part, columns)


def _values_exist(part: dict[str, Any], columns: Mapping[str, Column]) -> None:
    """A text that a column of few fixed values can never hold is a slip of the pen, and the segment would be empty."""
    beside = [part.get("left"), part.get("right"), *(part.get("children") or [])]
    beside = [one for one in beside if isinstance(one, dict)]
    if part["class"] not in ("COMPARISON", "OPERATOR"):
        return
    for name in [one["column_names"][-1] for one in beside if one.get("class") == "COLUMN_REF"]:
        allowed = columns[name].values if name in columns else ()
        for one in beside:
            value = one.get("value", {}).get("value") if one.get("class") == "CONSTANT" else None
            if allowed and isinstance(value, str) and value not in allowed:
                raise ConditionError(f"{name} is never {value!r}{_nearest(value, allowed)}")


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""


def _one_line(text: str) -> str:
    return " ".join(text.split("\n\nLINE")[0].split("LINE 1:")[0].split()).removeprefix("Binder Error: ")
