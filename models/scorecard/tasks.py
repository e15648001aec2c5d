"""What can be judged: for each model, which column foretells what, beside which baseline, and when it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Task:
    """One thing that a model foretells.

    Args:
        subject: the model, as in the grades.
        table: the kept table of its answers.
        name: what is foretold, such as `spend_30d`; one row of the scorecard says `subject` and `task`.
        kind: how it is judged: `probability`, `amount`, `list`, `series` (amounts by period) or `stock` (days on which
            shelves are empty).
        horizon_days: days after as_of until the outcome is known; None where a business declares it (churn).
        predicted, actual, baseline: columns of the answers, the outcomes and the answers again.
        baseline_name: what the baseline is called where the answers don't say it.
        low, high: columns of an interval, where there is one.
        selected: the column that says whom the answers pick out, where there is one.
        model: the column that names what served the row.
        primary: the figures by which the model stands or falls; empty where the task has no say in it.
        backtest_suffix: what the model's own grades write behind the name of a figure.
        baselines: which of the others in the model's own grades are baselines; empty for all of them.
        length: of the lists; of series, how many periods ahead are judged.
        frequency: of the periods of series: `week` or `day`.
    """

    subject: str
    table: str
    name: str
    kind: Literal["probability", "amount", "list", "series", "stock"]
    horizon_days: int | None
    predicted: str
    actual: str
    baseline: str = ""
    baseline_name: str = ""
    low: str = ""
    high: str = ""
    selected: str = ""
    model: str = "model"
    primary: tuple[str, ...] = ()
    backtest_suffix: str = ""
    baselines: tuple[str, ...] = ()
    length: int = 0
    frequency: str = ""


def _spend(days: int, primary: tuple[str, ...]) -> Task:
    return Task(
        "lifetime_value",
        "lifetime_value",
        f"spend_{days}d",
        "amount",
        days,
        predicted=f"expected_spend_{days}d_usd",
        actual=f"spend_next_{days}d_usd",
        baseline=f"baseline_spend_{days}d_usd",
        baseline_name="better naive forecast",
        low=f"lower_spend_{days}d_usd",
        high=f"upper_spend_{days}d_usd",
        model=f"model_{days}d",
        backtest_suffix=f"_{days}d",
        primary=primary,
    )


def _demand(periods: int, frequency: str, days: int, primary: tuple[str, ...] = ()) -> Task:
    return Task(
        "demand",
        "demand_forecast",
        f"{frequency}s_{periods}",
        "series",
        days,
        predicted="forecast_units",
        actual="units",
        baseline="naive_units",
        baseline_name="seasonal naive",
        primary=primary,
        length=periods,
        frequency=frequency,
    )


# Baskets are judged by what was bought within four weeks: nearly every customer who still buys has bought by then.
_BASKET_DAYS = 28

TASKS = (
    Task(
        "churn",
        "churn_scores",
        "churn",
        "probability",
        None,
        predicted="churn_probability",
        actual="is_churned",
        baseline="baseline_probability",
        baseline_name="best baseline",
        selected="is_at_risk",
        primary=("auc", "brier"),
    ),
    # A year takes a year to judge: the month decides who serves.
    _spend(30, ("mae",)),
    _spend(90, ()),
    _spend(365, ()),
    Task(
        "recommendations",
        "recommendations",
        "next_basket",
        "list",
        _BASKET_DAYS,
        predicted="rank",
        actual="product_id",
        primary=("recall_at_20",),
        baselines=("popularity", "personal_frequency"),
        length=20,
    ),
    Task(
        "recommendations",
        "recommendations",
        "new_product",
        "list",
        _BASKET_DAYS,
        predicted="rank",
        actual="product_id",
        length=5,  # as many as are recommended
    ),
    # Four weeks decide who serves: an order and its delivery lie within them, and eight take twice as long to know.
    _demand(4, "week", 28, ("wrmsse",)),
    _demand(1, "week", 7),
    _demand(8, "week", 56),
    _demand(28, "day", 28),
    # A week: what is ordered after the night hardly arrives within it, so an alarm is seldom averted.
    Task(
        "demand",
        "replenishment",
        "stock_out_7d",
        "stock",
        7,
        predicted="stock_out_date",
        actual="out_from",
    ),
)
SUBJECTS = tuple(dict.fromkeys(task.subject for task in TASKS))

# Of every figure: whether more is better; None where the best is 0.
HIGHER_IS_BETTER: dict[str, bool | None] = {
    "auc": True,
    "pr_auc": True,
    "brier": False,
    "calibration_error": False,
    "calibration_gap": None,
    "lift_at_10_percent": True,
    "mae": False,
    "bias": None,
    "top_decile_capture": True,
    "interval_coverage": True,
    "wrmsse": False,
    "rmsse": False,
    "mase": False,
    "coverage_80": True,
    "coverage_95": True,
    **{f"{figure}_at_{length}": True for figure in ("recall", "ndcg", "hit_rate") for length in (5, 20)},
    "catalogue_coverage": True,
    "stock_outs_foreseen": True,
    "false_alarms": False,
    "stock_out_days_off": False,
}


# Figures of a model's own backtest that the scorecard has not, and those with no better end: a share that is promised.
_ELSEWHERE: dict[str, bool | None] = {
    "new_product_hit_rate_at_5": True,
    "mae_purchases": False,
    "absolute_bias": False,
    "interval_score_80": False,
    "interval_score_95": False,
}
_PROMISED = ("interval_coverage", "coverage_80", "coverage_95")
_SPAN = re.compile(r"_\d+d$")


def better_is(metric: str) -> str:
    """`higher`, `lower` or `near 0`, whatever span of days the name ends with; empty where nothing is better."""
    figure = _SPAN.sub("", metric)
    known = HIGHER_IS_BETTER | _ELSEWHERE
    if figure in _PROMISED or figure not in known:
        return ""
    return {True: "higher", False: "lower", None: "near 0"}[known[figure]]


def beats(metric: str, value: float, other: float) -> bool:
    """Whether `value` is better than `other`; never when one of them is missing."""
    if HIGHER_IS_BETTER[metric] is None:
        return abs(value) < abs(other)
    return value > other if HIGHER_IS_BETTER[metric] else value < other
