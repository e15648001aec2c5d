"""Persona cards: figures that add up, and no sentence without the figure it stands on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.segments import personas


def _people() -> pd.DataFrame:
    heavy = {"behaviour_segment_id": 1, "behaviour_segment": "Heavy", "spend_84d": 300.0, "orders_84d": 10.0}
    light = {"behaviour_segment_id": 2, "behaviour_segment": "Light", "spend_84d": 10.0, "orders_84d": 1.0}
    rows = [{"customer_id": f"H{k}", **heavy, "lifecycle_stage": "loyal"} for k in range(2)]
    rows += [{"customer_id": f"L{k}", **light, "lifecycle_stage": "at risk"} for k in range(6)]
    rows += [{"customer_id": "N", "behaviour_segment_id": None, "lifecycle_stage": "prospect"}]
    table = pd.DataFrame(rows)
    return table.assign(
        basket_usd=table.spend_84d / table.orders_84d,
        spend_prior_84d=[300.0] * 2 + [100.0] * 6 + [None],
        churn_probability=[0.1, 0.3] + [0.5] * 5 + [None] * 2,
        complaints_84d=np.inf,
    )


BASKETS = pd.DataFrame(
    {
        "behaviour_segment_id": [1, 1, 2, 2, 2],
        "product_category": ["MILK", "WINE", "MILK", "GUM", None],
        "spend_usd": [300.0, 300.0, 100.0, 30.0, 10.0],
        "line_count": [30, 10, 3, 2, 1],
    }
)


def test_figures_are_those_of_the_customers() -> None:
    cards = personas(_people(), BASKETS, "2017-12-31").set_index("behaviour_segment_id")
    assert cards.customers.tolist() == [2, 6] and cards.customer_share.tolist() == [0.25, 0.75]
    assert cards.sales_84d_usd.tolist() == [600.0, 60.0]
    assert cards.sales_share.sum() == pytest.approx(1)
    assert cards.lines_per_basket.tolist() == [2.0, 1.0] and cards.basket_usd.tolist() == [30.0, 10.0]
    assert cards.churn_probability.tolist() == [0.2, 0.5] and cards.expected_spend_365d_usd.isna().all()


def test_sentences_carry_their_figures() -> None:
    cards = personas(_people(), BASKETS, "2017-12-31").set_index("behaviour_segment_id")
    assert "spend in 12 weeks: $300 (all: $82)" in cards.evidence[1]
    assert cards.typical_basket[1] == "$30.00 for 2 lines; more than others: WINE (1.2 times the usual share)"
    assert "GUM (5.6 times the usual share)" in cards.typical_basket[2]
    assert "25% of customers bring 91% of the money" in cards.reasons_to_contact[1]
    assert "100% are loyal (all: 25%)" in cards.reasons_to_contact[1]
    assert "100% are at risk (all: 75%)" in cards.reasons_to_contact[2]
    assert "100% spend a third less" in cards.reasons_to_contact[2]
    for segment in (1, 2):
        assert cards.behaviour_segment[segment] in cards.card[segment]
        assert all(reason in cards.card[segment] for reason in cards.reasons_to_contact[segment].split("; "))


def test_row_order_changes_nothing_and_nobody_is_fine() -> None:
    first = personas(_people(), BASKETS, "2017-12-31")
    again = personas(_people().sample(frac=1, random_state=4), BASKETS.sample(frac=1, random_state=4), "2017-12-31")
    pd.testing.assert_frame_equal(first, again)
    assert personas(_people().iloc[:0], BASKETS.iloc[:0], "2017-12-31").empty
    quiet = personas(_people().assign(spend_84d=0.0, orders_84d=0.0), BASKETS.iloc[:0], "2017-12-31")
    assert set(quiet.typical_basket) == {"no orders in 12 weeks"}
