"""What to do next with customers, as the departments that do it see it."""

from __future__ import annotations

from typing import Any

from ..charts import bars
from ..marts import Marts
from ..parts import Cards, Chart, Column, Figure, Finding, Table
from ..words import Say

LONGEST = 100  # rows of a list: what a department works through before the next night replaces it
_TABLES = ["next_best_actions", "next_best_action_rules"]


def _graded(marts: Marts) -> dict[tuple[str, str], dict[str, Any]]:
    """By subject and metric, of those where more is better: the newest grade, beside the best of the baselines."""
    rows = marts.rows(
        "select subject, metric, max(value) as value, max(baseline_value) as baseline_value from marts.grades"
        " where as_of = (select max(as_of) from marts.grades) group by subject, metric",
        ["grades"],
    )
    return {(row["subject"], row["metric"]): row for row in rows}


def what_backs_it(marts: Marts, say: Say, rule: dict[str, Any]) -> str:
    """What an action rests on: facts, or a model with its grade."""
    if not rule.get("graded_subject"):
        return say("facts, no model")
    grade = _graded(marts).get((rule["graded_subject"], rule["graded_metric"]))
    if grade is None:
        return say("{model}, not graded yet", model=rule["graded_subject"])
    return say(
        "{model}: {metric} {value}, baseline {baseline}",
        model=rule["graded_subject"],
        metric=rule["graded_metric"],
        value=say.value(grade["value"], "ratio"),
        baseline=say.value(grade["baseline_value"], "ratio"),
    )


def counts(marts: Marts, say: Say, department: str) -> Table:
    """The actions of a department tonight: for how many customers, and how much money."""
    rows = marts.rows(
        "select rules.*, count(actions.customer_id) as customers, sum(actions.stake_usd) as stake_usd,"
        " min(actions.act_by) as act_by,"
        " coalesce(string_agg(distinct actions.channel, ', ' order by actions.channel), '') as used"
        " from marts.next_best_action_rules as rules left join marts.next_best_actions as actions using (action)"
        " where rules.department = $1 group by all order by rules.priority",
        _TABLES,
        [department],
    )
    shown = [
        row
        | {
            "label": say(row["label"]),
            "definition": say(row["definition"]),
            "used": ", ".join(say(channel) for channel in row["used"].split(", ") if channel),
            "rests_on": what_backs_it(marts, say, row),
        }
        for row in rows
    ]
    return Table(
        say("Next best actions"),
        [
            Column("label", say("Action")),
            Column("customers", say("Customers"), "number"),
            Column("stake_usd", say("Money at stake"), "USD"),
            Column("used", say("Channels")),
            Column("act_by", say("Until")),
            Column("definition", say("Whom it is for")),
            Column("rests_on", say("Rests on")),
        ],
        shown,
        say("No actions yet: they need customers."),
        note=say(
            "Each customer has one action: the most urgent that fits and that consent allows. Money at stake is not"
            " what an action earns; nothing has measured that."
        ),
    )


def chart(marts: Marts, say: Say) -> Chart:
    """Customers by action, of all departments."""
    rows = marts.rows(
        "select rules.label, rules.department, count(actions.customer_id) as customers,"
        " sum(actions.stake_usd) as stake_usd from marts.next_best_action_rules as rules"
        " inner join marts.next_best_actions as actions using (action)"
        " group by rules.label, rules.department, rules.priority order by rules.priority",
        _TABLES,
    )
    rows = [row | {"label": say(row["label"]), "department": say(row["department"])} for row in rows]
    return Chart(
        say("What to do next, by customers"),
        say("Customers by their next best action, the most urgent at the top."),
        bars(rows, "label", "customers", say("Customers"), order=[row["label"] for row in rows]),
        [
            Column("label", say("Action")),
            Column("department", say("Department")),
            Column("customers", say("Customers"), "number"),
            Column("stake_usd", say("Money at stake"), "USD"),
        ],
        rows,
        say("No actions yet: they need customers."),
    )


def listed(marts: Marts, say: Say, department: str) -> Table:
    """Whom the department acts on first."""
    rows = marts.rows(
        "select label, place, customer_id, channel, stake_usd, act_by, reason from marts.next_best_actions"
        " inner join (select action, label from marts.next_best_action_rules) as rules using (action)"
        " where department = $1 order by priority, place limit $2",
        _TABLES,
        [department, LONGEST],
    )
    rows = [row | {"label": say(row["label"]), "channel": say(row["channel"] or "none")} for row in rows]
    return Table(
        say("Who is next"),
        [
            Column("label", say("Action")),
            Column("place", say("Place"), "number"),
            Column("customer_id", say("Customer")),
            Column("channel", say("Channel")),
            Column("stake_usd", say("Money at stake"), "USD"),
            Column("act_by", say("Until")),
            Column("reason", say("Why")),
        ],
        rows,
        say("Nobody tonight."),
        ["label", "channel"],
        say("The first {count}; all are in the table next_best_actions.", count=LONGEST)
        if len(rows) == LONGEST
        else "",
    )


def withheld(marts: Marts, say: Say) -> list[Finding]:
    """What can't be done for want of consent, where money is known to be at stake."""
    row = marts.one(
        "select count(*) as customers, sum(withheld_stake_usd) as stake_usd from marts.next_best_actions"
        " where withheld_because in ('no channel with consent', 'consent to profiles withdrawn')"
        " and withheld_stake_usd > 0",
        ["next_best_actions"],
    )
    if not row.get("customers"):
        return []
    return [
        Finding(
            say(
                "{customers} customers with {money} at stake can't be addressed for want of consent.",
                customers=say.value(row["customers"]),
                money=say.value(row["stake_usd"], "USD"),
            ),
            say("Ask for it where they come anyway: at the till, in the app, at the end of a call."),
        )
    ]


def of_customer(marts: Marts, say: Say, customer_id: str) -> Cards:
    """The next best action of one customer, and what was not allowed before it."""
    row = marts.one(
        "select actions.*, rules.* exclude (priority, action, department), withheld.label as withheld_label"
        " from marts.next_best_actions as actions"
        " inner join marts.next_best_action_rules as rules using (action)"
        " left join marts.next_best_action_rules as withheld on actions.withheld_action = withheld.action"
        " where customer_id = $1",
        _TABLES,
        [customer_id],
    )
    cards = [_card(marts, say, row)] if row else []
    return Cards(say("Next best action"), cards, say("No actions yet: they need customers."))


def _card(marts: Marts, say: Say, row: dict[str, Any]) -> dict[str, Any]:
    figures = [
        Figure(say("Channel"), say(row["channel"] or "none")),
        Figure(say("Until"), row["act_by"]),
        Figure(say("Money at stake"), row["stake_usd"], "USD"),
        Figure(say("Department"), say(row["department"])),
    ]
    lines = [(say("Why:"), row["reason"]), (say("Rests on:"), what_backs_it(marts, say, row))]
    if row["withheld_label"]:
        instead = say(
            "{action}, but {because}", action=say(row["withheld_label"]), because=say(row["withheld_because"])
        )
        lines.append((say("Fitted first:"), instead))
    return {"title": say(row["label"]), "figures": figures, "lines": lines}
