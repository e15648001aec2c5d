"""The page of one customer: everything the tables know of an id. Names only from the private side."""

from __future__ import annotations

from typing import Any

from .charts import bars, spells, trend
from .marts import Marts
from .pages.actions import of_customer
from .parts import Cards, Chart, Column, Figure, Figures, Page, Table
from .words import Say

EVENTS = 200
# In the order of the theme's colours: warm where a customer is being lost.
STAGES = ["new", "at risk", "loyal", "lapsed", "won back", "active", "", "prospect"]

_TIMELINE = """
    select ordered_at as happened_at, 'order' as what, channel as detail, sales_usd as amount_usd, null as score
    from marts.orders where customer_id = $1
    union all
    select started_at, case when is_abandoned_cart then 'visit, cart left' else 'visit' end,
        page_views || ' pages', null, null
    from marts.web_sessions where customer_id = $1
    union all
    select opened_at, case when is_complaint then 'complaint' else 'ticket' end,
        category || ', ' || status, null, satisfaction
    from marts.support_cases where customer_id = $1
    union all
    select called_at, 'call', reason, null, post_call_score from marts.calls where customer_id = $1
    union all
    select answered_at, survey, question, null, score from marts.survey_responses where customer_id = $1
    union all
    select touched_at, channel || ' ' || touch_event, 'campaign ' || campaign_id, null, null
    from marts.campaign_touches where customer_id = $1
    order by happened_at desc, what, detail limit $2
"""


def customer_page(marts: Marts, say: Say, customer_id: str, private: list[dict[str, Any]] | None = None) -> Page | None:
    """What the tables know of a customer; None when no customer has the id.

    Args:
        customer_id: an id of tonight, or an older one that was merged into it.
        private: rows of the golden record (field, value, source_system, updated_at) for those allowed to see them.
    """
    current = marts.one(
        "select current_customer_id from marts.customer_id_redirects where customer_id = $1 and is_main",
        ["customer_id_redirects"],
        [customer_id],
    ).get("current_customer_id", customer_id)
    customer = marts.one("select * from marts.customers where customer_id = $1", ["customers"], [current])
    if not customer:
        return None
    churn = marts.one("select * from marts.churn_scores where customer_id = $1", ["churn_scores"], [current])
    worth = marts.one("select * from marts.lifetime_value where customer_id = $1", ["lifetime_value"], [current])
    groups = marts.one("select * from marts.customer_segments where customer_id = $1", ["customer_segments"], [current])
    lead = say("Customer {id}", id=current)
    if current != customer_id:
        lead = say("Customer {old} is now {id}.", old=customer_id, id=current)
    return Page(
        "customer",
        say("Customer"),
        lead,
        [
            *([_golden(say, private)] if private is not None else []),
            _figures(say, customer, churn, worth),
            of_customer(marts, say, current),
            _reasons(say, churn, worth, groups),
            _history(marts, say, current, "lifecycle_stage", say("Stage over time")),
            _history(marts, say, current, "behaviour_segment", say("Group by behaviour over time")),
            _revenue(marts, say, current),
            _timeline(marts, say, current),
            _recommended(marts, say, current),
            _interests(marts, say, current),
        ],
        current,
        private is not None,
    )


def _golden(say: Say, rows: list[dict[str, Any]]) -> Table:
    return Table(
        say("Golden record (private)"),
        [
            Column("field", say("Field")),
            Column("value", say("Value")),
            Column("source_system", say("From")),
            Column("updated_at", say("Since")),
        ],
        rows,
        say("Nothing is known but the id."),
    )


def _figures(say: Say, customer: dict, churn: dict, worth: dict) -> Figures:
    return Figures(
        [
            Figure(say("Orders"), customer["orders"]),
            Figure(say("Revenue"), customer["sales_usd"], "USD"),
            Figure(say("Days since the last order"), customer["recency_days"]),
            Figure(say("Probability to leave"), churn.get("churn_probability"), "share"),
            Figure(say("Expected loss"), churn.get("expected_loss_usd"), "USD"),
            Figure(say("Expected in a year"), worth.get("expected_spend_365d_usd"), "USD"),
            Figure(
                say("Records"),
                customer["record_count"],
                note=say("of {systems} systems", systems=customer["source_system_count"]),
            ),
        ]
    )


