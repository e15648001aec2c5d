"""Decisions of people as edges: `same` is obeyed, `different` is obeyed first.

Precedence where decisions contradict each other: of two about one pair the later one holds, and on one
day `different`; a chain of `same` that would bring a `different` pair together is cut at its earliest decision,
because a wrong merge is harder to undo than a missed one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

COLUMNS = ["decision", "record_key_l", "record_key_r", "decided_by", "decided_on", "reason"]


@dataclass(frozen=True)
class Decisions:
    """same and different as pairs of ids (left below right), and alarms about what could not be obeyed.

    both_ways: pairs decided both ways, with the word that holds. unobeyed: 'same' pairs that do not hold, each
    with the 'different' pair that it would bring together.
    """

    same: tuple[tuple[int, int], ...] = ()
    different: tuple[tuple[int, int], ...] = ()
    alarms: tuple[str, ...] = ()
    both_ways: tuple[tuple[int, int, str], ...] = ()
    unobeyed: tuple[tuple[int, int, int, int], ...] = ()


def decide(overrides: pd.DataFrame | pa.Table | None, keys: pa.Array) -> Decisions:
    """The decisions that hold, for the records in `keys` (position is id).

    `overrides` has decision ('same' or 'different'), record_key_l, record_key_r and perhaps decided_on.
    Decisions about records that are not there wait in silence: a record may come back.
    Raises ValueError for another word than same or different.
    """
    if overrides is None or not len(overrides):
        return Decisions()
    table = answers(overrides)
    sides = ("record_key_l", "record_key_r")
    asked = pa.array(sorted({key for side in sides for key in table[side]}), pa.string())
    there = np.flatnonzero(pc.is_in(keys, value_set=asked.cast(keys.type)))  # few of many, which need no index
    some = pd.Index(keys.take(pa.array(there)).to_pandas())
    named = dict(zip(there.tolist(), some, strict=True))
    ids = [np.r_[there, -1][some.get_indexer(table[side])] for side in sides]
    table["left"], table["right"] = (
        [min(pair) for pair in zip(*ids, strict=True)],
        [max(pair) for pair in zip(*ids, strict=True)],
    )
    table = table[(table.left >= 0) & (table.left != table.right)]
    # On one day 'different' sorts before 'same', so it comes first where the latest is kept first.
    table = table.sort_values(["decided_on", "decision", "left", "right"], ascending=[False, True, True, True])
    held = table.drop_duplicates(["left", "right"])
    both_ways = _changed(table)
    alarms = [f"overrides decide {named[a]} - {named[b]} both ways: '{word}' holds" for a, b, word in both_ways]
    different = held[held.decision == "different"]
    same, refused = _chain(held[held.decision == "same"], different)
    alarms += [
        f"override 'same' {named[a]} - {named[b]} is not obeyed: with the later ones it would join"
        f" {named[c]} - {named[d]}, decided to be different"
        for a, b, c, d in refused
    ]
    apart = tuple(sorted(zip(different.left.tolist(), different.right.tolist(), strict=True)))
    return Decisions(tuple(sorted(same)), apart, tuple(alarms), both_ways, tuple(refused))


def answers(overrides: pd.DataFrame | pa.Table) -> pd.DataFrame:
    """Decisions as text columns decision, record_key_l, record_key_r and decided_on, the newest first.

    One without a day is older than any with one. On one day `different` comes first, so that it holds where the
    first of a pair is kept. Raises ValueError for another word than same or different.
    """
    given = overrides.to_pandas() if isinstance(overrides, pa.Table) else overrides
    table = pd.DataFrame({c: given[c].astype(str).to_numpy(object) for c in ("record_key_l", "record_key_r")})
    table["decision"] = given["decision"].astype(str).str.strip().str.lower().to_numpy(object)
    unknown = sorted(set(table.decision) - {"same", "different"})
    if unknown:
        raise ValueError(f"overrides: decision must be 'same' or 'different', found {', '.join(map(repr, unknown))}")
    if "decided_on" in given:
        when = given["decided_on"]
        table["decided_on"] = np.where(when.isna(), "", when.astype(str).to_numpy(object))
    else:
        table["decided_on"] = ""
    order = ["decided_on", "decision", "record_key_l", "record_key_r"]
    return table.sort_values(order, ascending=[False, True, True, True], ignore_index=True)


def _changed(table: pd.DataFrame) -> tuple[tuple[int, int, str], ...]:
    """Pairs that were decided both ways, with the word that holds."""
    both = table.groupby(["left", "right"]).decision.agg(["nunique", "first"]).reset_index()
    both = both[both["nunique"] > 1].sort_values(["left", "right"])
    return tuple(zip(both.left.tolist(), both.right.tolist(), both["first"], strict=True))


def _chain(
    same: pd.DataFrame, different: pd.DataFrame
) -> tuple[list[tuple[int, int]], list[tuple[int, int, int, int]]]:
    """`same` pairs that can be obeyed together, latest first, and the others with the pair they would join."""
    members: dict[int, set[int]] = {}
    foes: dict[int, set[int]] = {}
    for a, b in zip(different.left, different.right, strict=True):
        foes.setdefault(a, set()).add(b)
        foes.setdefault(b, set()).add(a)
    kept, refused = [], []
    for a, b in zip(same.left.tolist(), same.right.tolist(), strict=True):
        one, two = members.setdefault(a, {a}), members.setdefault(b, {b})
        met = [(x, y) for x in one for y in foes.get(x, ()) if y in two] if one is not two else []
        if met:
            x, y = min((min(pair), max(pair)) for pair in met)
            refused.append((a, b, x, y))
            continue
        kept.append((a, b))
        if one is not two:
            one |= two
            for record in two:
                members[record] = one
    return kept, refused
