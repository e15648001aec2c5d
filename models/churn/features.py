"""What the churn model looks at: one row per customer and as_of, built row by row.

No statistic over other rows is taken here, so a row's features never depend on its batch.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from .settings import ChurnSettings

KEYS = ["customer_id", "as_of"]

# Names that can only come from after as_of, or from an answer somebody already worked out.
FUTURE_NAME = re.compile(
    r"(^|_)(next|future|ahead|outcome|label|target|lapsed|churn|churned|truth)(_|$)", re.IGNORECASE
)


class LeakedFutureError(ValueError):
    """A feature column holds what the model is asked to predict."""


def refuse_future_columns(features: pd.DataFrame, outcomes: pd.DataFrame) -> None:
    """Raise LeakedFutureError if a feature is named after the future or is a column of the outcomes."""
    candidates = [column for column in features.columns if column not in KEYS]
    leaking = [c for c in candidates if FUTURE_NAME.search(c) or c in set(outcomes.columns)]
    if leaking:
        raise LeakedFutureError(f"feature columns hold the future: {', '.join(sorted(leaking))}")


def refuse_disguised_outcome(table: pd.DataFrame, target: np.ndarray, settings: ChurnSettings) -> None:
    """Raise LeakedFutureError if one column alone sorts the outcome almost perfectly.

    `table` holds the numeric features of labelled rows, `target` their outcome (0 or 1).
    """
    from sklearn.metrics import roc_auc_score

    rarer = min(int(target.sum()), int(len(target) - target.sum()))
    if rarer < settings.leak_min_class_rows:
        return
    for column in table.columns:
        auc = roc_auc_score(target, table[column].fillna(table[column].median()).fillna(0.0))
        if max(auc, 1 - auc) >= settings.leak_auc:
            raise LeakedFutureError(f"feature column {column} is the outcome in disguise (AUC {auc:.3f})")


def _log(values: pd.Series) -> pd.Series:
    return np.log1p(values.clip(lower=0))


def design(features: pd.DataFrame) -> pd.DataFrame:
    """Numeric model inputs, same index as `features`; missing values stay missing.

    Adds, where their parts exist, the trends a person would look at: spend now against before,
    and silence measured in the customer's own usual gaps.
    """
    numeric = features.drop(columns=KEYS).apply(pd.to_numeric, errors="coerce").astype("float64")
    numeric = numeric.replace([np.inf, -np.inf], np.nan)
    has = set(numeric.columns)
    if {"spend_84d", "spend_prior_84d"} <= has:
        numeric["spend_trend"] = _log(numeric.spend_84d) - _log(numeric.spend_prior_84d)
    if {"spend_28d", "spend_84d"} <= has:
        numeric["spend_trend_28d"] = _log(3 * numeric.spend_28d) - _log(numeric.spend_84d)
    if {"orders_28d", "orders_84d"} <= has:
        numeric["orders_trend_28d"] = _log(3 * numeric.orders_28d) - _log(numeric.orders_84d)
    if {"web_sessions_28d", "web_sessions_84d"} <= has:
        numeric["web_trend_28d"] = _log(3 * numeric.web_sessions_28d) - _log(numeric.web_sessions_84d)
    if {"orders_84d", "tenure_days"} <= has:
        numeric["orders_per_day"] = numeric.orders_84d / np.minimum(84.0, numeric.tenure_days + 1)
    return numeric


def labelled(
    features: pd.DataFrame, outcomes: pd.DataFrame, as_of: pd.Timestamp, settings: ChurnSettings
) -> pd.DataFrame:
    """Features joined with outcomes whose window had ended by `as_of`, ordered by as_of and customer."""
    over = outcomes.as_of + pd.Timedelta(days=settings.horizon_days) <= as_of
    matured = outcomes[over & outcomes.is_churned.notna()]
    joined = matured[[*KEYS, "is_churned"]].merge(features, on=KEYS, how="inner", validate="one_to_one")
    joined["is_churned"] = joined.is_churned.astype(bool).astype("int64")
    return joined.sort_values(["as_of", "customer_id"], kind="stable", ignore_index=True)
