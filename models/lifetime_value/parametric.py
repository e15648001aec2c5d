"""BG/NBD for how often and Gamma-Gamma for how much, put together: the published pair, and its outlook."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import bg_nbd, gamma_gamma
from .counts import count_moments
from .outlook import Outlook
from .settings import LifetimeValueSettings


@dataclass(frozen=True)
class Published:
    """Both fitted models; `kept_share` is what returns leave of a dollar bought, the same for everybody."""

    frequency: bg_nbd.BGNBD
    value: gamma_gamma.GammaGamma
    kept_share: float

    def alive(self, customers: pd.DataFrame) -> np.ndarray:
        """Probability that each customer still buys."""
        return bg_nbd.probability_alive(self.frequency, *(customers[name].to_numpy() for name in ("x", "t_x", "T")))

    def basket_usd(self, customers: pd.DataFrame) -> np.ndarray:
        """Expected value of one purchase, returns taken off."""
        count, total = customers["purchases"].to_numpy("float64"), customers["positive_usd"].to_numpy()
        return gamma_gamma.expected_value(self.value, count, total) * self.kept_share

    def outlook(self, customers: pd.DataFrame, ahead_days: int) -> tuple[Outlook, Outlook]:
        """Purchases and spend in USD of each customer in the days ahead."""
        alive, basket = self.alive(customers), self.basket_usd(customers)
        mean, variance, none = count_moments(
            self.frequency, customers["x"].to_numpy(), customers["T"].to_numpy(), float(ahead_days)
        )
        square = alive * (variance + mean**2)
        mean = alive * mean
        none = 1 - alive + alive * none
        purchases = Outlook(mean, np.maximum(square - mean**2, 0.0), none)
        count, total = customers["purchases"].to_numpy("float64"), customers["positive_usd"].to_numpy()
        own_square, within = gamma_gamma.value_moments(self.value, count, total)
        spend = mean * basket
        spread = self.kept_share**2 * (mean * within + square * own_square) - spend**2
        return purchases, Outlook(spend, np.maximum(spread, 0.0), none)


def fit(customers: pd.DataFrame, settings: LifetimeValueSettings) -> Published | None:
    """Fitted on rows of `PurchaseHistory.at`, whose outcomes are not looked at; None when too few came back.

    Gamma-Gamma learns from all purchases, the first one too: the first basket is all there is of most customers.
    """
    if int((customers["x"] > 0).sum()) < settings.min_repeat_customers:
        return None
    grouped = customers.groupby(["x", "t_x", "T"], sort=True).size().reset_index(name="customers")
    frequency = bg_nbd.fit(grouped["x"], grouped["t_x"], grouped["T"], grouped["customers"])
    bought = customers[customers["purchases"] > 0]
    count = bought["purchases"].to_numpy("float64")
    value = gamma_gamma.fit(count, bought["positive_usd"].to_numpy() / count)
    positive = float(customers["positive_usd"].sum())
    kept = float(customers["spend_usd"].clip(lower=0).sum()) / positive if positive else 1.0
    return Published(frequency, value, min(max(kept, 0.0), 1.0))
