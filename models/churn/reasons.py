"""Why each customer got their probability, in words with the customer's own figures.

What counts comes from what is served: the share of each group of features in the log-odds of the row, against an
average customer. A group is named only where the figures that a person reads say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .features import HISTORY, numbers
from .logistic import Logistic
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


def _history(row: dict[str, float]) -> str:
    days, known, silent = row["order_days_ever"], row["tenure_days"], row["recency_days"]
    if not np.isfinite(days + known + silent) or known < 1:
        return ""
    last = "today" if silent == 0 else f"{_counted(silent, 'day', 'days')} ago"
    return f"{_counted(days, 'order day', 'order days')} in {_counted(known, 'day', 'days')}, the last {last}"


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
        (
            "mean_gap_days",
            "orders_28d",
            "orders_84d",
            "orders_364d",
            "orders_per_day",
            "order_days_ever",
        ),
        _frequency,
        _frequency,
    ),  # fmt: skip
    "history": Group(HISTORY, _history, _history),
    "spend": Group(("spend_28d", "spend_84d", "spend_364d", "basket_usd"), _spend, _spend),
    "trend": Group(("spend_prior_84d", "spend_trend", "spend_trend_28d", "orders_trend_28d"), _trend, _growth),
    "web": Group(("web_sessions_28d", "web_sessions_84d", "web_trend_28d"), _web, _visits),
    "campaigns": Group(("touches_84d", "open_rate_84d", "click_rate_84d"), _campaigns, _clicks),
    "service": Group(("tickets_84d", "complaints_84d", "calls_84d"), _service, _nothing),
    "satisfaction": Group(("last_nps", "last_csat", "last_sentiment"), _satisfaction, _praise),
}
_READ = sorted({
    "recency_days", "mean_gap_days", "orders_84d", "spend_28d", "spend_84d", "spend_prior_84d", "longest_gap_days",
    "recent_gap_days", "web_sessions_28d", "web_sessions_84d", "touches_84d", "click_rate_84d", "complaints_84d",
    "tickets_84d", "last_nps", "last_csat", "order_days_ever", "tenure_days",
})  # fmt: skip


def contributions(served: ChurnModel | Logistic, features: pd.DataFrame) -> np.ndarray:
    """What each group of GROUPS, and last all other features, adds to the log-odds that are served.

    Measured from a customer who is average in everything (`intercept`). Exact, because whatever answers is additive:
    a row's sum with the intercept is its log-odds. Shape (rows, groups + 1).
    """
    per_feature = served.shares(features)
    membership = np.array([[read in group.features for group in GROUPS.values()] for read in served.reads])
    membership = membership.reshape(len(served.reads), len(GROUPS)).astype("float64")
    others = 1 - membership.sum(axis=1, keepdims=True)
    return np.round(per_feature @ np.hstack([membership, others]), 9)


def explain(features: pd.DataFrame, shares: np.ndarray, is_at_risk: np.ndarray, most: int) -> list[list[str]]:
    """Up to `most` phrases per row, the strongest first: what pushes towards leaving, for the safe what keeps.

    shares: of `contributions`; the last column, of features that make no reason, is not looked at.
    """
    read = features.reindex(columns=_READ)
    columns = {name: values.to_numpy("float64") for name, values in numbers(read).items()}
    groups = list(GROUPS.values())
    shares = shares[:, : len(groups)]
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
