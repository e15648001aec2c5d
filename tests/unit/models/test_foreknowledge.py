"""Canaries: columns that look ahead, under innocent names; and that what honestly looks back passes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.churn import run as run_churn
from models.foreknowledge import refuse_foreknowledge
from models.leaks import LeakedFutureError

DATES, CUSTOMERS, STEP = 6, 800, 28


def _world() -> tuple[np.ndarray, np.ndarray, list[pd.Timestamp]]:
    """Orders per customer and day, the places of the dates among the days, and the dates."""
    draws = np.random.default_rng(5)
    days = STEP * (DATES + 8)
    rate = np.exp(draws.normal(-3.2, 1.1, CUSTOMERS)).clip(0.004, 0.5)
    fades = np.where(draws.random(CUSTOMERS) < 0.4, draws.integers(80, days, CUSTOMERS), days)
    orders = (draws.random((CUSTOMERS, days)) < rate[:, None]) & (np.arange(days) < fades[:, None])
    orders[:, 0] = True
    places = days - 5 * STEP + STEP * np.arange(DATES) - DATES * STEP + STEP
    return orders, places, [pd.Timestamp("2017-01-01") + pd.Timedelta(days=int(place)) for place in places]


ORDERS, PLACES, DAYS = _world()


def _features(**further) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Honest features with further columns (functions of the place of the date), and what came after."""
    draws = np.random.default_rng(6)
    home = draws.random(CUSTOMERS)
    features, outcomes = [], []
    for number, (place, day) in enumerate(zip(PLACES, DAYS, strict=True)):
        past = ORDERS[:, : place + 1]
        recency = np.argmax(past[:, ::-1], axis=1)
        table = pd.DataFrame(
            {
                "customer_id": [f"C{k}" for k in range(CUSTOMERS)],
                "as_of": day.date(),
                "recency_days": recency.astype(float),
                "orders_28d": past[:, -28:].sum(axis=1).astype(float),
                "orders_84d": past[:, -84:].sum(axis=1).astype(float),
                "orders_prior_84d": past[:, -168:-84].sum(axis=1).astype(float),
                "orders_ever": past.sum(axis=1).astype(float),
                "household_size": home,
                "noise": draws.random(CUSTOMERS),
                "nothing": np.nan,
                "last_nps": np.where(home > 0.5, np.nan, past[:, -84:].sum(axis=1)),
            }
        )
        features.append(table.assign(**{name: made(place) for name, made in further.items()}))
        if number < DATES - 1:
            after = ORDERS[:, place + 1 : place + 1 + STEP].sum(axis=1)
            left = pd.Series(after == 0).astype("boolean").mask(recency >= 56)
            outcomes.append(table[["customer_id", "as_of"]].assign(is_churned=left))
    return pd.concat(features, ignore_index=True), pd.concat(outcomes, ignore_index=True)


def _ahead(days: int):
    return lambda place: ORDERS[:, place + 1 : place + 1 + days].sum(axis=1).astype(float)


def _noisy(place: int) -> np.ndarray:
    """The outcome itself with one answer in fifty wrong."""
    left = ORDERS[:, place + 1 : place + 1 + STEP].sum(axis=1) == 0
    return (left ^ (np.random.default_rng(place).random(CUSTOMERS) < 0.02)).astype(float)


def _next_order(place: int) -> np.ndarray:
    """The moment of the next order in seconds, as a plain number; missing where there is none."""
    ahead = ORDERS[:, place + 1 :]
    return np.where(ahead.any(axis=1), (place + 1 + np.argmax(ahead, axis=1)) * 86_400.0, np.nan)


CANARIES = {
    "loyalty_tier": _noisy,
    "basket_index": _ahead(14),
    "basket_index_28": _ahead(28),
    "basket_index_84": _ahead(84),
    "last_seen_code": _next_order,
    "answered": lambda place: np.where(_ahead(14)(place) > 0, 1.0, np.nan),
}


@pytest.mark.parametrize("name", CANARIES)
def test_a_column_that_looks_ahead_is_refused_by_any_name(name: str) -> None:
    features, outcomes = _features(**{name: CANARIES[name]})
    with pytest.raises(LeakedFutureError, match=f"feature column {name} "):
        refuse_foreknowledge(features, outcomes, "is_churned", STEP)


@pytest.mark.parametrize("name", CANARIES)
def test_no_churn_model_learns_from_a_column_that_looks_ahead(name: str) -> None:
    features, outcomes = _features(**{name: CANARIES[name]})
    outcomes = outcomes.assign(
        is_active=outcomes.is_churned.notna(), churn_known_after_days=STEP, spend_next_window_usd=0.0
    )
    tonight = features.loc[features.as_of == DAYS[-1].date(), ["customer_id", "as_of"]]
    with pytest.raises(LeakedFutureError, match=f"feature column {name} "):
        run_churn(features, pd.concat([outcomes, tonight.assign(is_active=True)], ignore_index=True), DAYS[-1].date())


def test_what_looks_back_or_never_changes_passes() -> None:
    refuse_foreknowledge(*_features(), "is_churned", STEP)


def test_neither_the_order_of_rows_nor_the_type_of_dates_matters() -> None:
    features, outcomes = _features(basket_index=_ahead(14))
    said = []
    for table in (features, features.sample(frac=1, random_state=1).assign(as_of=lambda t: pd.to_datetime(t.as_of))):
        with pytest.raises(LeakedFutureError) as caught:
            refuse_foreknowledge(table, outcomes, "is_churned", STEP)
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_where_no_window_is_over_nothing_is_said() -> None:
    features, outcomes = _features(basket_index=_ahead(14))
    one = DAYS[-1].date()
    refuse_foreknowledge(features[features.as_of == one], outcomes[outcomes.as_of == one], "is_churned", STEP)
    refuse_foreknowledge(features, outcomes.assign(is_churned=pd.NA), "is_churned", STEP)
    refuse_foreknowledge(features, outcomes, "is_churned", STEP * DATES)


def test_a_few_customers_prove_nothing() -> None:
    features, outcomes = _features(basket_index=_ahead(14))
    few = [f"C{k}" for k in range(8)]
    refuse_foreknowledge(
        features[features.customer_id.isin(few)], outcomes[outcomes.customer_id.isin(few)], "is_churned", STEP
    )
