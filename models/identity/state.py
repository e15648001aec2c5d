"""What one night knows and the next one starts from.

A state is whole or worth nothing: its fingerprint covers every table, the model and the version of the
code, so that files of two nights can never be mixed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb
import pyarrow as pa

from .blocked_values import effective
from .scoring import Model
from .standardise import NameOrder

# Raised whenever standardising, scoring or the layout of the state change their answers.
CODE_VERSION = 3
TABLES = ("features", "hashes", "blocked", "pairs")
_MODEL = "model_"


def table_digest(table: pa.Table) -> str:
    """Digest of the rows of a table; neither their order nor how Arrow cuts or types its text plays a part."""
    if not table.num_columns or not table.num_rows:
        return f"{table.column_names}:0"
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    with duckdb.connect(":memory:") as connection:
        connection.register("rows", table)
        row = connection.sql(
            f"select count(*), bit_xor(h), sum(cast(h as hugeint)) from (select hash({columns}) as h from rows)"
        ).fetchone()
    return f"{table.column_names}:{row}"


@dataclass(frozen=True)
class State:
    """One night, whole. All tables are Arrow, ordered by their keys.

    features: standardised records. hashes: record_key, raw_hash of the input row, effective_hash of the row
    as it was scored. blocked: values that name nobody tonight. pairs: every pair kept. kinds: kind of value
    to column of the input. order, model: what was learnt, frozen. made_with: settings and columns they were learnt for.
    """

    features: pa.Table
    hashes: pa.Table
    blocked: pa.Table
    pairs: pa.Table
    order: NameOrder
    model: Model
    kinds: Mapping[str, str]
    made_with: str
    fingerprint: str = ""

    @cached_property
    def effective(self) -> pa.Table:
        """The features as they were compared: blocked values are null."""
        return effective(self.features, self.blocked)

    def sealed(self) -> State:
        """The state with its fingerprint."""
        return replace(self, fingerprint=self._digest())

    def is_whole(self) -> bool:
        """Whether this code wrote it and nothing was changed, lost or mixed in since it was sealed."""
        return bool(self.fingerprint) and self.fingerprint == self._digest()

    def _digest(self) -> str:
        parts = [str(CODE_VERSION), duckdb.__version__, self.made_with, json.dumps(dict(self.kinds), sort_keys=True)]
        parts += [self.order.to_json(), self.model.fingerprint]
        parts += [table_digest(getattr(self, name)) for name in TABLES]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def to_tables(self) -> dict[str, pa.Table]:
        """The state as tables to store under their names; `from_tables` takes them back."""
        kinds = json.dumps(dict(self.kinds), sort_keys=True)
        about = {"made_with": [self.made_with], "kinds": [kinds], "name_order": [self.order.to_json()]}
        about["fingerprint"] = [self.fingerprint]
        tables = {name: getattr(self, name) for name in TABLES} | {"about": pa.table(about)}
        return tables | {_MODEL + name: table for name, table in self.model.to_tables().items()}

    @classmethod
    def from_tables(cls, tables: Mapping[str, pa.Table]) -> State:
        """The state from stored tables. Files may be missing or of two nights: KeyError, or `is_whole` is False."""
        about = tables["about"].to_pylist()[0]
        model = {name.removeprefix(_MODEL): table for name, table in tables.items() if name.startswith(_MODEL)}
        return cls(
            *(tables[name] for name in TABLES),
            NameOrder.from_json(about["name_order"]),
            Model.from_tables(model),
            json.loads(about["kinds"]),
            about["made_with"],
            about["fingerprint"],
        )
