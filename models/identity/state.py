"""What one night knows and the next one starts from.

A state is whole or worth nothing: its fingerprint covers every table, the model and the version of the
code, so that files of two nights can never be mixed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

# Raised whenever standardising, scoring or the layout of the state change their answers.
CODE_VERSION = 1
TABLES = ("features", "hashes", "blocked", "pairs")


def table_digest(table: pa.Table) -> str:
    """Digest of the rows of a table; neither their order nor how Arrow cuts or types its text plays a part."""
    if table.num_columns == 0 or table.num_rows == 0:
        return f"{table.column_names}:0"
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    with duckdb.connect(":memory:") as connection:
        connection.register("rows", table)
        row = connection.sql(
            f"select count(*), bit_xor(hash({columns})), sum(cast(hash({columns}) as hugeint)) from rows"
        ).fetchone()
    return f"{table.column_names}:{row}"


@dataclass(frozen=True)
class State:
    """features: standardised records. hashes: record_key, raw_hash (of the input row), effective_hash
    (of the row as it was scored). blocked: column and value left out tonight. pairs: every pair kept.
    model: what scored them. All tables are Arrow, ordered by their keys.
    """

    features: pa.Table
    hashes: pa.Table
    blocked: pa.Table
    pairs: pa.Table
    model: Any = None
    settings_key: str = ""
    fingerprint: str = field(default="")

    def sealed(self) -> State:
        """The state with its fingerprint."""
        return State(
            self.features, self.hashes, self.blocked, self.pairs, self.model, self.settings_key, self._digest()
        )

    def is_whole(self) -> bool:
        """Whether nothing was changed, lost or mixed in since the state was sealed, and this code wrote it."""
        return bool(self.fingerprint) and self.fingerprint == self._digest()

    def _digest(self) -> str:
        parts = [str(CODE_VERSION), duckdb.__version__, self.settings_key, model_json(self.model)]
        parts += [table_digest(getattr(self, name)) for name in TABLES]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def to_tables(self) -> dict[str, pa.Table]:
        """The state as tables to store; `from_tables` takes them back."""
        about = {"model": [model_json(self.model)], "settings_key": [self.settings_key]}
        tables = {name: getattr(self, name) for name in TABLES}
        return tables | {"about": pa.table(about | {"fingerprint": [self.fingerprint]})}

    @classmethod
    def from_tables(cls, tables: dict[str, pa.Table]) -> State:
        """The state from stored tables. It may have been cut off half way: `is_whole` tells."""
        about = tables["about"].to_pylist()[0]
        return cls(
            *(tables[name] for name in TABLES), model_of(about["model"]), about["settings_key"], about["fingerprint"]
        )


def model_json(model: Any) -> str:
    """The model as text."""
    return json.dumps(None) if model is None else model.to_json()


def model_of(text: str) -> Any:
    """The model back from its text."""
    return None
