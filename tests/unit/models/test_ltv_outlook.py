"""Intervals: quantiles of what may happen, and levels that held in the past."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lifetime_value.outlook import Outlook, levels_that_held

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
    low, high = levels_that_held(*_world(200_000, 0.4, 1.5, 3.0), 0.8)
    assert (low, high) == pytest.approx((0.1, 0.9), abs=0.01)


def test_too_narrow_outlooks_are_read_further_out():
    outlook, happened = _world(50_000, 0.0, 2.0, 5.0)
    narrow = Outlook(outlook.mean, outlook.variance / 9, outlook.none)
    low, high = levels_that_held(narrow, happened, 0.8)
    assert low < 0.1 and high > 0.9
    held = (happened >= narrow.quantile(low)) & (happened <= narrow.quantile(high))
    assert held.mean() == pytest.approx(0.8, abs=0.01)


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
