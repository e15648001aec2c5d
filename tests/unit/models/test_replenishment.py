"""Orders and empty shelves: known cases by hand, never negative, sane with whatever is missing."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models import replenishment
from models.replenishment import ReplenishmentSettings
from models.replenishment.ahead import days_ahead, shared
from models.replenishment.policy import above, quantile, whole_packs

_DAY = date(2017, 12, 31)  # a Sunday: the first week ahead begins tomorrow


def _forecast(series: str = "store:p|s", units: float = 14.0, upper: float = 20.0, weeks: int = 8) -> pd.DataFrame:
    starts = [_DAY + timedelta(days=1 + 7 * week) for week in range(weeks)]
    return pd.DataFrame({"series_id": series, "period_start": starts, "forecast": units, "upper_80": upper})


def _shelf(**said: object) -> pd.DataFrame:
    shelf = {
        "product_id": "p", "store_id": "s", "on_hand_units": 10, "on_order_units": 0, "next_delivery_on": None,
        "lead_time_days": 3, "review_days": 7, "pack_units": 6, "service_level": 0.95, "series_id": "store:p|s",
        "share": 1.0, "quantity_per_unit": 1,
    } | said  # fmt: skip
    return pd.DataFrame([shelf])


def _said(forecast: pd.DataFrame | None = None, **said: object) -> pd.Series:
    return replenishment.run(_shelf(**said), _forecast() if forecast is None else forecast, _DAY).iloc[0]


def test_an_order_covers_lead_time_and_review_with_the_service_level_in_whole_packs():
    """Two units a day over ten days; the variance is ten days of a week's ((20 - 14) / 1.2816) squared."""
    told = _said()
    mean, variance = 20.0, 10 / 7 * (6 / 1.2815515655) ** 2
    size = mean**2 / (variance - mean)
    up_to = stats.nbinom.ppf(0.95, size, mean / variance)
    assert told["expected_units"] == pytest.approx(mean)
    assert told["order_up_to_units"] == up_to
    assert told["safety_units"] == pytest.approx(up_to - mean)
    assert told["reorder_quantity"] == np.ceil((up_to - 10) / 6) * 6
    assert told["reason"] == ""


def test_the_shelf_is_empty_on_the_day_on_which_demand_has_used_it_up():
    told = _said(on_hand_units=10)
    assert told["stock_out_date"] == _DAY + timedelta(days=5)
    assert told["stock_out_early_date"] < told["stock_out_date"]
    assert _said(on_hand_units=0)["stock_out_date"] == _DAY + timedelta(days=1)


def test_what_is_on_order_counts_from_the_day_it_comes():
    """Ten units last five days; ten more on the fourth make ten days of it, on the ninth they come too late."""
    early = _said(on_order_units=10, next_delivery_on=_DAY + timedelta(days=4))
    late = _said(on_order_units=10, next_delivery_on=_DAY + timedelta(days=9))
    assert early["stock_out_date"] == _DAY + timedelta(days=10)
    assert late["stock_out_date"] == _DAY + timedelta(days=5)
    assert early["reorder_quantity"] == late["reorder_quantity"] < _said()["reorder_quantity"]


def test_a_week_under_way_counts_only_with_its_days_to_come():
    """On a Wednesday four of seven days of the week are left."""
    wednesday = date(2018, 1, 3)
    ahead = days_ahead(_forecast(), wednesday, ReplenishmentSettings())
    assert ahead.mean[0, :11].sum() == pytest.approx(14 * 4 / 7 + 14)


def test_after_the_forecast_its_last_weeks_go_on():
    rows = pd.concat([_forecast(units=70.0, weeks=4), _forecast(units=14.0, weeks=8).iloc[4:]])
    ahead = days_ahead(rows, _DAY, ReplenishmentSettings())
    assert ahead.mean[0, 27] == pytest.approx(10.0)
    assert ahead.mean[0, 100] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"on_hand_units": None}, "nobody knows what is there"),
        ({"on_hand_units": -3}, "nobody knows what is there"),
        ({"lead_time_days": None}, "no lead time"),
        ({"lead_time_days": float("inf")}, "no lead time"),
        ({"lead_time_days": -1}, "no lead time"),
        ({"lead_time_days": 10_000}, "lead time and review beyond 182 days"),
        ({"series_id": None}, "no forecast speaks for it"),
        ({"series_id": "zzz"}, "no forecast speaks for it"),
        ({"share": None}, "no forecast speaks for it"),
    ],
)
def test_what_is_not_known_is_said_and_nothing_is_ordered(said, reason):
    told = _said(**said)
    assert told["reason"] == reason
    assert pd.isna(told["reorder_quantity"])


