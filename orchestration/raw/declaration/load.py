"""Reads a source's YAML; every mistake in it is one line: file, key, what is wrong, what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from orchestration.raw.declaration.files import FilesSource
from orchestration.raw.declaration.rest import RestSource
from orchestration.raw.declaration.schema import SourceDeclaration
from orchestration.raw.declaration.sheet import SheetSource
from orchestration.raw.declaration.sql import SqlSource

SOURCES_DIR = Path(__file__).parent.parent / "sources"
_KINDS: dict[str, type[SourceDeclaration]] = {
    "sql": SqlSource,
    "files": FilesSource,
    "rest": RestSource,
    "sheet": SheetSource,
}


class DeclarationError(Exception):
    """A source's YAML can't be used; one line per mistake."""


def load_declaration(path: Path) -> SourceDeclaration:
    """The declaration in one YAML file.

    Raises:
        DeclarationError: the file is not YAML, or a key is unknown, missing or of the wrong kind.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{path.name}: not readable as YAML: {' '.join(str(error).split())}") from error
    return validate_declaration(content, path.name)


def validate_declaration(content: Any, file: str = "declaration") -> SourceDeclaration:
    """The declaration that a parsed YAML file makes.

    Raises:
        DeclarationError: a key is unknown, missing or of the wrong kind; one line per mistake.
    """
    if not isinstance(content, Mapping):
        raise DeclarationError(f"{file}: expected keys such as `source:` and `tables:` at the top level")
    kind = _KINDS.get(str(content.get("connector")))
    if kind is None:
        meant = _nearest(str(content.get("connector")), _KINDS)
        raise DeclarationError(f"{file}: connector: one of {', '.join(_KINDS)} is expected{meant}")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        lines = [f"{file}: {_mistake(problem, kind)}" for problem in error.errors(include_url=False)]
        raise DeclarationError("\n".join(lines)) from None


def load_declarations(folder: Path = SOURCES_DIR) -> list[SourceDeclaration]:
    """All declarations of a folder, ordered by source name.

    Raises:
        DeclarationError: the mistakes of all files together; or two files declare the same source.
    """
    declarations, mistakes = [], []
    for path in sorted(folder.glob("*.yml")):
        try:
            declaration = load_declaration(path)
        except DeclarationError as error:
            mistakes.append(str(error))
            continue
        if path.stem != declaration.source:
            mistakes.append(f"{path.name}: source: the file of {declaration.source} is named {declaration.source}.yml")
        declarations.append(declaration)
    if mistakes:
        raise DeclarationError("\n".join(mistakes))
    return sorted(declarations, key=lambda declaration: declaration.source)


def _mistake(problem: ErrorDetails, kind: type[BaseModel]) -> str:
    where = [str(part) for part in problem["loc"]]
    if problem["type"] == "extra_forbidden":
        meant = _nearest(where[-1], _all_keys(kind))
        return f"{'.'.join(where)}: no such key{meant}"
    if problem["type"] == "missing":
        remedy = " (make new-source NAME=… finds the columns and writes them)" if where[-1] == "columns" else ""
        return f"{'.'.join(where)}: missing{remedy}"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] in ("literal_error", "union_tag_invalid"):
        expected = str(problem["ctx"].get("expected") or problem["ctx"].get("expected_tags"))
        message = f"one of {expected.replace(' or ', ', ')} is expected"
        message += _nearest(
            str(problem["input"]), {word.strip(" '") for word in expected.replace(" or ", ",").split(",")}
        )
    role, colon, _ = message.partition(": ")
    if where and colon and " " not in role:  # a check of a whole table, which names the key itself
        return f"{'.'.join(where)}.{message}"
    return f"{'.'.join(where)}: {message}" if where else message


def _all_keys(kind: type[BaseModel]) -> set[str]:
    """Every key that such a declaration may hold, at any depth."""
    schema = kind.model_json_schema()
    return {name for part in (schema, *schema.get("$defs", {}).values()) for name in part.get("properties", {})}


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
