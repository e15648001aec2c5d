"""Intervals: quantiles of what may happen, and levels that held in the past."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lifetime_value.intervals import LEAST_OUTCOMES, NONE_EDGES, as_foreseen, groups, that_held
from models.lifetime_value.outlook import Outlook

RANDOM = np.random.default_rng(7)


def _world(rows: int, none: float, shape: float, scale: float) -> tuple[Outlook, np.ndarray]:
    """An outlook that is right, and what happened."""
    mean = (1 - none) * shape * scale
    square = (1 - none) * shape * (shape + 1) * scale**2
    outlook = Outlook(np.full(rows, mean), np.full(rows, square - mean**2), np.full(rows, none))
    return outlook, np.where(RANDOM.random(rows) < none, 0.0, RANDOM.gamma(shape, scale, rows))


def test_quantiles_are_those_of_what_happens():
    outlook, happened = _world(200_000, 0.3, 2.0, 5.0)
    for level in (0.1, 0.5, 0.9):
        assert outlook.quantile(level)[0] == pytest.approx(np.quantile(happened, level), rel=0.02, abs=1e-9)
    assert outlook.level(np.full(len(happened), 8.0))[0] == pytest.approx((happened <= 8.0).mean(), abs=0.005)


def test_right_outlooks_are_read_where_they_promise():
    two_sided = that_held(*_world(200_000, 0.05, 1.5, 3.0), 0.8, whole=False)
    assert (two_sided.low[0], two_sided.high[0]) == pytest.approx((0.1, 0.9), abs=0.01)
    outlook, happened = _world(200_000, 0.4, 1.5, 3.0)
    one_sided = that_held(outlook, happened, 0.8, whole=False)
    place = groups(outlook)[0]
    assert (one_sided.low[place], one_sided.high[place]) == pytest.approx((0.0, 0.8), abs=0.01)


def test_too_narrow_outlooks_are_read_further_out():
    outlook, happened = _world(50_000, 0.0, 2.0, 5.0)
    narrow = Outlook(outlook.mean, outlook.variance / 9, outlook.none)
    bands = that_held(narrow, happened, 0.8, whole=False)
    assert bands.low[0] < 0.1 and bands.high[0] > 0.9
    low, high = bands.bounds(narrow)
    assert ((happened >= low) & (happened <= high)).mean() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("none", [0.05, 0.2, 0.4, 0.6, 0.75])
def test_eight_of_ten_are_held_in_every_group(none):
    """Each group by itself, also where the outlook is far too narrow for one and far too wide for another."""
    outlook, happened = _world(20_000, none, 2.0, 5.0)
    other, other_happened = _world(20_000, 0.5 if none < 0.4 else 0.02, 2.0, 5.0)
    wrong = Outlook(outlook.mean, outlook.variance * 3, outlook.none)
    both = Outlook(*(np.concatenate([getattr(one, part) for one in (wrong, other)]) for part in Outlook.__slots__))
    bands = that_held(both, np.concatenate([happened, other_happened]), 0.8, whole=False)
    low, high = bands.bounds(wrong)
    assert ((happened >= low) & (happened <= high)).mean() == pytest.approx(0.8, abs=0.01)
    if none >= NONE_EDGES[0]:
        assert (low == 0).all(), "nothing is as low as it gets: what is left out lies above"


def test_counts_are_held_by_whole_bounds():
    mean, shape = 4.0, 1.5
    rates = RANDOM.gamma(shape, mean / shape, 50_000)
    happened = RANDOM.poisson(rates).astype("float64")
    none = (1 + mean / shape) ** -shape
    outlook = Outlook(*(np.full(len(rates), value) for value in (mean, mean + mean**2 / shape, none)))
    low, high = that_held(outlook, happened, 0.8, whole=True).bounds(outlook)
    assert low[0] == np.floor(low[0]) and high[0] == np.ceil(high[0])
    held = ((happened >= low) & (happened <= high)).mean()
    # One count less would hold too few: whole bounds hold what they promise, by less than one count's share.
    assert 0.8 <= held < 0.8 + (happened == high[0]).mean()


def test_where_more_do_nothing_than_is_promised_the_interval_is_nothing():
    outlook, happened = _world(20_000, 0.88, 2.0, 5.0)
    low, high = that_held(outlook, happened, 0.8, whole=False).bounds(outlook)
    assert (low == 0).all() and (high == 0).all()


def test_few_outcomes_are_read_with_their_neighbours_and_none_as_foreseen():
    few, happened = _world(LEAST_OUTCOMES - 1, 0.4, 2.0, 5.0)
    assert that_held(few, happened, 0.8, whole=False) == as_foreseen(0.8, whole=False)
    many, after = _world(5_000, 0.6, 2.0, 5.0)
    both = Outlook(*(np.concatenate([getattr(one, part) for one in (few, many)]) for part in Outlook.__slots__))
    bands = that_held(both, np.concatenate([happened, after]), 0.8, whole=False)
    assert bands.high[groups(few)[0]] == pytest.approx(bands.high[groups(many)[0]], abs=0.05)
    nobody = Outlook(*(np.empty(0) for _ in Outlook.__slots__))
    assert that_held(nobody, np.empty(0), 0.8, whole=True) == as_foreseen(0.8, whole=True)


@given(
    mean=st.floats(0, 1e6),
    spread=st.floats(0, 1e3),
    none=st.floats(0, 1),
    moved=st.floats(0, 1e6),
    levels=st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)),
)
def test_quantiles_are_finite_ordered_and_never_negative(mean, spread, none, moved, levels):
    outlook = Outlook(np.array([mean]), np.array([mean**2 * spread]), np.array([none])).moved_to(np.array([moved]))
    low, high = (outlook.quantile(level)[0] for level in sorted(levels))
    assert np.isfinite(high) and 0 <= low <= high
