"""The blend: an average of log-odds, chosen and levelled by past dates alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.churn.baselines import ORDERS, RFM
from models.churn.blend import BLENDS, LINEAR, SPLINES, Blend, Told, chance, choose, lasting, level_error

MEMBERS = (SPLINES, LINEAR, RFM, ORDERS)


def _date(seed: int, noise: dict[str, float], level: float = 0.0, rows: int = 3000) -> Told:
    """Customers with log-odds of their own; each member sees them through its noise; `level` moves what happens."""
    draws = np.random.default_rng(seed)
    truth = draws.normal(-1.5, 1.5, rows)
    said = {name: truth + draws.normal(0, noise.get(name, 0.3), rows) for name in MEMBERS}
    return Told(said, (draws.random(rows) < chance(truth + level)).astype("float64"))


def test_the_members_that_foretold_best_are_chosen() -> None:
    one_bad = [_date(seed, {RFM: 4.0, ORDERS: 4.0}) for seed in range(4)]
    assert choose(one_bad, MEMBERS).members == (SPLINES, LINEAR)
    all_alike = [_date(seed, dict.fromkeys(MEMBERS, 1.5)) for seed in range(4)]
    assert choose(all_alike, MEMBERS).members == BLENDS[0]


def test_without_a_past_the_widest_blend_answers_and_nothing_is_moved() -> None:
    assert choose([], MEMBERS) == Blend(BLENDS[0])
    assert choose([], (SPLINES, LINEAR, RFM)) == Blend((SPLINES, LINEAR))


def test_months_that_err_alike_move_the_level_and_it_is_right_afterwards() -> None:
    past = [_date(seed, {}, level=0.4) for seed in range(5)]
    blend = choose(past, MEMBERS)
    # The noise of the members flattens what they say, so a bit more or less than 0.4 is right.
    assert 0.25 < blend.shift < 0.5
    later = _date(99, {}, level=0.4)
    unmoved = Blend(blend.members)
    off = abs(chance(blend.log_odds(later.said)).mean() - later.target.mean())
    assert off < abs(chance(unmoved.log_odds(later.said)).mean() - later.target.mean()) / 2


def test_months_that_err_both_ways_move_nothing() -> None:
    assert choose([_date(seed, {}, level=0.5 * (-1) ** seed) for seed in range(4)], MEMBERS).shift == 0.0
    assert lasting([0.4, 0.4]) == 0.0, "two months are no habit"
    assert lasting([0.4, 0.4, 0.4]) == pytest.approx(0.4)
    assert lasting([]) == lasting([0.0, 0.0, 0.0]) == 0.0


@given(st.lists(st.floats(-2, 2), max_size=8))
def test_no_more_is_moved_than_the_months_were_off_on_average(errors: list[float]) -> None:
    moved = lasting(errors)
    mean = float(np.mean(errors)) if errors else 0.0
    assert abs(moved) <= abs(mean) + 1e-12 and moved * mean >= 0


@given(st.floats(-3, 3), st.integers(0, 50))
def test_the_level_error_is_what_makes_the_mean_right(moved: float, seed: int) -> None:
    draws = np.random.default_rng(seed)
    odds = draws.normal(0, 1, 2000)
    found = level_error(odds, chance(odds + moved))
    assert found == pytest.approx(moved, abs=0.05)


def test_one_outcome_only_gives_a_finite_level() -> None:
    odds = np.full(100, -2.0)
    assert -10 < level_error(odds, np.zeros(100)) < 0 < level_error(odds, np.ones(100)) < 10
