"""The next best action, and the history of segments, as the report shows them."""

from datetime import date

import duckdb
import pytest

from report.customer import customer_page
from report.marts import Marts
from report.pages.actions import chart, counts, listed, of_customer, withheld
from report.words import Say
from tests.unit.report.published import published

RULES = [
    ("keep", 1, "Keep in person", "sales", "churn", "auc"),
    ("offer", 2, "Offer something new", "marketing", None, None),
    ("leave", 3, "Leave alone", "none", None, None),
]
ACTIONS = [  # customer, action, department, channel, stake, withheld action, because, its stake
    ("C1", "keep", "sales", "phone", 40, None, None, None),
    ("C2", "keep", "sales", "email", 60, None, None, None),
    ("C3", "offer", "marketing", "email", None, "keep", "no channel with consent", 30),
    ("C4", "leave", "none", None, None, "offer", "was written to just now", 5),
]


@pytest.fixture(scope="module")
def marts(tmp_path_factory):
    """Three actions, four customers, and grades of two nights."""
    with duckdb.connect(str(published(tmp_path_factory.mktemp("actions") / "s.duckdb", 0))) as connection:
        for name, priority, label, department, subject, metric in RULES:
            connection.execute(
                "insert into marts.next_best_action_rules by name select $1 as action, $2 as priority, $3 as label,"
                " $4 as department, 'for some' as definition, $5 as graded_subject, $6 as graded_metric",
                [name, priority, label, department, subject, metric],
            )
        for place, (customer, action, department, channel, stake, other, because, lost) in enumerate(ACTIONS):
            connection.execute(
                "insert into marts.next_best_actions by name select $1 as customer_id, $2 as action, $3 as department,"
                " $4 as channel, $5 as stake_usd, 'because of that' as reason, date '2018-01-07' as act_by,"
                " $6 as withheld_action, $7 as withheld_because, $8 as withheld_stake_usd, $9 as place,"
                " 1 as priority",
                [customer, action, department, channel, stake, other, because, lost, -place],
            )
            connection.execute("insert into marts.customers by name select $1 as customer_id, 0 as orders", [customer])
        for as_of, value in (("2017-12-30", 0.9), ("2017-12-31", 0.8)):
            for baseline, reached in (("one", 0.7), ("other", 0.75)):
                connection.execute(
                    "insert into marts.grades by name select 'churn' as subject, 'auc' as metric, $1 as value,"
                    " $2 as baseline, $3 as baseline_value, cast($4 as date) as as_of",
                    [value, baseline, reached, as_of],
                )
        connection.execute(
            "insert into marts.customer_segment_history by name from (values"
            " ('C1', 'lifecycle_stage', date '2017-10-31', date '2017-11-30', 'active', false),"
            " ('C1', 'lifecycle_stage', date '2017-12-31', date '2017-12-31', 'at risk', true),"
            " ('C2', 'lifecycle_stage', date '2017-12-31', date '2017-12-31', 'loyal', true))"
            " as told(customer_id, kind, from_date, until_date, segment, is_current)"
        )
        yield Marts(connection)


def test_a_department_sees_its_actions_with_customers_money_and_the_newest_grade(marts):
    (row,) = counts(marts, Say("en"), "sales").rows
    assert (row["label"], row["customers"], row["stake_usd"], row["used"]) == ("Keep in person", 2, 100, "email, phone")
    assert row["rests_on"] == "churn: auc 0.800, baseline 0.750"
    assert counts(marts, Say("en"), "marketing").rows[0]["rests_on"] == "facts, no model"
    assert [one["customer_id"] for one in listed(marts, Say("en"), "sales").rows] == ["C2", "C1"]
    assert [(one["label"], one["customers"]) for one in chart(marts, Say("en")).rows] == [
        ("Keep in person", 2),
        ("Offer something new", 1),
        ("Leave alone", 1),
    ]


def test_money_withheld_for_want_of_consent_is_a_finding(marts):
    (finding,) = withheld(marts, Say("en"))
    assert finding.text == "1 customers with $30.00 at stake can't be addressed for want of consent."


def test_a_customer_sees_one_action_and_what_was_not_allowed_before_it(marts):
    (card,) = of_customer(marts, Say("en"), "C3").items
    assert card["title"] == "Offer something new"
    assert [figure.value for figure in card["figures"]] == ["email", date(2018, 1, 7), None, "marketing"]
    assert ("Why:", "because of that") in card["lines"]
    assert ("Fitted first:", "Keep in person, but no channel with consent") in card["lines"]
    assert of_customer(marts, Say("en"), "C9").items == []


def test_stages_are_drawn_over_the_months_they_were_told_for(marts):
    parts = {part.title: part for part in customer_page(marts, Say("en"), "C1").parts if hasattr(part, "title")}
    stages = parts["Stage over time"]
    assert [(row["segment"], row["drawn_from"], row["drawn_until"]) for row in stages.rows] == [
        ("active", date(2017, 10, 1), date(2017, 12, 1)),
        ("at risk", date(2017, 12, 1), date(2018, 1, 1)),
    ]
    assert stages.spec["encoding"]["color"]["legend"]["values"] == ["at risk", "active"]
    assert parts["Group by behaviour over time"].rows == []
