"""What the churn model looks at: one row per customer and as_of, built row by row.

No statistic over other rows is taken here, so a row's features never depend on its batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from ..leaks import KEYS
from .settings import ChurnSettings

TARGET, SPEND, KNOWN_AFTER = "is_churned", "spend_next_window_usd", "churn_known_after_days"


# What BG/NBD makes of a customer's history (see `history`): ln of expected orders, ln of the odds of P(alive).
EXPECTED_ORDERS, STILL_BUYS = HISTORY = "bg_nbd_log_orders", "bg_nbd_alive_log_odds"


@dataclass(frozen=True)
class Known:
    """What may be looked at on the run's day.

    labelled: active customers of earlier dates with features and outcome, ordered by as_of and customer.
    everyone: features of the same customers at those dates, active or not. today: active customers of the run's day.
    """

    labelled: pd.DataFrame
    everyone: pd.DataFrame
    today: pd.DataFrame


def _log(values: pd.Series) -> pd.Series:
    return np.log1p(values.clip(lower=0))


def design(features: pd.DataFrame, settings: ChurnSettings) -> pd.DataFrame:
    """Numeric model inputs, same index as `features`; missing values stay missing.

    Adds, where their parts exist, the trends a person would look at: spend now against before.
    """
    numeric = numbers(features[[c for c in (*settings.features, *HISTORY) if c in features.columns]])
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
        numeric["orders_per_day"] = numeric.orders_84d / np.minimum(84.0, numeric.tenure_days.clip(lower=0) + 1)
    return numeric


def numbers(features: pd.DataFrame) -> pd.DataFrame:
    """The columns as float64; what is no finite number is missing."""
    numeric = features.apply(pd.to_numeric, errors="coerce").astype("float64")
    return numeric.replace([np.inf, -np.inf], np.nan)


def number(features: pd.DataFrame, name: str) -> np.ndarray:
    """One column as float64, 0 or more; 0 where it is missing, no number or not there at all."""
    if name not in features.columns:
        return np.zeros(len(features))
    column = features[name]
    if column.dtype != "float64":
        column = pd.to_numeric(column, errors="coerce").astype("float64")
    values = column.to_numpy("float64")
    return np.maximum(np.where(np.isfinite(values), values, 0.0), 0.0)


def known(features: Any, outcomes: Any, day: date, settings: ChurnSettings) -> Known:
    """Read what was known at the end of `day` from two tables (frame, Arrow table or DuckDB relation).

    Learns from a sample by customer where there are more rows than `max_training_rows`; the sample depends on the
    customer's key alone.
    """
    with duckdb.connect() as connection:
        features, outcomes = (_relation(connection, table) for table in (features, outcomes))
        over = f"{KNOWN_AFTER} is not null and cast(as_of as date) + cast({KNOWN_AFTER} as integer) <= date '{day}'"
        ended = outcomes.filter(f"is_active and {TARGET} is not null and {over}")
        rows = ended.aggregate("count(*) as n").fetchone()[0]
        share = min(1.0, settings.max_training_rows / max(rows, 1))
        drawn = f"left(md5(cast(customer_id as varchar)), 7) < '{round(share * 16**7):07x}'" if share < 1 else "true"
        labels = _dated(ended.filter(drawn).select(_columns(outcomes, [*KEYS, TARGET, KNOWN_AFTER, SPEND])).df())
        everyone = _dated(features.filter(f"cast(as_of as date) < date '{day}' and {drawn}").df())
        now = f"cast(as_of as date) = date '{day}'"
        active = _dated(outcomes.filter(f"{now} and is_active").select("customer_id, as_of").df())
        used = [c for c in features.columns if c in settings.features or c in KEYS or c in _BASELINES_READ]
        tonight = _dated(features.filter(now).select(_columns(features, used)).df())
    order = ["as_of", "customer_id"]
    labelled = labels.merge(everyone, on=list(KEYS), how="inner", validate="one_to_one")
    labelled[TARGET] = labelled[TARGET].astype(bool).astype("int64")
    # With a contract one may be a customer and never have ordered: no feature, and still a question.
    today = active.merge(tonight, on=list(KEYS), how="left", validate="one_to_one")
    return Known(*(table.sort_values(order, kind="stable", ignore_index=True) for table in (labelled, everyone, today)))


# Columns that only the baselines and the money at stake look at.
_BASELINES_READ = ("orders_364d", "spend_364d")


def _columns(table: duckdb.DuckDBPyRelation, names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names if name in table.columns)


def _relation(connection: duckdb.DuckDBPyConnection, table: Any) -> duckdb.DuckDBPyRelation:
    if isinstance(table, duckdb.DuckDBPyRelation):
        return table
    return connection.from_df(table) if isinstance(table, pd.DataFrame) else connection.from_arrow(table)


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    dated = table.copy()
    dated["as_of"] = pd.to_datetime(dated["as_of"]).astype("datetime64[us]").dt.normalize()
    dated["customer_id"] = dated["customer_id"].astype(str)
    return dated
