"""Sorting within owners: the fast way and the plain one agree, whatever is sorted together."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.recommend import order
from models.recommend.order import best, ranked

scored = st.lists(st.tuples(st.integers(0, 6), st.floats(0, 1e6, width=32)), max_size=60).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)


def columns(rows) -> tuple[np.ndarray, np.ndarray]:
    return np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.float64)


@given(scored)
def test_best_first_within_each_owner_and_ties_in_the_order_they_came(rows):
    owner, score = columns(rows)
    expected = sorted(range(len(rows)), key=lambda row: (owner[row], -score[row], row))
    found, place = ranked(owner, score)
    assert found.tolist() == expected
    assert place.tolist() == [row - int(np.searchsorted(owner, owner[row])) for row in range(len(rows))]


@given(scored)
def test_both_ways_agree(rows):
    owner, score = columns(rows)
    packed, _ = ranked(owner, score)
    bits, order._BITS = order._BITS, 0  # nothing fits: the plain way
    try:
        plain, _ = ranked(owner, score)
    finally:
        order._BITS = bits
    assert packed.tolist() == plain.tolist()


def test_the_best_of_each_owner():
    owner, score = np.array([0, 0, 0, 2, 2]), np.array([0.1, 0.9, 0.9, 0.0, 0.5])
    assert best(owner, score, 2).tolist() == [1, 2, 4, 3]
