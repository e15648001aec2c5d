"""What a night keeps of its clusters and households, so that the next one cuts only what has changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

REFUSED, STRAYS, SAME, DIFFERENT = "refused", "stray", "same", "different"
GROUPS_SCHEMA = pa.schema([(name, pa.int32()) for name in ("cluster", "alone", "neighbours", "household")])
CHOICES_SCHEMA = pa.schema(
    [("kind", pa.string()), ("left", pa.int32()), ("right", pa.int32()), ("reason", pa.string())]
)


@dataclass(frozen=True)
class Groups:
    """Records are told by their place in the order of keys; a group by its smallest record.

    cluster: per record its customer. alone: the same before strays were brought home. neighbours: customers that
    what they share connects, however many. household: those of them that make a household. choices: pairs (left below
    right) that were refused, with the reason, strays with their homes, and pairs decided by people.
    """

    cluster: np.ndarray
    alone: np.ndarray
    neighbours: np.ndarray
    household: np.ndarray
    choices: pa.Table

    def pairs(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """(left, right) of the choices of a kind."""
        chosen = self.choices.filter(pc.equal(self.choices["kind"], kind))
        return tuple(chosen[side].to_numpy().astype(np.int64) for side in ("left", "right"))

    @property
    def reasons(self) -> np.ndarray:
        """Why each refused pair is refused, in the order of `pairs(REFUSED)`."""
        chosen = self.choices["reason"].filter(pc.equal(self.choices["kind"], REFUSED))
        return chosen.to_numpy(zero_copy_only=False)

    def to_tables(self) -> dict[str, pa.Table]:
        """Tables `groups` (one row per record) and `choices`."""
        columns = [pa.array(getattr(self, name), pa.int32()) for name in GROUPS_SCHEMA.names]
        return {"groups": pa.table(columns, schema=GROUPS_SCHEMA), "choices": self.choices}

    @classmethod
    def from_tables(cls, groups: pa.Table, choices: pa.Table) -> Groups:
        """What `to_tables` took apart."""
        return cls(*(groups[name].to_numpy().astype(np.int64) for name in GROUPS_SCHEMA.names), choices)


def choices(**pairs: tuple[np.ndarray, ...]) -> pa.Table:
    """Table of choices from kind=(left, right) or (left, right, reason)."""
    tables = [
        pa.table(
            [
                pa.array([kind] * len(left), pa.string()),
                pa.array(left, pa.int32()),
                pa.array(right, pa.int32()),
                pa.array(reason[0] if reason else [None] * len(left), pa.string()),
            ],
            schema=CHOICES_SCHEMA,
        )
        for kind, (left, right, *reason) in pairs.items()
    ]
    return pa.concat_tables(tables).combine_chunks()
