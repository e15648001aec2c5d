"""What tonight's run found that somebody should look at, each with its next step; only what a table says."""

from __future__ import annotations

from collections.abc import Callable

from ..marts import Marts
from ..parts import Finding
from ..words import Say


def findings(marts: Marts, say: Say) -> list[Finding]:
    """All findings of tonight, money first."""
    return [found for look in _LOOKS if (found := look(marts, say)) is not None]


def at_risk(marts: Marts, say: Say) -> Finding | None:
    row = marts.one(
        "select count(*) as customers, sum(expected_loss_usd) as loss from marts.churn_warnings", ["churn_warnings"]
    )
    if not row.get("customers"):
        return None
    return Finding(
        say(
            "{customers} customers may leave; {money} of their expected spending is at stake.",
            customers=say.value(row["customers"]),
            money=say.value(row["loss"], "USD"),
        ),
        say("Call or write to the first of the list; it is ordered by money."),
        "churn",
    )


def stock_outs(marts: Marts, say: Say) -> Finding | None:
    row = marts.one(
        "select count(*) as items from marts.replenishment where reorder_quantity > 0"
        " and date_diff('day', as_of, stock_out_date) <= lead_time_days",
        ["replenishment"],
    )
    if not row.get("items"):
        return None
    return Finding(
        say(
            "{items} products in stores will run out before what is ordered today can come.",
            items=say.value(row["items"]),
        ),
        say("Order what the list proposes."),
        "buying",
    )


def falling_satisfaction(marts: Marts, say: Say) -> Finding | None:
    rows = marts.rows(
        "select nps, complaints from marts.metrics where dimension = 'company' and period = 'month' and is_complete"
        " and nps is not null order by period_start desc limit 4",
        ["metrics"],
    )
    if len(rows) < 4:
        return None
    usual = sum(row["nps"] for row in rows[1:]) / 3
    if rows[0]["nps"] >= usual - 10:
        return None
    return Finding(
        say(
            "The Net Promoter Score fell to {now}; it was {usual} in the three months before.",
            now=say.value(round(rows[0]["nps"])),
            usual=say.value(round(usual)),
        ),
        say("Read what the complaints of the month were about."),
        "service",
    )


def models_standing_back(marts: Marts, say: Say) -> Finding | None:
    rows = marts.rows(
        "select subject from marts.model_standing where is_demoted and origin = 'night' order by 1", ["model_standing"]
    )
    if not rows:
        return None
    return Finding(
        say("Standing back behind its baseline: {models}.", models=", ".join(say(row["subject"]) for row in rows)),
        say("Its answers are the baseline's until it beats it again; look at what drifted."),
        "scorecard",
    )


def looks_odd(marts: Marts, say: Say) -> Finding | None:
    row = marts.one(
        "select count(*) as findings from marts.data_quality where status in ('warn', 'block')"
        " and as_of = (select max(as_of) from marts.data_quality)",
        ["data_quality"],
    )
    if not row.get("findings"):
        return None
    return Finding(
        say("{findings} figures of the data are unlike the nights before.", findings=say.value(row["findings"])),
        say("Ask the source's owner before you trust tonight's numbers."),
        "quality",
    )


_LOOKS: list[Callable[[Marts, Say], Finding | None]] = [
    at_risk,
    stock_outs,
    falling_satisfaction,
    models_standing_back,
    looks_odd,
]
