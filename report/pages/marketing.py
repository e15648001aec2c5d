"""For the marketing department: what campaigns brought, whom to address, with what."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Finding, Findings, Page, Table
from ..words import Say
from .actions import chart, counts, withheld
from .metrics import figures


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "marketing",
        say("Marketing"),
        say("What campaigns brought, which customers to address, and what they are interested in."),
        [
            figures(
                marts, say, ["active_customers", "repeat_purchase_rate", "retention_rate", "cart_abandonment_rate"]
            ),
            Findings(
                say("Findings"),
                [*_best_campaign(marts, say), *withheld(marts, say), *_persona(marts, say)],
                say("Nothing tonight."),
            ),
            chart(marts, say),
            counts(marts, say, "marketing"),
            _interests(marts, say),
            _campaigns(marts, say),
        ],
    )


def _best_campaign(marts: Marts, say: Say) -> list[Finding]:
    row = marts.one(
        "select campaign_id, redeeming_accounts, recipients, redeeming_accounts / recipients as share from"
        " marts.campaign_performance"
        " where recipients >= 100 order by share desc, campaign_id limit 1",
        ["campaign_performance"],
    )
    if not row:
        return []
    return [
        Finding(
            say(
                "Campaign {campaign} had the most redemptions: {share} of {people} recipients used a coupon.",
                campaign=row["campaign_id"],
                share=say.value(row["share"], "share"),
                people=say.value(row["recipients"]),
            ),
            say("Send its offer to the customers at risk who use coupons."),
            "churn",
        )
    ]


def _persona(marts: Marts, say: Say) -> list[Finding]:
    rows = marts.rows(
        "select behaviour_segment, reasons_to_contact from marts.segment_personas order by sales_84d_usd desc limit 3",
        ["segment_personas"],
    )
    return [
        Finding(row["behaviour_segment"], row["reasons_to_contact"], "segments")
        for row in rows
        if row["reasons_to_contact"]
    ]


def _interests(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select product_category, count(*) as customers from marts.customer_interests where interest_rank = 1"
        " group by 1 order by 2 desc, 1 limit 15",
        ["customer_interests"],
    )
    return Chart(
        say("What customers are interested in"),
        say("Customers by the category that they give far more of their money to than others do."),
        bars(rows, "product_category", "customers", say("Customers")),
        [Column("product_category", say("Category")), Column("customers", say("Customers"), "number")],
        rows,
        say("No interests yet: they need customers with orders."),
    )


def _campaigns(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select campaign_id, campaign_type, start_date, end_date, recipients, open_rate, click_rate,"
        " redeeming_accounts, cost_usd"
        " from marts.campaign_performance order by start_date desc, campaign_id",
        ["campaign_performance"],
    )
    return Table(
        say("Campaigns"),
        [
            Column("campaign_id", say("Campaign")),
            Column("campaign_type", say("Kind")),
            Column("start_date", say("From")),
            Column("end_date", say("To")),
            Column("recipients", say("Recipients"), "number"),
            Column("open_rate", say("Opened"), "share"),
            Column("click_rate", say("Clicked"), "share"),
            Column("redeeming_accounts", say("Used a coupon"), "number"),
            Column("cost_usd", say("Cost"), "USD"),
        ],
        rows,
        say("No campaigns yet."),
        ["campaign_type"],
        say("Counts of contacts, not proof of effect."),
    )
