"""How the company is doing, and what wants attention tonight."""

from __future__ import annotations

from ..marts import Marts
from ..parts import Finding, Findings, Page
from ..words import Say
from .attention import findings
from .metrics import figures, metric_trend


def page(marts: Marts, say: Say) -> Page:
    names = [
        "revenue_usd",
        "orders",
        "active_customers",
        "average_order_value_usd",
        "repeat_purchase_rate",
        "retention_rate",
        "cart_abandonment_rate",
        "nps",
        "csat",
        "margin_usd",
    ]
    found: list[Finding] = findings(marts, say)
    return Page(
        "overview",
        say("Overview"),
        say(
            "How the company did in the last complete month, and what tonight's run found that somebody should look at."
        ),
        [
            figures(marts, say, names),
            Findings(say("What wants attention"), found, say("Nothing tonight.")),
            metric_trend(marts, say, "revenue_usd"),
            metric_trend(marts, say, "active_customers"),
            metric_trend(marts, say, "average_order_value_usd"),
            metric_trend(marts, say, "nps", "month"),
        ],
    )
