"""The threshold of links moves only as far as people's answers bear it out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import IdentitySettings
from models.identity.labels import threshold_from_labels, wilson


def world(right_below: float, right_above: float, seed: int = 1, pairs: int = 4000) -> tuple[pd.DataFrame, np.ndarray]:
    """Pairs with even probabilities, and which are one person: a share below the default of 0.70, another above."""
    draws = np.random.default_rng(seed)
    p = np.round(draws.uniform(0.05, 1, pairs), 6)
    table = pd.DataFrame({"record_key_l": [f"a{n:05d}" for n in range(pairs)]})
    table["record_key_r"] = [f"b{n:05d}" for n in range(pairs)]
    table["match_probability"], table["is_conflict"] = p, False
    table["levels"] = [f"name={n % 5}" for n in range(pairs)]
    return table, draws.random(pairs) < np.where(p < 0.70, right_below, right_above)


def answers(table: pd.DataFrame, same: np.ndarray, count: int, seed: int = 2) -> pd.DataFrame:
    at = np.random.default_rng(seed).permutation(len(table))[:count]
    out = table.iloc[at][["record_key_l", "record_key_r"]]
    return out.assign(decision=np.where(same[at], "same", "different"))


def f1(table: pd.DataFrame, same: np.ndarray, threshold: float) -> float:
    linked = (table.match_probability >= threshold).to_numpy()
    return 2 * (linked & same).sum() / (linked.sum() + same.sum())


def test_few_answers_or_one_kind_move_nothing() -> None:
    table, same = world(1.0, 1.0)
    for told in (answers(table, same, 49), answers(table, same, 400)):
        found = threshold_from_labels(table, told)
        assert (found.probability, found.is_moved) == (0.70, False)
        assert math.isnan(found.precision)
        assert "stays 0.70" in found.why


def test_a_timid_score_lets_the_threshold_down() -> None:
    table, same = world(0.998, 1.0)
    same[:8] = False
    table.loc[:7, "match_probability"] = 0.06  # some that are different, so that both kinds are there
    told = pd.concat([answers(table, same, 2500), answers(table.head(8), same[:8], 8)]).drop_duplicates()
    found = threshold_from_labels(table, told, IdentitySettings(least_precision=0.98))
    assert found.is_moved
    assert found.probability < 0.5
    assert found.low >= 0.98
    assert f1(table, same, found.probability) > f1(table, same, 0.70)


def test_a_bold_score_raises_it() -> None:
    table, same = world(0.2, 1.0)
    same = same & ((table.match_probability >= 0.9) | (np.arange(len(table)) % 2 == 0)).to_numpy()
    found = threshold_from_labels(table, answers(table, same, 1500))
    assert found.probability > 0.70
    assert found.precision >= 0.99


def test_it_stays_where_a_lower_one_would_let_wrong_pairs_in() -> None:
    table, same = world(0.3, 1.0)
    found = threshold_from_labels(table, answers(table, same, 1500))
    assert found.probability == 0.70


def test_pairs_that_contradict_each_other_do_not_count() -> None:
    table, same = world(0.3, 1.0)
    told = answers(table, same, 1500)
    wrong = table.head(300).assign(record_key_l=[f"c{n:05d}" for n in range(300)], match_probability=0.99)
    wrong["is_conflict"] = True
    no = wrong[["record_key_l", "record_key_r"]].assign(decision="different")
    both = pd.concat([table, wrong], ignore_index=True)
    assert threshold_from_labels(both, pd.concat([told, no])) == threshold_from_labels(table, told)


def test_answers_about_one_pattern_do_not_speak_for_the_rest() -> None:
    """A queue that asks a rare and bad pattern most often must not condemn the common good one."""
    table, same = world(0.1, 1.0)
    rare = np.arange(len(table)) % 100 == 0
    table["levels"] = np.where(rare, "name=1", "name=5")
    above = (table.match_probability >= 0.7).to_numpy()
    same = np.where(rare & above, False, same)
    told = pd.concat([answers(table[~rare], same[~rare], 900), answers(table[rare], same[rare], 40)])
    raw = told.decision[told.record_key_l.isin(table.record_key_l[above])].eq("same").mean()
    found = threshold_from_labels(table, told, IdentitySettings(least_precision=0.98))
    truly = same[above].mean()
    assert abs(found.precision - truly) < abs(raw - truly)


@settings(max_examples=8, deadline=None)
@given(below=st.floats(0.0, 0.9), above=st.floats(0.9, 1.0), count=st.integers(60, 900), seed=st.integers(0, 99))
def test_f1_is_kept_or_raised(below: float, above: float, count: int, seed: int) -> None:
    """Down is only into bands with more right than wrong; up only where precision is too low for the company."""
    table, same = world(below, above, seed, pairs=1500)
    found = threshold_from_labels(table, answers(table, same, count, seed), IdentitySettings(least_precision=0.90))
    if found.probability <= 0.70:
        assert f1(table, same, found.probability) >= f1(table, same, 0.70) - 0.01


def test_order_plays_no_part() -> None:
    table, same = world(0.98, 1.0)
    told = answers(table, same, 800)
    mixed = threshold_from_labels(table.sample(frac=1, random_state=3), told.sample(frac=1, random_state=4))
    assert mixed == threshold_from_labels(table, told)


@pytest.mark.parametrize(("share", "count", "low", "high"), [(0.5, 10, 0.2366, 0.7634), (1.0, 50, 0.9287, 1.0)])
def test_wilson_is_as_published(share: float, count: float, low: float, high: float) -> None:
    """Against statsmodels' proportion_confint(method='wilson')."""
    assert wilson(share, count) == pytest.approx((low, high), abs=1e-3)
    assert wilson(0.3, 0) == (0.0, 1.0)


def test_of_two_answers_about_a_pair_the_newest_counts_in_any_order() -> None:
    table, same = world(0.97, 0.999)
    right = answers(table, same, 400).assign(decided_on="2017-01-02")
    wrong = right.assign(decided_on="2017-01-01", decision=np.where(right.decision == "same", "different", "same"))
    both = pd.concat([right, wrong])
    wanted = threshold_from_labels(table, right)
    assert threshold_from_labels(table, both) == threshold_from_labels(table, both[::-1]) == wanted
