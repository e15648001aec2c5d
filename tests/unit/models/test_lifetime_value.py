"""The step as a whole: every customer gets a sane forecast, whatever they did, and only from what was known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from models.lifetime_value import LifetimeValueSettings, run
from models.lifetime_value.history import PurchaseHistory

AS_OF = date(2024, 6, 30)
# Small trees and two short horizons: a run takes half a second.
QUICK = LifetimeValueSettings(horizons_days=(30, 90), trees=5, judged_origins=2, training_origins=3)


def _shop(customers: int = 300, days: int = 400, seed: int = 1) -> pd.DataFrame:
    """Days of customers who buy at a rate of their own until they leave, ending 40 days behind AS_OF."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        rate, leaves, basket = random.gamma(1.2, 1 / 15), random.beta(1, 12), random.gamma(4, 8)
        day = float(random.integers(0, days - 60))
        while day < days:
            when = AS_OF + timedelta(days=int(day) - days + 40)
            rows.append((f"C{number:04}", when, round(float(random.gamma(3, basket / 3)), 2)))
            if random.random() < leaves:
                break
            day += random.exponential(1 / rate)
    return pd.DataFrame(rows, columns=["customer_id", "order_date", "sales_usd"])


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    return _shop()


@pytest.fixture(scope="module")
def result(shop):
    return run(shop, AS_OF, QUICK)


def _sane(scores: pd.DataFrame) -> None:
    numbers = scores.select_dtypes("number").drop(columns="probability_alive")
    assert np.isfinite(numbers.to_numpy("float64")).all() and (numbers >= 0).all().all()
    assert scores["probability_alive"].fillna(0).between(0, 1).all()
    for name in ("purchases_30d", "purchases_90d", "spend_30d_usd", "spend_90d_usd"):
        assert (scores[f"lower_{name}"] <= scores[f"upper_{name}"]).all()
    assert (scores["expected_spend_30d_usd"] <= scores["expected_spend_90d_usd"]).all()
    assert (scores["reason"].str.len() > 0).all()


def test_every_customer_has_a_sane_forecast_and_a_reason(shop, result):
    known = shop[pd.to_datetime(shop["order_date"]) <= pd.Timestamp(AS_OF)]
    assert result.scores["customer_id"].tolist() == sorted(known["customer_id"].unique())
    assert set(result.scores["as_of"]) == {AS_OF}
    _sane(result.scores)


def test_customers_who_bought_much_of_late_are_worth_more_than_those_long_silent(shop, result):
    customers = PurchaseHistory(shop, AS_OF).at(AS_OF, (30,)).set_index("customer_id")
    value = result.scores.set_index("customer_id")["expected_spend_90d_usd"]
    often = customers[customers["purchases_84d"] >= 5].index
    silent = customers[(customers["purchases_168d"] == 0) & (customers["purchases"] > 1)].index
    assert len(often) > 15 and len(silent) > 15
    assert value[often].mean() > 5 * value[silent].mean()


def test_the_totals_come_true(shop, result):
    """Forty days after AS_OF are in the data and were not looked at; the first thirty are foreseen."""
    later = shop[shop["order_date"].between(AS_OF + timedelta(days=1), AS_OF + timedelta(days=30))]
    known = later[later["customer_id"].isin(result.scores["customer_id"])]
    assert result.scores["expected_spend_30d_usd"].sum() == pytest.approx(known["sales_usd"].sum(), rel=0.25)


@pytest.mark.slow
def test_sees_nothing_later_than_as_of(shop, result):
    known = shop[shop["order_date"] <= AS_OF]
    pd.testing.assert_frame_equal(run(known, AS_OF, QUICK).scores, result.scores)
    later = shop[shop["order_date"] > AS_OF].assign(sales_usd=1e6)
    changed = run(pd.concat([known, later]), AS_OF, QUICK)
    pd.testing.assert_frame_equal(changed.scores, result.scores)
    pd.testing.assert_frame_equal(changed.grades, result.grades)


@pytest.mark.slow
def test_order_of_rows_and_size_of_batches_change_no_byte(shop, result):
    shuffled = shop.sample(frac=1, random_state=4)
    small = LifetimeValueSettings(horizons_days=(30, 90), trees=5, judged_origins=2, training_origins=3, batch_rows=7)
    again = run(shuffled, AS_OF, small)
    pd.testing.assert_frame_equal(again.scores, result.scores, check_exact=True)
    pd.testing.assert_frame_equal(again.grades, result.grades, check_exact=True)


