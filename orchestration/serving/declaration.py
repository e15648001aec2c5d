"""What serving.yml may say, checked, and which targets the environment switches on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from orchestration.raw.declaration.mistakes import mistake
from orchestration.raw.declaration.schema import Strict
from orchestration.raw.declaration.values import Duration
from orchestration.raw.declaration.yaml_file import UnreadableYamlError, read_yaml
from orchestration.serving.kept import KEEP

SERVING_FILE = Path(__file__).parent / "serving.yml"
DSN, DUCKDB = "SERVING_POSTGRES_DSN", "SERVING_DUCKDB"
_LONGEST_NAME = 40  # of PostgreSQL's 63, for what is added to the names of schemas that are kept
_OF_POSTGRES = ("public", "information_schema")


class ServingError(Exception):
    """serving.yml, or what the environment says of the targets, can't be used; one line per mistake."""


def _name(name: str) -> str:
    is_plain = name.isascii() and name.isidentifier() and name == name.lower() and len(name) <= _LONGEST_NAME
    if not is_plain or name.startswith("pg_") or name in _OF_POSTGRES:
        raise ValueError(
            f"a name of small letters, digits and _ is expected, of at most {_LONGEST_NAME}, that PostgreSQL does not"
            " keep for itself"
        )
    return name


Name = Annotated[str, AfterValidator(_name)]


class PostgresDeclaration(Strict):
    """How a night is published in PostgreSQL."""

    schema_name: Name = Field("marts", alias="schema", description="the schema readers read")
    reader_role: Name = Field("marts_reader", description="role that may read it")
    keep: int = Field(1, ge=0, description="schemas of earlier publications that stay")
    patience: Duration = Field(timedelta(minutes=10), description="how long to wait for readers")


class ServingDeclaration(Strict):
    """All of serving.yml."""

    keep: int = Field(KEEP, ge=1, description="publications kept for a roll-back, the published one among them")
    postgres: PostgresDeclaration = Field(default_factory=PostgresDeclaration)


def load_serving(path: Path = SERVING_FILE) -> ServingDeclaration:
    """The declaration in serving.yml; a file that holds nothing means the defaults.

    Raises:
        ServingError: not YAML, a key is unknown or of the wrong kind, or both targets are off.
    """
    if (said := os.environ.get(DUCKDB, "").strip().lower()) not in ("", "on", "off"):
        raise ServingError(f"{DUCKDB}={said}: on or off is expected")
    if not serves_duckdb() and postgres_address() is None:
        raise ServingError(f"{DUCKDB}=off and no {DSN}: nothing would be published. Remedy: switch one of them on")
    try:
        content = read_yaml(path)
    except UnreadableYamlError as error:
        raise ServingError(f"{path.name}: {error}") from None
    if content is not None and not isinstance(content, Mapping):
        raise ServingError(f"{path.name}: keys such as `keep:` are expected at the top")
    try:
        return ServingDeclaration.model_validate(content or {})
    except ValidationError as error:
        problems = error.errors(include_url=False)
        lines = [f"{path.name}: {mistake(problem, ServingDeclaration)}" for problem in problems]
        raise ServingError("\n".join(dict.fromkeys(lines))) from None


def serves_duckdb() -> bool:
    """Whether readers get serving.duckdb."""
    return os.environ.get(DUCKDB, "").strip().lower() != "off"


def postgres_address() -> str | None:
    """The address of the PostgreSQL readers read; None when it is off. Never log it: it may hold a password."""
    return os.environ.get(DSN, "").strip() or None
