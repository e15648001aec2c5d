"""The map that keeps sensitive identifiers out of the lake: between a connector and everything that is written.

Belongs here: the key, and what a declaration says of a table's columns. What an identifier is: `models/privacy`.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from models.privacy import Tokens, tokenise
from models.privacy.tokens import SHORTEST_KEY_BYTES
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.naming import NamingConvention

KEY_VARIABLE = "PIPELINE_TOKEN_KEY"


def load_tokens(source: str) -> Tokens:
    """The installation's tokens.

    Raises:
        SourceError: the key is missing or too short. Every source needs it, because free text is searched everywhere.
    """
    key = os.environ.get(KEY_VARIABLE, "").encode(errors="surrogateescape")
    if len(key) < SHORTEST_KEY_BYTES:
        raise SourceError(
            source,
            "*",
            f"environment variable {KEY_VARIABLE} " + ("is too short" if key else "is not set"),
            f"set it to a secret of at least {SHORTEST_KEY_BYTES} bytes, always the same (docs/privacy.md says how),"
            " or `make run` for the demo company",
        )
    return Tokens(key)


def keyed_digest(content: bytes) -> str:
    """HMAC-SHA256 with the same key, for what is noted of rows.

    Were it a plain hash, whoever knows all of a row but a number of nine digits would find that number by trying.
    """
    key = os.environ.get(KEY_VARIABLE, "").encode(errors="surrogateescape")
    return hmac.digest(key, content, "sha256").hex()


def add_tokens(
    resource: Any, declaration: SourceDeclaration, tokens: Tokens, replaced: dict[str, dict[str, int]]
) -> Any:
    """The dlt resource with tokens in place of identifiers; adds to `replaced` how many, by table and column.

    A table that is not declared holds the loader's own notes, such as keys of deleted rows, and is left as it is.
    """
    table = declaration.tables.get(resource.name)
    if table is None:
        return resource
    if table.sensitive:  # a number of the database becomes text
        resource.apply_hints(columns=[{"name": name, "data_type": "text"} for name in table.sensitive])
    # First of all maps: a connector that compares what comes with what the lake holds must see what the lake would.
    return resource.add_map(tokeniser(declaration, resource.name, tokens, replaced), insert_at=1)


def tokeniser(
    declaration: SourceDeclaration, name: str, tokens: Tokens, replaced: dict[str, dict[str, int]]
) -> Callable[[pa.Table], pa.Table]:
    """What replaces the identifiers of one declared table; for whoever compares the source's rows with the lake's."""
    table = declaration.tables[name]
    not_searched = {*table.key, *table.codes, *([cursor] if (cursor := getattr(table, "cursor", None)) else [])}
    named = NamingConvention().normalize_identifier
    kinds = {named(column): kind for column, kind in table.sensitive.items()}
    counts = replaced.setdefault(name, {})

    def replace(rows: pa.Table) -> pa.Table:
        # By their names in the lake: passportNo lands in the column of passport_no.
        sensitive = {column: kinds[named(column)] for column in rows.column_names if named(column) in kinds}
        made, found = tokenise(rows, tokens, sensitive, not_searched)
        for column, count in found.items():
            counts[column] = counts.get(column, 0) + count
        return made

    return replace
