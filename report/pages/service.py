"""For the service department: what people complain about, how fast they are helped, how satisfied they are."""

from __future__ import annotations

from ..charts import bars
from ..marts import Marts
from ..parts import Chart, Column, Figure, Figures, Finding, Findings, Page
from ..words import Say
from .actions import counts, listed
from .metrics import LAST_MONTH, figures, metric_trend


def page(marts: Marts, say: Say) -> Page:
    topics = _topics(marts)
    return Page(
        "service",
        say("Service"),
        say("What people complain about, how fast they are helped, and how satisfied they are."),
        [
            figures(marts, say, ["nps", "csat", "complaints"]),
            _speed(marts, say),
            Findings(say("Findings"), _largest(say, topics), say("Nothing tonight.")),
            counts(marts, say, "service"),
            listed(marts, say, "service"),
            Chart(
                say("Complaints by topic"),
                say("Tickets and calls of the last complete month that complain."),
                bars(topics, "topic", "complaints", say("Complaints")),
                [
                    Column("topic", say("Topic")),
                    Column("complaints", say("Complaints"), "number"),
                    Column("before", say("The month before"), "number"),
                ],
                topics,
                say("No complaints in the last complete month."),
            ),
            metric_trend(marts, say, "complaints"),
            metric_trend(marts, say, "csat", "month"),
        ],
    )


def _topics(marts: Marts) -> list[dict]:
    return marts.rows(
        f"with {LAST_MONTH},"
        " contacts as (select category as topic, opened_date as day from marts.support_cases where is_complaint"
        " union all select reason, call_date from marts.calls where is_complaint)"
        " select topic, count(*) filter (where date_trunc('month', day) = month_start) as complaints,"
        " count(*) filter (where date_trunc('month', day) = month_start - interval 1 month) as before"
        " from contacts, last group by 1 having complaints > 0 order by 2 desc, 1",
        ["support_cases", "calls", "metrics"],
    )


def _largest(say: Say, topics: list[dict]) -> list[Finding]:
    grown = [row for row in topics if row["complaints"] >= 20 and row["complaints"] > 1.25 * row["before"]]
    return [
        Finding(
            say(
                "Complaints about {topic} rose from {before} to {now} in a month.",
                topic=row["topic"],
                before=row["before"],
                now=row["complaints"],
            ),
            say("Find the common cause; tell the department that can mend it."),
        )
        for row in grown[:4]
    ]


def _speed(marts: Marts, say: Say) -> Figures:
    row = marts.one(
        f"with {LAST_MONTH}"
        " select count(*) as cases, median(first_response_s) / 3600 as response_h, median(resolution_s) / 3600"
        " as resolution_h,"
        " avg(satisfaction) as satisfaction from marts.support_cases, last where date_trunc('month',"
        " opened_date) = month_start",
        ["support_cases", "metrics"],
    )
    if not row.get("cases"):
        return Figures([])
    return Figures(
        [
            Figure(say("Tickets in the month"), row["cases"]),
            Figure(say("Hours to the first answer"), row["response_h"], note=say("median")),
            Figure(say("Hours to the solution"), row["resolution_h"], note=say("median")),
            Figure(say("Score after a ticket, 1 to 5"), row["satisfaction"], note=say("mean")),
        ]
    )
