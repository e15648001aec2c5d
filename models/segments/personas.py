"""A card per behavioural group: who they are, what they are worth, what sets them apart, why to write to them.

Every sentence carries the figure it stands on, and beside it the figure of all customers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..grades import as_day

PERSONA_COLUMNS = [
    *("as_of", "behaviour_segment_id", "behaviour_segment", "customers", "customer_share", "sales_84d_usd"),
    *("sales_share", "sales_per_customer_usd", "basket_usd", "lines_per_basket", "orders_per_customer"),
    *("churn_probability", "expected_spend_365d_usd", "evidence", "typical_basket", "reasons_to_contact", "card"),
]
# What a group can be set apart by: column of the profile, words, and how its figure is written.
FIGURES = {
    "spend_84d": ("spend in 12 weeks", "${:,.0f}"),
    "orders_84d": ("orders in 12 weeks", "{:.1f}"),
    "basket_usd": ("per order", "${:,.2f}"),
    "distinct_categories_84d": ("categories in 12 weeks", "{:.0f}"),
    "recency_days": ("days since the last order", "{:.0f}"),
    "discount_share_84d": ("discount", "{:.1%}"),
    "coupon_share_84d": ("orders with a coupon", "{:.1%}"),
    "private_brand_share_84d": ("private brands", "{:.1%}"),
    "weekend_share_84d": ("orders at weekends", "{:.1%}"),
    "online_share_84d": ("orders online", "{:.1%}"),
    "web_sessions_84d": ("visits to the web site in 12 weeks", "{:.1f}"),
    "complaints_84d": ("complaints in 12 weeks", "{:.2f}"),
}
SENTENCES = 4  # more nobody reads
CATEGORIES = 3
# A share of a group is worth a word when it is so many times that of all customers.
TELLING = 1.25
# ... and a category when it takes so many times the share that everybody gives it.
WORTH_A_WORD = 1.1
# Behaviours of which little, or much, is a reason: column, whether it is above or below the others', and the advice.
LEVELS = (
    ("basket_usd", False, "room for larger orders"),
    ("distinct_categories_84d", False, "show them what else there is"),
    ("web_sessions_84d", True, "reach them on the web site"),
    ("discount_share_84d", True, "offers move them"),
    ("complaints_84d", True, "make it good first"),
)


@dataclass(frozen=True)
class _Reason:
    """One reason to write: the share of customers it is true of, and what to do about it."""

    share: pd.Series
    said: str
    advice: str


def personas(people: pd.DataFrame, baskets: pd.DataFrame, as_of: object) -> pd.DataFrame:
    """One row per behavioural group, in the columns of PERSONA_COLUMNS.

    Args:
        people: customer_id, behaviour_segment_id, behaviour_segment and columns of the profile, one row per customer;
            who is in no group is left out.
        baskets: behaviour_segment_id, product_category, spend_usd and line_count of the last 84 days; lines of no
            telling category have none.
        as_of: the day it speaks for.
    """
    people = people[people.behaviour_segment_id.notna()].sort_values("customer_id", ignore_index=True)
    numbers = pd.DataFrame(
        {name: pd.to_numeric(people[name], errors="coerce").astype("float64") for name in FIGURES if name in people}
    ).replace([np.inf, -np.inf], np.nan)
    reasons = _reasons(people, numbers)
    rows = []
    for segment in sorted(people.behaviour_segment_id.unique().tolist()):
        inside = (people.behaviour_segment_id == segment).to_numpy()
        own_baskets = baskets[baskets.behaviour_segment_id == segment]
        row = _figures(people[inside], numbers, inside, own_baskets) | {
            "as_of": as_day(as_of),
            "behaviour_segment_id": int(segment),
            "behaviour_segment": people.behaviour_segment[inside].iloc[0],
        }
        apart = _apart(own_baskets, baskets)
        row["evidence"] = "; ".join(_evidence(numbers, inside))
        row["typical_basket"] = _basket(row, apart)
        row["reasons_to_contact"] = "; ".join(_contact(row, reasons, numbers, inside))
        rows.append(row | {"card": _card(row)})
    return pd.DataFrame(rows, columns=PERSONA_COLUMNS)


def _figures(own: pd.DataFrame, numbers: pd.DataFrame, inside: np.ndarray, baskets: pd.DataFrame) -> dict[str, object]:
    spend, orders = numbers["spend_84d"].fillna(0.0), numbers["orders_84d"].fillna(0.0)
    sales, count = float(spend[inside].sum()), float(orders[inside].sum())
    return {
        "customers": len(own),
        "customer_share": round(len(own) / len(numbers), 6),
        "sales_84d_usd": round(sales, 2),
        "sales_share": round(sales / spend.sum(), 6) if spend.sum() > 0 else 0.0,
        "sales_per_customer_usd": round(sales / len(own), 2),
        "basket_usd": round(sales / count, 2) if count else np.nan,
        "lines_per_basket": round(float(baskets.line_count.sum()) / count, 2) if count else np.nan,
        "orders_per_customer": round(count / len(own), 2),
        "churn_probability": _mean(own, "churn_probability", 6),
        "expected_spend_365d_usd": _mean(own, "expected_spend_365d_usd", 2),
    }


def _mean(own: pd.DataFrame, column: str, decimals: int) -> float:
    if column not in own:
        return np.nan
    return round(float(pd.to_numeric(own[column], errors="coerce").astype("float64").mean()), decimals)


def _evidence(numbers: pd.DataFrame, inside: np.ndarray) -> list[str]:
    """The behaviours in which the group is furthest from all, in standard deviations."""
    spread = numbers.std(ddof=0)
    distance = ((numbers[inside].mean() - numbers.mean()) / spread.where(spread > 1e-9)).dropna()
    said = []
    for column in distance.abs().round(6).sort_values(ascending=False, kind="stable").index[:SENTENCES]:
        words, form = FIGURES[column]
        own, all_of_them = numbers[column][inside].mean(), numbers[column].mean()
        said.append(f"{words}: {form.format(own)} (all: {form.format(all_of_them)})")
    return said


def _apart(own: pd.DataFrame, baskets: pd.DataFrame) -> list[tuple[str, float]]:
    """Categories that take more of the group's money than of everybody's, with how many times as much.

    Ranked by share x log(share / share of all), the category's part of the Kullback-Leibler divergence.
    """
    everybody = baskets.groupby("product_category").spend_usd.sum().clip(lower=0)
    group = own.groupby("product_category").spend_usd.sum().clip(lower=0)
    if group.sum() <= 0:
        return []
    shares = pd.DataFrame({"own": group / group.sum(), "all": everybody / everybody.sum()}).dropna()
    shares = shares[(shares["own"] > 0) & (shares["all"] > 0)]
    times = shares["own"] / shares["all"]
    weight = (shares["own"] * np.log(times)).round(9)
    top = weight[times.round(6) >= WORTH_A_WORD].sort_values(ascending=False, kind="stable").index[:CATEGORIES]
    return [(str(category), float(times[category])) for category in top]


def _basket(row: dict[str, object], apart: list[tuple[str, float]]) -> str:
    if np.isnan(row["basket_usd"]):
        return "no orders in 12 weeks"
    said = f"${row['basket_usd']:,.2f} for {row['lines_per_basket']:.0f} lines"
    more = ", ".join(f"{category} ({times:.1f} times the usual share)" for category, times in apart)
    return f"{said}; more than others: {more}" if more else said


def _reasons(people: pd.DataFrame, numbers: pd.DataFrame) -> list[_Reason]:
    stage = people["lifecycle_stage"] if "lifecycle_stage" in people else pd.Series("", index=people.index)
    before = pd.to_numeric(people.get("spend_prior_84d", pd.Series(np.nan, index=people.index)), errors="coerce")
    slower = (numbers["spend_84d"] < 0.67 * before) & (before > 0)
    empty = pd.Series(0.0, index=people.index)
    coupons = numbers.get("coupon_share_84d", empty)
    return [
        _Reason(stage.eq("at risk"), "are at risk", "ask them back before they have lapsed"),
        _Reason(stage.eq("lapsed"), "have lapsed", "win them back, or stop paying for letters"),
        _Reason(slower, "spend a third less than 12 weeks before", "ask what changed"),
        _Reason(stage.eq("new"), "are new", "help them to a second order"),
        _Reason(stage.eq("loyal"), "are loyal", "thank them, no discount needed"),
        _Reason(coupons >= 0.25, "use a coupon in every fourth order", "offers move them"),
    ]


def _contact(row: dict[str, object], reasons: list[_Reason], numbers: pd.DataFrame, inside: np.ndarray) -> list[str]:
    said = []
    if row["sales_share"] >= TELLING * row["customer_share"]:
        said.append(f"{row['customer_share']:.0%} of customers bring {row['sales_share']:.0%} of the money: keep them")
    for reason in reasons:
        own, everybody = float(reason.share[inside].mean()), float(reason.share.mean())
        if own >= 0.01 and own >= TELLING * everybody:
            said.append(f"{own:.0%} {reason.said} (all: {everybody:.0%}): {reason.advice}")
    for column, is_above, advice in LEVELS:
        if column not in numbers:
            continue
        own, everybody = float(numbers[column][inside].mean()), float(numbers[column].mean())
        if (own >= TELLING * everybody > 0) if is_above else (own * TELLING <= everybody):
            words, form = FIGURES[column]
            said.append(f"{words}: {form.format(own)} (all: {form.format(everybody)}): {advice}")
    return said or ["nothing speaks for writing to them more than to others"]


def _card(row: dict[str, object]) -> str:
    worth = [f"${row['sales_per_customer_usd']:,.0f} each in 12 weeks, {row['sales_share']:.0%} of all sales"]
    if not np.isnan(row["expected_spend_365d_usd"]):
        worth.append(f"${row['expected_spend_365d_usd']:,.0f} each expected in the next year")
    if not np.isnan(row["churn_probability"]):
        worth.append(f"{row['churn_probability']:.0%} expected to leave")
    return "\n".join(
        [
            f"### {row['behaviour_segment']} (group {row['behaviour_segment_id']})",
            "",
            f"**Size** {row['customers']:,} customers, {row['customer_share']:.0%}  ",
            f"**Worth** {'; '.join(worth)}  ",
            f"**Typical basket** {row['typical_basket']}",
            "",
            "**What sets them apart**",
            "",
            *(f"- {line}" for line in str(row["evidence"]).split("; ")),
            "",
            "**Why to write to them**",
            "",
            *(f"- {line}" for line in str(row["reasons_to_contact"]).split("; ")),
            "",
        ]
    )
