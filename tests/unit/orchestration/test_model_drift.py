"""Drift of features between two dates: who moved is told, that time went by is not."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from orchestration.grading.drift import _of_features

_AS_OF = date(2017, 12, 31)


def _customers(as_of: date, first: int, last: int) -> pd.DataFrame:
    number = np.arange(first, last)
    days_on = (as_of - date(2017, 1, 1)).days
    return pd.DataFrame(
        {
            "customer_id": [f"c{one:04d}" for one in number],
            "as_of": as_of,
            "tenure_days": (days_on - number % 200).astype("float64"),
            "days_to_renewal": (600 - days_on + number % 200).astype("float64"),
            "spend_28d": number % 50 * (3.0 if as_of == _AS_OF else 1.0),
            "orders_28d": number % 5 * 1.0,
        }
    )


def test_days_that_went_by_are_no_drift_and_the_order_of_customers_has_no_say():
    now, then = _customers(_AS_OF, 0, 1000), _customers(_AS_OF - timedelta(days=28), 0, 1000)
    rows = pd.DataFrame(_of_features(pd.concat([then, now.iloc[::-1]]), _AS_OF)).set_index("column_name")
    assert rows["verdict"].to_dict() == {
        "tenure_days": "stable",
        "days_to_renewal": "stable",
        "spend_28d": "large",
        "orders_28d": "stable",
    }
    assert rows.loc["tenure_days", "psi"] == 0
    assert set(rows["compared_with"]) == {_AS_OF - timedelta(days=28)}


def test_a_wave_of_new_customers_is_drift_of_their_days_known():
    then = _customers(_AS_OF - timedelta(days=28), 0, 1000)
    now = _customers(_AS_OF, 0, 1500)
    now.loc[1000:, "tenure_days"] = now.loc[1000:].index.to_numpy() % 28 * 1.0
    rows = pd.DataFrame(_of_features(pd.concat([then, now]), _AS_OF)).set_index("column_name")
    assert rows.loc["tenure_days", "verdict"] == "large"