def _reasons(say: Say, churn: dict, worth: dict, groups: dict) -> Cards:
    named = [
        (say("Stage:"), groups.get("lifecycle_stage")),
        (say("Segment:"), groups.get("rfm_segment")),
        (say("Group by behaviour:"), groups.get("behaviour_segment")),
        (say("Interested in:"), groups.get("interest_segment")),
    ]
    cards = [
        {"title": say("Where this customer stands"), "figures": [], "lines": named},
        {"title": say("Why at risk"), "figures": [], "lines": [("", churn.get("reasons"))]},
        {"title": say("Who says what it will spend"), "figures": [], "lines": [("", worth.get("reason"))]},
    ]
    shown = [card for card in cards if any(text for _, text in card["lines"])]
    return Cards(say("Scores and their reasons"), shown, say("No scores: this customer has not bought yet."))


def _history(marts: Marts, say: Say, customer_id: str, kind: str, title: str) -> Chart:
    # What is told at the end of a month is drawn over that month: nothing says on which of its days that began.
    rows = marts.rows(
        "select segment, from_date, until_date, is_current, cast(date_trunc('month', from_date) as date) as drawn_from,"
        " until_date + 1 as drawn_until"
        " from marts.customer_segment_history where customer_id = $1 and kind = $2 order by from_date",
        ["customer_segment_history"],
        [customer_id, kind],
    )
    return Chart(
        title,
        say("As told at the end of each month and tonight."),
        spells(rows, "drawn_from", "drawn_until", "segment", STAGES if kind == "lifecycle_stage" else []),
        [
            Column("segment", say("Segment")),
            Column("from_date", say("From")),
            Column("until_date", say("To")),
            Column("is_current", say("Still so")),
        ],
        rows,
        say("No history yet: it begins with the first night."),
    )


def _revenue(marts: Marts, say: Say, customer_id: str) -> Chart:
    rows = marts.rows(
        "select period_start, revenue_usd from marts.customer_metrics where customer_id = $1 and period = 'month'"
        " and revenue_usd is not null order by period_start",
        ["customer_metrics"],
        [customer_id],
    )
    return Chart(
        say("Revenue by month"),
        say("Money received for orders after all discounts; returns count as negative."),
        trend(rows, "period_start", "revenue_usd", say("Revenue"), "USD"),
        [Column("period_start", say("From")), Column("revenue_usd", say("Revenue"), "USD")],
        rows,
        say("This customer has not bought yet."),
    )


def _timeline(marts: Marts, say: Say, customer_id: str) -> Table:
    rows = marts.rows(
        _TIMELINE,
        ["orders", "web_sessions", "support_cases", "calls", "survey_responses", "campaign_touches"],
        [customer_id, EVENTS],
    )
    return Table(
        say("What happened"),
        [
            Column("happened_at", say("When, UTC")),
            Column("what", say("What")),
            Column("detail", say("Detail")),
            Column("amount_usd", say("Money"), "USD"),
            Column("score", say("Score"), "number"),
        ],
        rows,
        say("Nothing has happened yet."),
        ["what"],
        say("The last {count} events.", count=EVENTS) if len(rows) == EVENTS else "",
    )


def _recommended(marts: Marts, say: Say, customer_id: str) -> Table:
    rows = marts.rows(
        "select kind, rank, product_id, product_category, product_type, reason from marts.recommendations"
        " where customer_id = $1 order by kind, rank",
        ["recommendations"],
        [customer_id],
    )
    kinds = {"next_basket": say("next order"), "new_product": say("something new")}
    rows = [row | {"kind": kinds.get(row["kind"], row["kind"])} for row in rows]
    return Table(
        say("What to offer"),
        [
            Column("kind", say("Kind")),
            Column("rank", say("Place"), "number"),
            Column("product_id", say("Product")),
            Column("product_category", say("Category")),
            Column("product_type", say("Type")),
            Column("reason", say("Why")),
        ],
        rows,
        say("No recommendations yet: they need customers with orders."),
        ["kind"],
    )


def _interests(marts: Marts, say: Say, customer_id: str) -> Chart:
    rows = marts.rows(
        "select product_category, spend_usd from marts.customer_interests where customer_id = $1 and"
        " spend_rank is not null"
        " order by spend_usd desc, product_category",
        ["customer_interests"],
        [customer_id],
    )
    return Chart(
        say("What the money goes to"),
        say("Spend of the last year in the categories with most of it."),
        bars(rows, "product_category", "spend_usd", say("Revenue"), "USD"),
        [Column("product_category", say("Category")), Column("spend_usd", say("Revenue"), "USD")],
        rows,
        say("No interests yet: they need customers with orders."),
    )
