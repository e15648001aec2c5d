"""What is kept by row number meets its record again, whoever came and went; counts and digests follow."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import IdentitySettings
from models.identity.alignment import Alignment, moved
from models.identity.blocked_values import counted, counted_again
from models.identity.digest import after, table_digest
from models.identity.standardise import SCHEMA

NIGHTS = st.dictionaries(st.integers(0, 30), st.integers(0, 3), max_size=20)


def table(night: dict[int, int]) -> pa.Table:
    """Records by number; their value is a phone and a name shared with others, or none."""
    rows = sorted(night)
    texts = {
        "record_key": [f"r{n:03d}" for n in rows],
        "phone": [f"+1614555010{night[n]}" if night[n] else None for n in rows],
        "name_key": [f"family{n % 7} given" for n in rows],
    }
    return pa.table([pa.array(texts.get(f.name, [None] * len(rows)), f.type) for f in SCHEMA], schema=SCHEMA)


@settings(max_examples=12, deadline=None)
@given(NIGHTS, NIGHTS)
def test_rows_counts_and_digests_of_a_night_follow_from_the_last(last: dict[int, int], now: dict[int, int]) -> None:
    before, tonight = table(last), table(now)
    rows = Alignment.of(tonight["record_key"].combine_chunks(), before["record_key"].combine_chunks())
    keys = sorted(now)
    assert [sorted(last)[at] if at >= 0 else None for at in rows.then] == [key if key in last else None for key in keys]
    assert moved(rows.then, rows.now).tolist() == [n if key in last else -1 for n, key in enumerate(keys)]
    changed = np.array([last.get(key) != now[key] for key in keys], dtype=bool)
    fresh, lost = tonight.filter(pa.array(changed)), rows.was(changed)
    removed = before.filter(pa.array(lost))
    assert rows.carried(before, fresh, changed).equals(tonight)
    some = changed ^ (np.arange(len(keys)) % 3 == 0)
    assert rows.picked(before, fresh, changed, some).equals(tonight.filter(pa.array(some)))
    assert after(table_digest(before), removed, fresh) == table_digest(tonight)
    few = IdentitySettings(least_people_blocked=2, blocked_tail=0.5)
    again = counted_again(lambda: tonight, before, fresh, lost, *counted(before, few), few)
    assert [one.equals(other) for one, other in zip(again, counted(tonight, few), strict=True)] == [True, True]


def test_numbers_are_digested_by_order_and_texts_by_rows() -> None:
    numbers, texts = pa.table({"n": [1, 2, 3]}), pa.table({"t": ["a", "b", None]})
    backwards = pa.array([2, 1, 0])
    assert table_digest(numbers) != table_digest(numbers.take(backwards))
    assert table_digest(texts) == table_digest(texts.take(backwards))
    assert table_digest(pa.concat_tables([numbers[:1], numbers[1:]])) == table_digest(numbers)
