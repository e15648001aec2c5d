"""What a source's YAML may say, checked when it is loaded: every mistake is one line, file and key first."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestration.raw.errors import SourceError

SOURCES_DIR = Path(__file__).parent / "sources"
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableDeclaration(_Strict):
    """One table, endpoint or set of files."""

    description: str
    columns: list[str] = Field(min_length=1, description="columns that must be there; others are kept too")
    key: list[str] = Field(default_factory=list, description="columns that identify a row in its source")
    cursor: str | None = Field(None, description="column that grows with every change (sql, rest)")
    path: str | None = Field(None, description="glob below the location (files) or URL path (rest)")
    format: Literal["csv", "jsonl", "parquet"] | None = None
    cursor_parameter: str | None = Field(None, description="query parameter that takes the last cursor (rest)")


class SourceDeclaration(_Strict):
    """One source system."""

    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: str
    connector: Literal["sql", "files", "rest"]
    owner: str
    party_data_class: Literal["zero", "first", "second", "third"]
    location: str = Field(description="database URL, folder or base URL; secrets as ${VARIABLE}")
    database_schema: str | None = None
    bearer_token: str | None = None
    tables: dict[str, TableDeclaration] = Field(min_length=1)

    def resolve(self, text: str) -> str:
        """`text` with every ${VARIABLE} replaced from the environment.

        Raises:
            SourceError: a variable is not set.
        """
        missing = [name for name in _VARIABLE.findall(text) if not os.environ.get(name)]
        if missing:
            raise SourceError(
                self.source,
                "*",
                f"environment variable {', '.join(missing)} is not set",
                f"set it where the pipeline runs (see {self.source}.yml), or `make run` for the demo company",
            )
        return _VARIABLE.sub(lambda match: os.environ[match.group(1)], text)


class DeclarationError(Exception):
    """A source's YAML can't be used; one line per mistake."""


def load_declaration(path: Path) -> SourceDeclaration:
    """The declaration in one YAML file.

    Raises:
        DeclarationError: the file is not YAML, or a key is unknown, missing or of the wrong kind.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise DeclarationError(f"{path.name}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise DeclarationError(f"{path.name}: expected keys such as `source:` and `tables:` at the top level")
    try:
        declaration = SourceDeclaration.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{path.name}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise DeclarationError("\n".join(lines)) from error
    problems = [f"{path.name}: {problem}" for problem in _cross_checks(declaration)]
    if problems:
        raise DeclarationError("\n".join(problems))
    return declaration


def _cross_checks(declaration: SourceDeclaration) -> list[str]:
    needed = {"sql": ["cursor"], "files": ["path", "format"], "rest": ["path", "cursor", "cursor_parameter"]}
    problems = [
        f"tables.{name}.{key}: missing, the {declaration.connector} connector needs it"
        for name, table in declaration.tables.items()
        for key in needed[declaration.connector]
        if getattr(table, key) is None
    ]
    for name, table in declaration.tables.items():
        for role, columns in (("key", table.key), ("cursor", [table.cursor] if table.cursor else [])):
            unknown = sorted(set(columns) - set(table.columns))
            if unknown:
                problems.append(f"tables.{name}.{role}: {', '.join(unknown)} is not among its columns")
    return problems


def load_declarations(folder: Path = SOURCES_DIR) -> list[SourceDeclaration]:
    """All declarations of a folder, ordered by source name."""
    declarations = [load_declaration(path) for path in sorted(folder.glob("*.yml"))]
    return sorted(declarations, key=lambda declaration: declaration.source)
