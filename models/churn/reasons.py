"""Why each customer got their probability, in words with the customer's own figures.

What counts comes from the model: the share of each group of features in the log-odds of the row, against the average
customer it learnt from. A group is named only where the figures that a person reads say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .features import numbers
from .train import ChurnModel

# A push of less than this on the log-odds is no reason (it moves a probability of one in ten by less than one point).
_LEAST_PUSH = 0.1

Figures = dict[str, np.ndarray]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.1f}"


def _counted(value: float, one: str, many: str) -> str:
    return f"{_number(value)} {one if value == 1 else many}"


def _silence(row: dict[str, float]) -> str:
    days, usual = row["recency_days"], row["mean_gap_days"]
    if not np.isfinite(days):
        return ""
    silent = "ordered today" if days == 0 else f"no order for {_counted(days, 'day', 'days')}"
    return f"{silent}, usually every {_number(usual)}" if np.isfinite(usual) else f"{silent}, only one order day so far"


def _frequency(row: dict[str, float]) -> str:
    orders = row["orders_84d"]
    return f"{_counted(orders, 'order', 'orders')} in 12 weeks" if np.isfinite(orders) else ""


def _spend(row: dict[str, float]) -> str:
    spent = row["spend_84d"]
    return f"{_number(spent)} USD in 12 weeks" if np.isfinite(spent) else ""


def _trend(row: dict[str, float]) -> str:
    now, before = row["spend_84d"], row["spend_prior_84d"]
    month = row["spend_28d"]
    if np.isfinite(now + before) and now < before:
        return f"spent {_number(now)} USD in 12 weeks, {_number(before)} in the 12 before"
    if np.isfinite(now + month) and 3 * month < now:
        return f"spent {_number(month)} USD in 4 weeks, {_number(now)} in 12"
    return ""


def _growth(row: dict[str, float]) -> str:
    now, before = row["spend_84d"], row["spend_prior_84d"]
    return (
        f"spent {_number(now)} USD in 12 weeks, {_number(before)} in the 12 before"
        if np.isfinite(now + before) and now >= before > 0
        else ""
    )


def _rhythm(row: dict[str, float]) -> str:
    silent, longest = row["recency_days"], row["longest_gap_days"]
    if np.isfinite(silent + longest) and silent > longest:
        return f"longest break so far was {_counted(longest, 'day', 'days')}"
    gap, usual = row["recent_gap_days"], row["mean_gap_days"]
    if np.isfinite(gap + usual) and gap > 1.2 * usual:
        return f"the last gaps were {_number(gap)} days, usually {_number(usual)}"
    return ""


def _web(row: dict[str, float]) -> str:
    month, quarter = row["web_sessions_28d"], row["web_sessions_84d"]
    if not np.isfinite(month + quarter) or 3 * month > quarter or not quarter:
        return ""
    return f"{_counted(month, 'web visit', 'web visits')} in 4 weeks, {_number(quarter)} in 12"


def _visits(row: dict[str, float]) -> str:
    month = row["web_sessions_28d"]
    return f"{_counted(month, 'web visit', 'web visits')} in 4 weeks" if month > 0 else ""


def _campaigns(row: dict[str, float]) -> str:
    sent, rate = row["touches_84d"], row["click_rate_84d"]
    return f"clicked none of {_counted(sent, 'message', 'messages')} in 12 weeks" if sent > 0 and rate == 0 else ""


def _clicks(row: dict[str, float]) -> str:
    sent, rate = row["touches_84d"], row["click_rate_84d"]
    return (
        f"clicked {_number(max(1, round(rate * sent)))} of {_counted(sent, 'message', 'messages')}"
        if sent > 0 and rate > 0
        else ""
    )


def _service(row: dict[str, float]) -> str:
    complaints, tickets = row["complaints_84d"], row["tickets_84d"]
    if complaints > 0:
        return f"{_counted(complaints, 'complaint', 'complaints')} in 12 weeks"
    return f"{_counted(tickets, 'ticket', 'tickets')} in 12 weeks" if tickets > 0 else ""


def _satisfaction(row: dict[str, float]) -> str:
    if row["last_nps"] <= 6:
        return f"would recommend us {_number(row['last_nps'])} of 10"
    return f"last satisfaction {_number(row['last_csat'])} of 5" if row["last_csat"] <= 3 else ""


def _praise(row: dict[str, float]) -> str:
    if row["last_nps"] >= 9:
        return f"would recommend us {_number(row['last_nps'])} of 10"
    return f"last satisfaction {_number(row['last_csat'])} of 5" if row["last_csat"] >= 4 else ""


@dataclass(frozen=True)
class Group:
    """Features that say one thing: how it is put when it pushes towards leaving, and when it keeps."""

    features: tuple[str, ...]
    pushes: Callable[[dict[str, float]], str]
    keeps: Callable[[dict[str, float]], str]


def _nothing(row: dict[str, float]) -> str:
    return ""


# What a person could act on. The others (tenure, kinds of goods) count in the score but make no reason.
GROUPS = {
    "silence": Group(("recency_days", "gap_ratio"), _silence, _silence),
    "rhythm": Group(
        ("longest_gap_days", "longest_gap_ratio", "recent_gap_days", "recent_gap_ratio", "gap_deviation_days"),
        _rhythm,
        _nothing,
    ),
    "frequency": Group(
        ("mean_gap_days", "orders_28d", "orders_84d", "orders_per_day", "order_days_ever"), _frequency, _frequency
    ),
    "spend": Group(("spend_28d", "spend_84d", "basket_usd"), _spend, _spend),
    "trend": Group(("spend_prior_84d", "spend_trend", "spend_trend_28d", "orders_trend_28d"), _trend, _growth),
    "web": Group(("web_sessions_28d", "web_sessions_84d", "web_trend_28d"), _web, _visits),
    "campaigns": Group(("touches_84d", "open_rate_84d", "click_rate_84d"), _campaigns, _clicks),
    "service": Group(("tickets_84d", "complaints_84d", "calls_84d"), _service, _nothing),
    "satisfaction": Group(("last_nps", "last_csat", "last_sentiment"), _satisfaction, _praise),
}
_READ = sorted({
    "recency_days", "mean_gap_days", "orders_84d", "spend_28d", "spend_84d", "spend_prior_84d", "longest_gap_days",
    "recent_gap_days", "web_sessions_28d", "web_sessions_84d", "touches_84d", "click_rate_84d", "complaints_84d",
    "tickets_84d", "last_nps", "last_csat",
})  # fmt: skip


def contributions(model: ChurnModel, features: pd.DataFrame) -> np.ndarray:
    """Share of each group of GROUPS in the log-odds of the pipeline, against the average training row.

    Exact, because the model is additive: coefficient times spline basis, summed per group; (rows, groups).
    """
    basis = model.basis(features)
    coefficients = model.pipeline[-1].coef_[0]
    per_feature = ((basis - model.typical) * coefficients).reshape(len(features), len(model.columns), -1).sum(axis=2)
    membership = np.array(
        [[column in group.features for group in GROUPS.values()] for column in model.columns], dtype="float64"
    )
    return np.round(per_feature @ membership, 9)


def explain(features: pd.DataFrame, shares: np.ndarray | None, is_at_risk: np.ndarray, most: int) -> list[list[str]]:
    """Up to `most` phrases per row, the strongest first: what pushes towards leaving, for the safe what keeps.

    shares: of `contributions`; None where a baseline speaks, which is about silence and orders.
    """
    read = features.reindex(columns=_READ)
    columns = {name: values.to_numpy("float64") for name, values in numbers(read).items()}
    groups = list(GROUPS.values())
    if shares is None:
        shares = np.zeros((len(features), len(groups)))
        for place, name in enumerate(GROUPS):
            strength = {"silence": 2.0, "frequency": 1.0}.get(name, 0.0)
            shares[:, place] = np.where(is_at_risk, strength, -strength)
    towards = np.where(is_at_risk[:, None], shares, -shares)
    order = np.argsort(-towards, axis=1, kind="stable")
    found = []
    for row, at_risk in enumerate(is_at_risk):
        figures = {name: float(values[row]) for name, values in columns.items()}
        said: list[str] = []
        for place in order[row]:
            if len(said) == most or (towards[row, place] < _LEAST_PUSH and said):
                break
            phrase = (groups[place].pushes if at_risk else groups[place].keeps)(figures)
            if phrase:
                said.append(phrase)
        found.append(said or [_silence(figures) or "no order yet"])
    return found
