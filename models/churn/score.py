"""Scores with a reason in plain words; each row on its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from .features import design
from .train import ChurnModel

# Features grouped into things a person could act on. The others (tenure, kinds of goods) count in
# the score but make no reason: nobody can act on them.
REASON_OF_FEATURE = {
    "recency_days": "silence",
    "gap_ratio": "silence",
    "mean_gap_days": "frequency",
    "orders_28d": "frequency",
    "orders_84d": "frequency",
    "orders_per_day": "frequency",
    "spend_28d": "spend",
    "spend_84d": "spend",
    "basket_usd": "spend",
    "spend_prior_84d": "trend",
    "spend_trend": "trend",
    "spend_trend_28d": "trend",
    "orders_trend_28d": "trend",
    "web_sessions_28d": "web",
    "web_sessions_84d": "web",
    "web_trend_28d": "web",
    "touches_84d": "campaigns",
    "click_rate_84d": "campaigns",
    "tickets_84d": "service",
    "complaints_84d": "service",
    "calls_84d": "service",
    "last_nps": "satisfaction",
    "last_csat": "satisfaction",
}

# For each group: what pushes towards leaving, what keeps.
WORDS = {
    "silence": ("no order for longer than usual", "ordered recently"),
    "frequency": ("orders seldom", "orders often"),
    "spend": ("spends little", "spends well"),
    "trend": ("spending is falling", "spending is holding up"),
    "web": ("few web visits", "visits the web site"),
    "campaigns": ("does not react to campaigns", "reacts to campaigns"),
    "service": ("complaints and calls", "few complaints"),
    "satisfaction": ("low satisfaction answers", "good satisfaction answers"),
}


def contributions(model: ChurnModel, features: pd.DataFrame) -> pd.DataFrame:
    """Share of each reason group in the log-odds of each row, against the average training row.

    Exact, because the model is additive: coefficient times spline basis, summed per group.
    """
    assert model.pipeline is not None and model.typical is not None
    steps = model.pipeline.named_steps
    with threadpool_limits(1):
        basis = model.pipeline[:-1].transform(design(features)[model.columns])
    coefficients = steps["classify"].calibrated_classifiers_[0].estimator.coef_[0]
    per_feature = ((basis - model.typical) * coefficients).reshape(len(features), len(model.columns), -1).sum(axis=2)
    named = [REASON_OF_FEATURE.get(column, "") for column in model.columns]
    groups = sorted(set(named) - {""})
    membership = np.array([[name == group for group in groups] for name in named], dtype="float64")
    return pd.DataFrame(per_feature @ membership, index=features.index, columns=groups)


def explain(model: ChurnModel, features: pd.DataFrame, is_at_risk: np.ndarray) -> np.ndarray:
    """One phrase per row: what pushes most towards leaving, or for the safe what keeps most."""
    if model.pipeline is None:
        return np.full(len(features), f"{model.baseline.name} ({model.note})", dtype=object)
    shares = contributions(model, features).round(9)
    push = shares.idxmax(axis=1).map(lambda group: WORDS[group][0])
    keep = shares.idxmin(axis=1).map(lambda group: WORDS[group][1])
    return np.where(is_at_risk, push, keep)
