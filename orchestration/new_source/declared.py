"""The source's YAML before its columns are known, and writing into it what was found; comments stay."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from orchestration.new_source.found import FoundTable
from orchestration.raw.declaration import DeclarationError, SourceDeclaration, validate_declaration
from orchestration.raw.declaration.yaml_file import UnreadableYamlError, read_yaml

_PLAIN = re.compile(r"[A-Za-z_][\w]*")
_WIDTH = 110
_STANDS_FOR_UNKNOWN = "unknown"


def read_unfinished(path: Path) -> tuple[SourceDeclaration, dict[str, set[str]]]:
    """A declaration whose tables may lack `columns`, `key` and (databases) `cursor`, and what each lacks.

    Raises:
        DeclarationError: the file is not there, not YAML, or says something it may not.
    """
    if not path.exists():
        raise DeclarationError(
            f"{path.name}: not there yet; write it first (docs/add-a-source.md shows one of each kind)"
        )
    try:
        content = read_yaml(path)
    except UnreadableYamlError as error:
        raise DeclarationError(f"{path.name}: {error}") from None
    lacks: dict[str, set[str]] = {}
    if isinstance(content, dict) and isinstance(content.get("tables"), dict):
        is_sql = content.get("connector") == "sql"
        for name, table in content["tables"].items():
            if isinstance(table, dict):
                wanted = () if table.get("export") else ("columns", "key")
                lacks[name] = {role for role in wanted if not table.get(role)}
                if is_sql and not table.get("cursor"):
                    lacks[name].add("cursor")
                content["tables"][name] = _filled(table, lacks[name])
    declaration = validate_declaration(content, path.name)
    if declaration.source != path.stem:
        raise DeclarationError(
            f"{path.name}: source: the file of {declaration.source} is named {declaration.source}.yml"
        )
    return declaration.model_copy(update={"tables": _without_stand_ins(declaration, lacks)}), lacks


def _filled(table: dict[str, Any], lacks: set[str]) -> dict[str, Any]:
    filled = dict(table)
    if "cursor" in lacks:
        filled["cursor"] = _STANDS_FOR_UNKNOWN
    if "key" in lacks:
        filled.pop("key", None)
    if "columns" in lacks:
        freshness = table.get("freshness")
        named = [
            *(table.get("key") or []),
            *(table.get("sensitive") or {}),
            *(table.get("codes") or []),
            *([freshness.get("column")] if isinstance(freshness, dict) else []),
            filled.get("cursor"),
        ]
        filled["columns"] = list(dict.fromkeys(name for name in named if name)) or [_STANDS_FOR_UNKNOWN]
    elif "cursor" in lacks:
        filled["columns"] = [*table["columns"], _STANDS_FOR_UNKNOWN]
    return filled


def _without_stand_ins(declaration: SourceDeclaration, lacks: dict[str, set[str]]) -> dict[str, Any]:
    tables = {}
    for name, table in declaration.tables.items():
        update: dict[str, Any] = {"columns": [column for column in table.columns if column != _STANDS_FOR_UNKNOWN]}
        if "cursor" in lacks[name]:
            update["cursor"] = None
        tables[name] = table.model_copy(update=update)
    return tables


def write_what_was_found(path: Path, tables: list[FoundTable], lacks: dict[str, set[str]]) -> list[str]:
    """Add the lacking keys of each table to the YAML, at its end; what stands there is not touched.

    Returns:
        One line per table that was completed.
    """
    text = path.read_text(encoding="utf-8")
    mappings = _table_mappings(text)
    additions: list[tuple[int, str]] = []
    said = []
    for table in tables:
        lines = _lines(table, lacks[table.name])
        if lines:
            additions.append(_addition(text, mappings[table.name], lines))
            said.append(f"{path.name}: {table.name}: {', '.join(sorted(lacks[table.name]))} written")
    for position, addition in sorted(additions, reverse=True):
        text = text[:position] + addition + text[position:]
    if additions:
        path.write_text(text, encoding="utf-8")
    return said


def _lines(table: FoundTable, lacks: set[str]) -> list[tuple[str, list[str]]]:
    """What to add: a key and its YAML, in pieces between which a line may break."""
    lines = []
    if "key" in lacks and table.key:
        lines.append(("key", _flow(table.key)))
    if "cursor" in lacks and table.cursor:
        lines.append(("cursor", [_plain(table.cursor)]))
    if "columns" in lacks:
        lines.append(("columns", _flow([column.name for column in table.columns])))
    return lines


def _plain(name: str) -> str:
    is_plain = _PLAIN.fullmatch(name) and isinstance(yaml.safe_load(name), str)
    return name if is_plain else yaml.dump(name, default_style='"', allow_unicode=True, width=math.inf).strip()


def _flow(names: Sequence[str]) -> list[str]:
    plain = [_plain(name) for name in names]
    plain[0] = f"[{plain[0]}"
    plain[-1] += "]"
    return plain


def _table_mappings(text: str) -> dict[str, yaml.MappingNode]:
    for key, value in yaml.compose(text).value:
        if key.value == "tables":
            return {name.value: node for name, node in value.value}
    return {}


def _addition(text: str, mapping: yaml.MappingNode, lines: list[tuple[str, list[str]]]) -> tuple[int, str]:
    last = mapping.value[-1][1].end_mark.index
    if mapping.flow_style:
        return last, "".join(f", {key}: {', '.join(pieces)}" for key, pieces in lines)
    end = len(text[:last].rstrip())  # the mark of a folded text is at the start of the next line
    newline = text.find("\n", end)
    end = len(text) if newline < 0 else newline
    indent = " " * mapping.value[0][0].start_mark.column
    return end, "".join("\n" + _wrapped(f"{indent}{key}: ", pieces) for key, pieces in lines)


def _wrapped(start: str, pieces: list[str]) -> str:
    rows, row = [], start + pieces[0]
    for piece in pieces[1:]:
        if len(row) + len(piece) + 3 > _WIDTH:
            rows.append(f"{row},")
            row = " " * (len(start) + 1) + piece
        else:
            row = f"{row}, {piece}"
    return "\n".join([*rows, row])
