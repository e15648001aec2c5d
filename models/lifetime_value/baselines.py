"""What anybody could say without a model; every candidate has to beat both."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .settings import LifetimeValueSettings

LAST_PERIOD, AVERAGE_RATE = "last_period_repeats", "average_rate"


def forecasts(
    customers: pd.DataFrame, ahead_days: int, settings: LifetimeValueSettings
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Purchases and spend in USD per customer, by name of the baseline; never negative.

    last_period_repeats: as much as in the same number of days just gone. average_rate: as much a day as since the
    first purchase.
    """
    share = ahead_days / np.maximum(customers["T"].to_numpy() + 1, settings.min_rate_days)
    return {
        LAST_PERIOD: (
            customers[f"purchases_{ahead_days}d"].to_numpy("float64"),
            np.maximum(customers[f"spend_{ahead_days}d"].to_numpy("float64"), 0.0),
        ),
        AVERAGE_RATE: (
            customers["purchases"].to_numpy("float64") * share,
            np.maximum(customers["spend_usd"].to_numpy("float64"), 0.0) * share,
        ),
    }
