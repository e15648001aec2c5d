"""Declared segments: who is in each, in which order they count, and how far they overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from ..grades import as_day
from .conditions import ConditionError, check
from .profile import PROFILE, Column

MEMBER_COLUMNS = ["segment", "customer_id", "as_of", "priority", "place"]
OVERLAP_COLUMNS = ["segment", "other_segment", "as_of", "customers", "other_customers", "customers_in_both"]


@dataclass(frozen=True)
class CustomSegment:
    """One declared segment.

    priority: the lower the more important; where a customer may be in one segment only, it is that of the lowest.
    condition: boolean SQL over the columns of `profile`; an answer that is not known is a no.
    """

    name: str
    description: str
    priority: int
    condition: str


@dataclass(frozen=True)
class CustomSegments:
    """members: one row per segment and customer in it. overlap: one row per pair of segments."""

    members: pd.DataFrame
    overlap: pd.DataFrame


def declared(segments: Sequence[CustomSegment], columns: Mapping[str, Column] = PROFILE) -> list[str]:
    """What is wrong with declared segments, one line per mistake; nothing when all can be used."""
    lines = []
    names = [segment.name for segment in segments]
    lines += [f"{name}: declared twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    by_priority: dict[int, str] = {}
    connection = duckdb.connect()
    for segment in segments:
        if (first := by_priority.setdefault(segment.priority, segment.name)) != segment.name:
            lines.append(f"{segment.name}: priority {segment.priority} is that of {first}; each needs its own")
        try:
            check(segment.condition, columns, connection)
        except ConditionError as error:
            lines.append(f"{segment.name}: condition: {error}")
    return lines


def custom_segments(
    people: Any, as_of: object, segments: Sequence[CustomSegment], columns: Mapping[str, Column] = PROFILE
) -> CustomSegments:
    """Who is in which declared segment.

    Args:
        people: one row per customer: customer_id and the columns of the profile; an Arrow table or a data frame.
        as_of: the day it speaks for.
        segments: what was declared.
        columns: what conditions may ask.

    Raises:
        ValueError: a condition can't be used, or can't be answered for these customers; one line per mistake.
    """
    if mistakes := declared(segments, columns):
        raise ValueError("\n".join(mistakes))
    day = as_day(as_of)
    ordered = sorted(segments, key=lambda segment: segment.priority)
    is_in, customers = _answers(people, ordered, columns)
    members = pd.concat(
        [_members(is_in, customers, ordered, place) for place in range(len(ordered))] or [pd.DataFrame()]
    )
    members = members.assign(as_of=day).reindex(columns=MEMBER_COLUMNS)
    members = members.sort_values(["segment", "customer_id"], kind="stable", ignore_index=True)
    both = is_in.astype("int64").T @ is_in.astype("int64")
    pairs = [
        (ordered[a].name, ordered[b].name, day, int(both[a, a]), int(both[b, b]), int(both[a, b]))
        for a in range(len(ordered))
        for b in range(len(ordered))
        if a != b
    ]
    overlap = pd.DataFrame(pairs, columns=OVERLAP_COLUMNS).assign(all_customers=len(customers))
    return CustomSegments(members, overlap.sort_values(["segment", "other_segment"], ignore_index=True))


def _answers(
    people: Any, ordered: Sequence[CustomSegment], columns: Mapping[str, Column]
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each customer is in each segment (customers by segments), and the customers, ordered by id."""
    with duckdb.connect() as connection:
        connection.execute("set threads to 1")
        connection.register("people", people)
        known = set(connection.table("people").columns)
        typed = ", ".join(
            f'cast({f"{chr(34)}{name}{chr(34)}" if name in known else "null"} as {column.type}) as "{name}"'
            for name, column in columns.items()
        )
        connection.execute(
            f"create table profile as select cast(customer_id as varchar) as customer_id, {typed} from people"
        )
        answers = []
        for segment in ordered:
            try:
                found = connection.sql(
                    f"select coalesce((\n{segment.condition}\n), false) as answer from profile order by customer_id"
                ).fetchnumpy()["answer"]
            except duckdb.Error as error:
                said = " ".join(str(error).split())
                raise ValueError(f"{segment.name}: condition can't be answered: {said}") from None
            answers.append(np.asarray(found, dtype=bool))
        customers = np.asarray(
            connection.sql("select customer_id from profile order by customer_id").fetchnumpy()["customer_id"]
        )
    return np.column_stack(answers) if answers else np.zeros((len(customers), 0), dtype=bool), customers


def _members(is_in: np.ndarray, customers: np.ndarray, ordered: Sequence[CustomSegment], place: int) -> pd.DataFrame:
    inside = is_in[:, place]
    return pd.DataFrame(
        {
            "segment": ordered[place].name,
            "customer_id": customers[inside].astype(object),
            "priority": ordered[place].priority,
            "place": is_in[inside, : place + 1].sum(axis=1).astype("int64"),
        }
    )
