"""A source's column as SQL in the type of the contract, through the macros that read text the same on every engine."""

from __future__ import annotations

import functools
import re

import duckdb

from orchestration.new_source.contract import Column
from orchestration.new_source.found import FoundColumn
from orchestration.new_source.guess import Guess

_SAFE = re.compile(r"[a-z_][a-z0-9_]*")
_PARSERS = {"date": "parse_date", "timestamp": "parse_timestamp", "integer": "to_integer", "boolean": "to_boolean"}


@functools.cache
def _reserved() -> frozenset[str]:
    found = duckdb.sql("select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'").fetchall()
    return frozenset(name for (name,) in found)


def quoted(column: FoundColumn) -> tuple[str, str]:
    """The column as SQL and as an argument of a macro; quoted for the engine where its name is a word of SQL."""
    name = column.lake_name
    if _SAFE.fullmatch(name) and name not in _reserved():
        return name, f"'{name}'"
    return f"{{{{ adapter.quote('{name}') }}}}", f"adapter.quote('{name}')"


def expression(guess: Guess, column: Column, source: str) -> str:
    """SQL that makes the contract's column of what it was guessed to come from."""
    if len(guess.columns) > 1:
        return f"{{{{ line_total({', '.join(_number(found) for found in guess.columns)}) }}}}"
    found = guess.columns[0]
    if column.type == "id":
        return f"{{{{ own_id('{source}', {quoted(found)[1]}) }}}}"
    return _typed(found, column.type)


def raw_expression(guess: Guess, column: Column) -> str | None:
    """SQL for the text that the contract's column could not be read from; None where the source has it typed."""
    found, parser = guess.columns[0], _PARSERS.get(column.type)
    return f"{{{{ raw_if_unread({quoted(found)[1]}, {parser}) }}}}" if found.is_text and parser else None


def as_key(column: FoundColumn) -> str:
    """The column as the text of a key, as `newest_version` writes source_key."""
    sql, argument = quoted(column)
    return f"{{{{ clean_text({argument}) }}}}" if column.is_text else f"{{{{ as_text({argument}) }}}}"


def _number(found: FoundColumn) -> str:
    argument = quoted(found)[1]
    return f"text_to_type({argument}, 'decimal(18, 6)')" if found.is_text else argument


def _typed(found: FoundColumn, kind: str) -> str:
    sql, argument = quoted(found)
    if found.is_text:
        if kind == "text":
            return f"{{{{ clean_text({argument}) }}}}"
        if kind == "money":
            return f"{{{{ to_money({argument}) }}}}"
        if kind == "cost":
            return f"{{{{ text_to_type({argument}, 'decimal(18, 4)') }}}}"
        if kind == "share":
            return f"{{{{ text_to_type({argument}, 'double') }}}}"
        return f"{{{{ {_PARSERS[kind]}({argument}) }}}}"
    if kind == "text":
        return f"{{{{ as_text({argument}) }}}}"
    if kind in ("money", "cost"):
        scale = 2 if kind == "money" else 4
        return f"cast(round({sql}, {scale}) as decimal(18, {scale}))"
    if kind == "share" and found.type != "double":
        return f"cast({sql} as double)"
    if kind == "integer" and found.type != "bigint":
        return f"cast(round({sql}) as bigint)"
    if kind in ("date", "timestamp") and found.type != kind:
        return f"cast({sql} as {kind})"
    if kind == "boolean" and found.type != "boolean":
        return f"{sql} <> 0"
    return sql
