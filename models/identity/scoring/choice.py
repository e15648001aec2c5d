"""Which rules bring pairs up: by rising number of their pairs, while a measured budget lasts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from .blocking import HEARD, KEYS, key_sql, parts_of
from .model import OVERSIZED_SCHEMA

# Words of SQL in the parts of keys; what else stands there is a column.
_FUNCTIONS = {
    "left",
    "right",
    "substr",
    "least",
    "greatest",
    "replace",
    "translate",
    "length",
    "bfpvcgjkqsxzdtlmnraeiouyhw",
}


@dataclass(frozen=True)
class Choice:
    """Chosen rules in order, their pairs when the model was fitted, and the blocks left out.

    left_out: of every rule, chosen or not, how many blocks were too large; rules without such blocks are not in it.
    """

    rules: tuple[str, ...]
    pairs: dict[str, int]
    oversized: pa.Table
    left_out: dict[str, int]


def choose(connection: duckdb.DuckDBPyConnection, records: int, budget: int, largest: int) -> Choice:
    """Rules by rising number of pairs until `budget` pairs are used up.

    Every rule finds people that another one misses; the one with the fewest pairs finds them at the
    least price. Blocks above `largest` records are left out of a rule; a rule that would lose more
    than half of its records that way is no rule, unless all are like that: then one mass of equal records
    must not keep all others from being compared.
    """
    counted: list[_Counted] = []
    poor: list[_Counted] = []
    left_out: dict[str, int] = {}
    keys = _Keys(connection)
    # NumPy sorts without Python, so that two rules are counted at a time.
    with ThreadPoolExecutor(max_workers=2) as two:
        every = list(two.map(lambda rule: _Counted.of(rule, keys.of(rule), largest), KEYS))
    for found in every:
        if len(found.too_big):
            left_out[found.rule] = len(found.too_big)
        if found.pairs:
            (poor if found.lost * 2 > found.records else counted).append(found)
    chosen: list[_Counted] = []
    for found in sorted(counted or poor, key=lambda one: (one.pairs, one.rule)):
        # A rule is idle where this one lets every pair of its meet: the same parts or fewer, and no block left out.
        needed = [one for one in chosen if len(found.too_big) or not _covers(found.rule, one.rule)]
        if sum(one.pairs for one in needed) + found.pairs <= budget:
            chosen = [*needed, found]
    tables = [keys.texts(one.rule, one.too_big) for one in chosen if len(one.too_big)]
    return Choice(
        tuple(one.rule for one in chosen),
        {one.rule: one.pairs for one in chosen},
        pa.concat_tables(tables).combine_chunks() if tables else OVERSIZED_SCHEMA.empty_table(),
        left_out,
    )


class _Keys:
    """Each part of the keys as numbers, one per record, 0 where it is missing: texts take far longer to count."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self._connection = connection
        parts = list(dict.fromkeys(part for rule in KEYS for part in parts_of(rule)))
        numbers, joins = [], ""
        for i, part in enumerate(parts):
            number = f"case when {part} is null then 0 else hash({part}) end"
            if part in HEARD:  # slow to find, but there are few names: once for each of them
                column = HEARD[part]
                names = (
                    f"select {column} as name{i}, {number} as number{i} from (select distinct {column} from records)"
                )
                joins += f" left join ({names}) on name{i} = records.{column}"
                number = f"coalesce(number{i}, 0)"
            numbers.append(f"{number} as p{i}")
        found = connection.sql(f"select row_id, {', '.join(numbers)} from records{joins}").to_arrow_table()
        self._rows = found["row_id"].to_numpy()
        self._numbers = {part: found[f"p{i}"].to_numpy() for i, part in enumerate(parts)}

    def of(self, rule: str) -> np.ndarray:
        """One number per record for the whole key of a rule, 0 where a part is missing."""
        first, *others = (self._numbers[part] for part in parts_of(rule))
        for other in others:
            first = np.where((first == 0) | (other == 0), 0, first * _MIX + other)
        return first

    def texts(self, rule: str, numbers: np.ndarray) -> pa.Table:
        """The keys behind `numbers` (OVERSIZED_SCHEMA), ordered."""
        of_rule = self.of(rule)
        members = np.flatnonzero(np.isin(of_rule, numbers))
        rows = self._rows[members[np.unique(of_rule[members], return_index=True)[1]]]
        table = self._connection.sql(
            f"select '{rule}' as rule, {key_sql(rule)} as key from records"
            f" where row_id in ({', '.join(map(str, rows.tolist()))}) order by key"
        )
        return table.to_arrow_table().cast(OVERSIZED_SCHEMA)


_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd: a number of one part, times this, stays a number of its own


@dataclass(frozen=True)
class _Counted:
    """Blocks of a rule. pairs: in those not too large. records: with a key, `lost` of them in blocks too large.

    too_big: the numbers of the keys of the blocks that are too large.
    """

    rule: str
    pairs: int
    records: int
    lost: int
    too_big: np.ndarray

    @classmethod
    def of(cls, rule: str, keys: np.ndarray, largest: int) -> _Counted:
        """From the number of each record's key, 0 for none."""
        ordered = np.sort(keys[keys != 0])
        starts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
        starts = np.r_[0, starts] if len(ordered) else starts
        sizes = np.diff(np.r_[starts, len(ordered)])
        kept = sizes[sizes <= largest]
        lost = len(ordered) - int(kept.sum())
        return cls(rule, int((kept * (kept - 1) // 2).sum()), len(ordered), lost, ordered[starts[sizes > largest]])


def _covers(rule: str, other: str) -> bool:
    """Whether equal keys of `other` always have equal keys of `rule`: each part follows from the other's parts."""
    bare = [part for part in KEYS[other] if part.isidentifier()]
    return all(
        part in KEYS[other] or any(set(re.findall(r"[a-z_]{4,}", part)) - _FUNCTIONS == {column} for column in bare)
        for part in KEYS[rule]
    )