def test_terms_that_the_stock_does_not_say_have_usual_values():
    assert _said(service_level=None)["order_up_to_units"] == _said(service_level=0.95)["order_up_to_units"]
    assert _said(service_level=1.7)["order_up_to_units"] == _said(service_level=0.95)["order_up_to_units"]
    assert _said(review_days=None)["expected_units"] == _said(review_days=7)["expected_units"]
    assert _said(pack_units=0)["reorder_quantity"] == _said(pack_units=1)["reorder_quantity"]


def test_without_demand_nothing_runs_out_and_nothing_is_ordered():
    told = _said(_forecast(units=0.0, upper=0.0), on_hand_units=0)
    assert told["stock_out_date"] is None
    assert told["reorder_quantity"] == 0


def test_no_stock_and_no_forecast_are_an_empty_table():
    assert replenishment.run(_shelf().iloc[:0], _forecast(), _DAY).empty
    nothing = replenishment.run(_shelf(), _forecast().iloc[:0], _DAY)
    assert list(nothing["reason"]) == ["no forecast speaks for it"]


def test_a_small_part_of_a_sure_whole_is_as_unsure_as_small_numbers():
    """A twentieth of exactly 100 units is binomial: variance 100 * 0.05 * 0.95."""
    mean, variance = shared(np.array([[100.0]]), np.array([[0.0]]), np.array([0.05]))
    assert mean[0, 0] == pytest.approx(5.0)
    assert variance[0, 0] == pytest.approx(4.75)


def test_fuel_is_ordered_in_the_pieces_that_it_is_counted_in():
    assert _said(quantity_per_unit=1000)["expected_units"] == pytest.approx(20_000.0)


_levels = st.floats(0.5, 0.999)
_means = st.floats(0, 5_000)
_over = st.floats(0.1, 20)


@settings(max_examples=60, deadline=None)
@given(_means, _over, _levels)
def test_demand_stays_within_the_level_as_often_as_it_should(mean, over, level):
    one = np.array([mean]), np.array([mean * over])
    limit = quantile(*one, np.array([level]), ReplenishmentSettings())
    assert limit[0] >= 0
    assert above(limit, *one, ReplenishmentSettings())[0] <= 1 - level + 1e-6


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 500), st.integers(0, 500), st.integers(0, 60), st.integers(1, 48), _levels,
    st.floats(0, 1), st.floats(0, 200), st.floats(0, 200),
)  # fmt: skip
def test_orders_are_whole_packs_never_negative_and_fill_up_to_the_level(
    on_hand, on_order, lead, pack, level, share, units, more
):
    told = _said(
        _forecast(units=units, upper=units + more), on_hand_units=on_hand, on_order_units=on_order, lead_time_days=lead,
        pack_units=pack, service_level=level, share=share,
    )  # fmt: skip
    order = told["reorder_quantity"]
    assert order >= 0
    assert order % pack == 0
    lacking = told["order_up_to_units"] - on_hand - on_order
    assert order >= lacking - 1e-6
    assert order < max(lacking, 0) + pack
    assert 0 <= told["stock_out_probability"] <= 1


def test_a_row_says_the_same_whatever_is_beside_it_and_in_any_order():
    stock = pd.concat([_shelf(product_id=f"p{n}", on_hand_units=n) for n in range(30)], ignore_index=True)
    together = replenishment.run(stock.sample(frac=1, random_state=3), _forecast(), _DAY)
    few = ReplenishmentSettings(rows_at_once=4)
    pd.testing.assert_frame_equal(together, replenishment.run(stock, _forecast(), _DAY, few))
    alone = replenishment.run(stock.iloc[[7]], _forecast(), _DAY)
    pd.testing.assert_frame_equal(
        together[together["product_id"] == "p7"].reset_index(drop=True), alone.reset_index(drop=True)
    )


def test_whole_packs_round_up_and_nothing_stays_nothing():
    assert list(whole_packs(np.array([-3.0, 0.0, 1.0, 12.0]), np.array([6.0] * 4))) == [0, 0, 6, 12]
