"""Reads a source's YAML; every mistake in it is one line: file, key, what is wrong, what was meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestration.raw.declaration.files import FilesSource
from orchestration.raw.declaration.mistakes import mistake, nearest
from orchestration.raw.declaration.rest import RestSource
from orchestration.raw.declaration.schema import SourceDeclaration
from orchestration.raw.declaration.sheet import SheetSource
from orchestration.raw.declaration.sql import SqlSource
from orchestration.raw.declaration.yaml_file import UnreadableYamlError, read_yaml

SOURCES_DIR = Path(__file__).parent.parent / "sources"
CONNECTORS: dict[str, type[SourceDeclaration]] = {
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
        content = read_yaml(path)
    except UnreadableYamlError as error:
        raise DeclarationError(f"{path.name}: {error}") from None
    return validate_declaration(content, path.name)


def validate_declaration(content: Any, file: str = "declaration") -> SourceDeclaration:
    """The declaration that a parsed YAML file makes.

    Raises:
        DeclarationError: a key is unknown, missing or of the wrong kind; one line per mistake.
    """
    if not content:
        raise DeclarationError(f"{file}: the file is empty; it should say `source:`, `connector:`, `tables:` and so on")
    if not isinstance(content, Mapping):
        kind = "a list" if isinstance(content, list) else "one text"
        raise DeclarationError(f"{file}: it holds {kind}; keys such as `source:` and `tables:` are expected at the top")
    if "connector" not in content:
        raise DeclarationError(f"{file}: connector: missing; one of {', '.join(CONNECTORS)} is expected")
    kind = CONNECTORS.get(str(content["connector"]))
    if kind is None:
        meant = nearest(str(content["connector"]), CONNECTORS)
        raise DeclarationError(f"{file}: connector: one of {', '.join(CONNECTORS)} is expected{meant}")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        lines = [f"{file}: {mistake(problem, kind)}" for problem in error.errors(include_url=False)]
        raise DeclarationError("\n".join(dict.fromkeys(lines))) from None


def load_declarations(folder: Path = SOURCES_DIR) -> list[SourceDeclaration]:
    """All declarations of a folder, ordered by source name.

    Raises:
        DeclarationError: the mistakes of all files together; or two files declare the same source.
    """
    declarations: dict[str, SourceDeclaration] = {}
    files: dict[str, str] = {}
    mistakes = [
        f"{path.name}: a declaration's file ends in .yml; rename it to {path.stem}.yml"
        for path in sorted(folder.glob("*.yaml"))
    ]
    for path in sorted(folder.glob("*.yml")):
        try:
            declaration = load_declaration(path)
        except DeclarationError as error:
            mistakes.append(str(error))
            continue
        if declaration.source in declarations:
            mistakes.append(f"{path.name}: source: {declaration.source} is declared by {files[declaration.source]} too")
        elif path.stem != declaration.source:
            mistakes.append(f"{path.name}: source: the file of {declaration.source} is named {declaration.source}.yml")
        declarations[declaration.source], files[declaration.source] = declaration, path.name
    if mistakes:
        raise DeclarationError("\n".join(mistakes))
    return [declarations[source] for source in sorted(declarations)]
