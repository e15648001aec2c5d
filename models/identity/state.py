"""What one night knows and the next one starts from.

A state is whole or worth nothing: its fingerprint covers every table, the model and the version of the
code, so that files of two nights can never be mixed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from .blocked_values import SCHEMA as BLOCKED_SCHEMA
from .blocked_values import SHARED_SCHEMA, effective
from .clustering.groups import CHOICES_SCHEMA, GROUPS_SCHEMA
from .digest import table_digest
from .scoring import PAIR_SCHEMA, Model
from .standardise import SCHEMA as FEATURES_SCHEMA
from .standardise import NameOrder
from .threads import in_threads

# Raised whenever standardising, scoring or the layout of the state change their answers.
CODE_VERSION = 3
ENDS_SCHEMA = pa.schema([("left", pa.int32()), ("right", pa.int32())])
SCHEMAS = {
    "features": FEATURES_SCHEMA,
    "hashes": pa.schema([("raw_hash", pa.uint64())]),
    "blocked": BLOCKED_SCHEMA,
    "shared": SHARED_SCHEMA,
    "pairs": PAIR_SCHEMA,
    "ends": ENDS_SCHEMA,
    "groups": GROUPS_SCHEMA,
    "choices": CHOICES_SCHEMA,
}
_PARTS = ("order", *SCHEMAS)
_MODEL = "model_"


@dataclass(frozen=True)
class State:
    """One night, whole. All tables are Arrow; a record is told by its row in `features`, which are ordered by key.

    features: standardised records. hashes: row by row raw_hash of the input row, and b0, b1 … its block keys
    (`scoring.reach`). blocked: values that name nobody tonight. shared: how many values so many people share, by kind.
    pairs: every pair kept, ordered by keys. ends: row by row the records of a pair. groups, choices: see
    `clustering.groups`; without rows until the records are clustered. order, model: what was learnt, frozen.
    kinds: kind of value to column of the input. made_with: settings and columns the pairs depend on. grouped_with:
    settings that groups depend on besides.
    """

    features: pa.Table
    hashes: pa.Table
    blocked: pa.Table
    shared: pa.Table
    pairs: pa.Table
    ends: pa.Table
    groups: pa.Table
    choices: pa.Table
    order: NameOrder
    model: Model
    kinds: Mapping[str, str]
    made_with: str
    grouped_with: str = ""
    fingerprint: str = ""

    @cached_property
    def effective(self) -> pa.Table:
        """The features as they were compared: blocked values are null."""
        return effective(self.features, self.blocked)

    def compared(self, rows: np.ndarray | None = None, columns: list[str] | None = None) -> pa.Table:
        """Some rows (numbers or a mask), or columns, of `effective`."""
        ready = self.__dict__.get("_ready")
        if ready is not None and columns is not None and set(columns) <= set(ready.column_names):
            return _some(ready.select(columns), rows)
        table = self.features if columns is None else self.features.select(columns)
        return effective(_some(table, rows), self.blocked)

    def get_ready(self, table: pa.Table) -> None:
        """Take it that `table` is what `compared` says of all records in its columns: until the state is sealed."""
        self.__dict__["_ready"] = table

    @property
    def keys(self) -> pa.Array:
        """record_key of every record."""
        return self.features["record_key"].combine_chunks()

    def sealed(self, digests: Mapping[str, str] | None = None, **changed: Any) -> State:
        """The state with some parts `changed`, and its fingerprint; `digests` of tables that are known already."""
        out = replace(self, **changed)
        known = {name: digest for name, digest in self._digests.items() if name not in changed}
        out.__dict__["_digests"] = known | dict(digests or {})
        out.__dict__["fingerprint"] = out._digest()
        return out

    def is_whole(self) -> bool:
        """Whether this code wrote it and nothing was changed, lost or mixed in since it was sealed."""
        return bool(self.fingerprint) and self.fingerprint == self._digest()

    @cached_property
    def _digests(self) -> dict[str, str]:
        """Digests of the tables that were looked at since this object was made."""
        return {}

    def digest(self, name: str) -> str:
        """Digest of the table `name`, or of `order`; found once."""
        if name not in self._digests:
            part = getattr(self, name)
            self._digests[name] = _of_text(part.to_json()) if name == "order" else table_digest(part)
        return self._digests[name]

    def scored_digests(self) -> None:
        """Find the digests of all that stays as it is when the records are clustered."""
        for name in ("order", *(name for name in SCHEMAS if name not in ("groups", "choices"))):
            self.digest(name)

    def _digest(self) -> str:
        self.digest("order")
        # Each of the others takes a while, and none needs another.
        in_threads(
            lambda part: part(), [lambda: self.model.fingerprint, *(partial(self.digest, one) for one in _PARTS)]
        )
        parts = [str(CODE_VERSION), duckdb.__version__, self.made_with, json.dumps(dict(self.kinds), sort_keys=True)]
        parts += [self.model.fingerprint, self.grouped_with]
        parts += [self.digest(name) for name in _PARTS]
        return _of_text("\n".join(parts))

    def to_tables(self) -> dict[str, pa.Table]:
        """The state as tables to store under their names; `from_tables` takes them back."""
        kinds = json.dumps(dict(self.kinds), sort_keys=True)
        about = {"made_with": [self.made_with], "kinds": [kinds], "name_order": [self.order.to_json()]}
        about |= {"grouped_with": [self.grouped_with], "version": [CODE_VERSION], "fingerprint": [self.fingerprint]}
        tables = {name: getattr(self, name) for name in SCHEMAS} | {"about": pa.table(about)}
        return tables | {_MODEL + name: table for name, table in self.model.to_tables().items()}

    @classmethod
    def from_tables(cls, tables: Mapping[str, pa.Table]) -> State:
        """The state from stored tables. Files may be missing or of two nights: KeyError, or `is_whole` is False."""
        about = tables["about"].to_pylist()[0]
        model = {name.removeprefix(_MODEL): table for name, table in tables.items() if name.startswith(_MODEL)}
        return cls(
            *(tables[name].combine_chunks() for name in SCHEMAS),
            NameOrder.from_json(about["name_order"]),
            Model.from_tables(model),
            json.loads(about["kinds"]),
            about["made_with"],
            about.get("grouped_with") or "",
            about["fingerprint"],
        )

    @classmethod
    def of_model(cls, tables: Mapping[str, pa.Table]) -> State:
        """The state without any record, from the tables about what was learnt: tonight every record is new to it.

        Raises KeyError where one is missing, ValueError where another version of the code learnt it.
        """
        if tables["about"].to_pylist()[0].get("version") != CODE_VERSION:
            raise ValueError("the state is of another version of the code")
        empty = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
        return cls.from_tables({**tables, **empty}).sealed()


def _some(table: pa.Table, rows: np.ndarray | None) -> pa.Table:
    if rows is None:
        return table
    return table.filter(pa.array(rows)) if rows.dtype == bool else table.take(pa.array(rows))


def _of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


__all__ = ["CODE_VERSION", "SCHEMAS", "State"]