def test_the_promoted_candidate_beat_both_baselines_or_a_baseline_serves(result):
    for verdict in result.verdicts:
        naive = verdict.figures.loc[["last_period_repeats", "average_rate"], "mae"]
        served = verdict.figures.loc[verdict.served, "mae"]
        assert served < naive.min() or verdict.served == naive.idxmin()
    assert 0.7 < result.verdicts[0].coverage[1] <= 1
    assert {"mae_30d", "absolute_bias_30d", "top_decile_capture_30d"} <= set(result.grades["metric"])
    assert (result.grades["evaluated_to"] <= AS_OF).all()


@pytest.mark.slow
def test_a_demoted_model_stands_back_and_says_so(shop, result):
    demoted = run(shop, AS_OF, QUICK, demoted="below its baseline for three nights")
    assert demoted.note == "below its baseline for three nights"
    assert set(demoted.scores["model"]) <= {"last_period_repeats", "average_rate"}
    assert demoted.scores["reason"].str.contains("demoted").all()
    pd.testing.assert_series_equal(
        demoted.scores["expected_spend_30d_usd"], result.scores["baseline_spend_30d_usd"], check_names=False
    )


@pytest.mark.slow
def test_strange_customers_stop_nothing(shop):
    every_day = pd.DataFrame(
        {
            "customer_id": "ten thousand orders",
            "order_date": [AS_OF - timedelta(days=k % 360) for k in range(10_000)],
            "sales_usd": 9.99,
        }
    )
    odd = pd.DataFrame(
        [
            ("only returns", AS_OF - timedelta(days=50), -70.0),
            ("returns outweigh", AS_OF - timedelta(days=80), 20.0),
            ("returns outweigh", AS_OF - timedelta(days=20), -90.0),
            ("no number", AS_OF - timedelta(days=9), float("nan")),
            ("infinite", AS_OF - timedelta(days=9), float("inf")),
            ("absurd", AS_OF - timedelta(days=9), 1e300),
            ("客户 ✓", AS_OF, 12.0),
            ("tomorrow", AS_OF + timedelta(days=1), 12.0),
            (None, AS_OF, 12.0),
        ],
        columns=every_day.columns,
    )
    scores = run(pd.concat([shop, every_day, odd]), AS_OF, QUICK).scores.set_index("customer_id")
    _sane(scores)
    assert "tomorrow" not in scores.index
    assert scores.loc["客户 ✓", "reason"].startswith("one purchase")
    assert scores.loc["only returns", "reason"].startswith("no purchase with a positive amount")
    assert all("can't be money" in scores.loc[name, "reason"] for name in ("no number", "infinite", "absurd"))
    assert scores.loc["ten thousand orders", "expected_purchases_30d"] == pytest.approx(30, rel=0.2)


def test_too_few_repeat_customers_are_served_by_a_baseline():
    once = pd.DataFrame(
        {"customer_id": [f"C{k}" for k in range(60)], "order_date": AS_OF - timedelta(days=100), "sales_usd": 5.0}
    )
    result = run(once, AS_OF, QUICK)
    assert result.published is None and "bought twice" in result.note
    assert set(result.scores["model"]) <= {"last_period_repeats", "average_rate"}
    _sane(result.scores)


def test_nothing_bought_is_nothing_scored():
    nothing = pd.DataFrame({"customer_id": pd.Series(dtype=str), "order_date": pd.Series(dtype="datetime64[us]")})
    result = run(nothing.assign(sales_usd=pd.Series(dtype=float)), AS_OF, QUICK)
    assert len(result.scores) == 0 and len(result.grades) == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]), st.integers(0, 300), st.floats(-1e3, 1e3, allow_nan=False, width=32)
        ),
        min_size=1,
        max_size=40,
    )
)
@tries(deadline=None, max_examples=8)
def test_summaries_add_up(rows):
    table = pd.DataFrame(rows, columns=["customer_id", "ago", "sales_usd"])
    table["order_date"] = [AS_OF - timedelta(days=ago) for ago in table["ago"]]
    origin = AS_OF - timedelta(days=100)
    found = PurchaseHistory(table, AS_OF).at(origin, (100, 101)).set_index("customer_id")
    assert found.index.tolist() == sorted(table[table["ago"] >= 100]["customer_id"].unique())
    cents = table.assign(cents=(table["sales_usd"].astype("float64") * 100).round())
    daily = cents.groupby(["customer_id", "ago"])["cents"].sum().reset_index()
    for name, customer in found.iterrows():
        mine = daily[daily["customer_id"] == name]
        before, after = mine[mine["ago"] >= 100], mine[mine["ago"] < 100]
        assert customer["spend_usd"] == pytest.approx(before["cents"].sum() / 100, abs=0.02)
        assert customer["purchases"] == (before["cents"] > 0).sum()
        assert customer["spend_next_100d"] == pytest.approx(after["cents"].sum() / 100, abs=0.02)
        assert np.isnan(customer["spend_next_101d"])
        assert 0 <= customer["t_x"] <= customer["T"]
