"""The parts of the demand forecast against their definitions: classes, smoothing, sums, bounds, intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand import DemandSettings, hierarchy, intermittent, naive, panel, smoothing, tables
from models.demand.bounds import caps
from models.demand.classes import classify
from models.demand.periods import Periods, find
from models.demand.reconcile import coherent, least_squares, measured, reconcile

LAST = np.array([59])


def tree_of(parents: dict[str, tuple[str, ...]], levels: tuple[str, ...] = ("category", "department")):
    names = np.array(sorted(parents), dtype=object)
    table = pd.DataFrame([(name, *parents[name]) for name in names], columns=["series_id", *levels])
    return hierarchy.build(names, table, "series")


TREE = tree_of({"a": ("x", "p"), "b": ("x", "p"), "c": ("y", "p"), "d": ("z", "q"), "e": ("z", "q")})


def summing(tree) -> np.ndarray:
    """(nodes, bottom) of ones where a node holds a series."""
    return tree.add_up(np.eye(tree.bottom)).T


def test_a_tree_adds_up_by_name() -> None:
    assert TREE.levels == ["series", "category", "department", "total"]
    assert TREE.names.tolist() == [*"abcde", *"xyz", *"pq", "total"]
    assert TREE.add_up(np.array([1.0, 2, 4, 8, 16])).tolist() == [1, 2, 4, 8, 16, 3, 4, 24, 7, 24, 31]


def test_a_member_under_two_parents_becomes_two_nodes_and_nothing_is_lost() -> None:
    tree = tree_of({"a": ("misc", "p"), "b": ("misc", "q"), "c": (None, "q")})
    assert tree.names.tolist() == ["a", "b", "c", "misc (p)", "(none)", "misc (q)", "p", "q", "total"]
    assert tree.add_up(np.array([1.0, 2.0, 4.0]))[-3:].tolist() == [1, 6, 7]
    part = hierarchy.build(
        np.array(["a"], dtype=object),
        pd.DataFrame({"series_id": ["a", "b"], "category": ["misc", "misc"], "department": ["p", "q"]}),
        "series",
    )
    assert "misc (p)" in part.names, "a node's name does not depend on which series have sold"
    with pytest.raises(ValueError, match="more than once"):
        hierarchy.build(np.array(["a"]), pd.DataFrame({"series_id": ["a", "a"], "g": ["x", "y"]}), "series")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0.1, 9)), min_size=11, max_size=11))
def test_reconciliation_is_the_weighted_least_squares_answer(nodes) -> None:
    base, variance = np.array(nodes).T
    sums, weight = summing(TREE), np.diag(1 / variance)
    bottom = np.linalg.solve(sums.T @ weight @ sums, sums.T @ weight @ base)
    assert reconcile(TREE, base, least_squares(TREE, variance)) == pytest.approx(sums @ bottom, abs=1e-8)


def test_measured_trust_finds_which_of_the_two_was_right() -> None:
    draws = np.random.default_rng(1)
    bottom = draws.gamma(3.0, 10.0, (6, 4, 5))
    actual, weight = TREE.add_up(bottom), np.ones((6, 11))
    noisy = bottom + draws.normal(0, 1, (6, 4, 1)) + 5.0  # members err together, sums are right
    base = np.concatenate([noisy, actual[..., 5:]], axis=-1)
    trust = measured(TREE, base, actual, weight, np.ones(11))
    assert trust.own[5:8] == pytest.approx(1.0)
    assert reconcile(TREE, base, trust)[..., 5:] == pytest.approx(actual[..., 5:])
    wrong = np.concatenate([bottom, actual[..., 5:] + draws.normal(0, 9, (6, 4, 6))], axis=-1)
    assert measured(TREE, wrong, actual, weight, np.ones(11)).own[5:] == pytest.approx(0.0, abs=0.02)


def test_coherent_forecasts_stay_between_zero_and_the_cap() -> None:
    kept = coherent(TREE, np.array([-3.0, 2.0004, 1e9, 1.0, 0.0]), np.array([9.0, 9, 7, 9, 9]), decimals=3)
    assert kept.tolist() == [0, 2.0, 7, 1, 0, 2.0, 7, 1, 9.0, 1, 10.0]


def test_classes_by_interval_and_variation() -> None:
    weeks = np.arange(60)
    series = {
        "smooth": np.where(weeks % 2, 10.0, 12.0),
        "erratic": np.where(weeks % 5, 2.0, 40.0),
        "intermittent": np.where(weeks % 3, 0.0, 5.0),
        "lumpy": np.where(weeks % 3, 0.0, np.where(weeks % 9, 1.0, 30.0)),
        "short": np.where(weeks >= 52, 5.0, np.nan),
        "new": np.where(weeks >= 58, 5.0, np.nan),
        "zero": np.zeros(60),
        "ended": np.where(weeks < 30, 8.0, 0.0),
    }
    assert classify(np.stack(list(series.values()), axis=1), DemandSettings()).tolist() == list(series)


def test_a_slow_seller_has_not_ended_while_its_silence_is_usual() -> None:
    slow = np.where(np.arange(60) % 14 == 0, 3.0, 0.0)[:, None]
    assert classify(slow, DemandSettings()).tolist() == ["intermittent"]


def test_smoothing_of_one_rate_is_the_textbook_recursion(monkeypatch) -> None:
    monkeypatch.setattr(smoothing, "ALPHAS", (0.3, 0.3, 0.3, 0.3))
    monkeypatch.setattr(smoothing, "TRENDS", ((0.0, 0.0),))
    values = np.random.default_rng(2).gamma(3, 5, 60)
    level = 0.0
    for place, value in enumerate(values):
        level += max(0.3, 1 / (place + 1)) * (value - level)
    told = smoothing.exponential(values[:, None], LAST, 3, 52)
    assert told[0, :, 0] == pytest.approx([level] * 3)


def test_smoothing_finds_trend_and_season_and_origins_do_not_disturb_one_another() -> None:
    time = np.arange(60.0)
    amounts = np.stack([100 + 2 * time, 100 + 40 * np.sin(time * np.pi / 2), np.full(60, 7.0)], axis=1)
    origins = np.array([40, 50, 59])
    for model in (smoothing.exponential, smoothing.theta):
        told = model(amounts, origins, 4, 4)
        for place, origin in enumerate(origins):
            assert model(amounts[: origin + 1], np.array([origin]), 4, 4)[0] == pytest.approx(told[place])
        assert told[2, :, 2] == pytest.approx(7.0)
        truth = 100 + 40 * np.sin(np.arange(60, 64) * np.pi / 2)
        assert told[2, :, 1] == pytest.approx(truth, abs=8)
    assert smoothing.exponential(amounts, LAST, 2, 1)[0, 1, 0] == pytest.approx(222, rel=0.03)


def test_croston_and_its_kin_find_the_rate_of_sales() -> None:
    draws = np.random.default_rng(3)
    amounts = np.where(draws.random((400, 40)) < 0.25, draws.poisson(3, (400, 40)) + 1.0, 0.0)
    last = np.array([399])
    for told in (
        intermittent.croston_sba(amounts, last, 2),
        intermittent.tsb(amounts, last, 2),
        *intermittent.aggregated(amounts, last, 2),
    ):
        assert told.shape == (1, 2, 40) and (told >= 0).all()
        assert told.mean() == pytest.approx(1.0, rel=0.12)
    stopped = np.concatenate([amounts, np.zeros((60, 40))])
    faded = intermittent.tsb(stopped, np.array([459]), 1).mean()
    assert faded < 0.6 * intermittent.croston_sba(stopped, np.array([459]), 1).mean()


def test_naive_uses_the_season_where_history_allows_and_skips_what_was_not_observed() -> None:
    amounts = np.arange(10.0)[:, None]
    assert naive.seasonal(amounts, np.array([9]), 5, 4)[0, :, 0].tolist() == [6, 7, 8, 9, 6]
    assert naive.seasonal(amounts, np.array([9]), 2, 52)[0, :, 0].tolist() == [9, 9]
    amounts[9] = np.nan
    assert naive.seasonal(amounts, np.array([9]), 4, 4)[0, :, 0].tolist() == [6, 7, 8, 8]
    assert naive.moving_means(amounts, np.array([9]), 1, 4)[0, 0, 0] == 7.0


def test_periods_are_numbers_and_back() -> None:
    days = np.arange(np.datetime64("2019-12-20"), np.datetime64("2020-03-10"))
    for frequency in ("daily", "weekly", "monthly", "quarterly"):
        periods = Periods(frequency)
        numbers = periods.number(days)
        assert ((periods.start(numbers) <= days) & (days < periods.start(numbers + 1))).all()
        last = periods.last_complete("2020-02-15")
        assert periods.start(last + 1) <= np.datetime64("2020-02-16") < periods.start(last + 2)
    assert Periods("weekly").start(Periods("weekly").number(days[:1]))[0] == np.datetime64("2019-12-16")
    mondays = np.array(["2020-01-06", "2020-01-13"], dtype="datetime64[D]")
    assert [find(mondays).frequency, find(days).frequency] == ["weekly", "daily"]
    with pytest.raises(ValueError, match="hourly"):
        find(mondays, "hourly")


def panel_of(amounts: np.ndarray, tree=None):
    weeks = np.datetime64("2017-01-02") + 7 * np.arange(len(amounts))
    table = pd.DataFrame(
        {
            "series_id": np.repeat([f"s{k:03}" for k in range(amounts.shape[1])], len(weeks)),
            "date": np.tile(weeks, amounts.shape[1]),
            "value": amounts.T.ravel(),
        }
    )
    rows = tables.read(table, str(weeks[-1] + 6), DemandSettings())
    return panel.build(rows, tree or hierarchy.build(rows.series, None, "series"), {}, DemandSettings())


def test_a_bound_is_what_rises_justify() -> None:
    flat = np.full((60, 30), 10.0) + np.arange(60)[:, None] % 2
    assert caps(panel_of(flat), 59, 4) == pytest.approx(11.0)
    growing = 10.0 * 1.05 ** np.arange(60)[:, None] * np.ones((1, 30))
    bound = caps(panel_of(growing), 59, 4)
    assert bound == pytest.approx(growing[-1] * 1.05**4, rel=0.01)
    silent = np.concatenate([flat, np.zeros((60, 1))], axis=1)
    assert caps(panel_of(silent), 59, 4)[-1] == 0.0


def test_sums_with_too_much_guessed_are_not_observed() -> None:
    amounts = np.full((20, 3), 10.0)
    amounts[15, 0] = np.nan
    amounts[16, :] = np.nan
    amounts[17, 2] = np.nan
    names = np.array(["s000", "s001", "s002"], dtype=object)
    of = pd.DataFrame({"series_id": names, "group": ["big", "big", "big"]})
    made = panel_of(amounts, hierarchy.build(names, of, "series"))
    total = made.actual[:, -1]
    assert np.isnan(total[[15, 16, 17]]).all() and (np.delete(total, [15, 16, 17]) == 30).all()
