"""Rules are read from dbt's manifest; one that can't be enforced is refused by name."""

import pytest

from orchestration.validated.rules import RuleError, load_rules

RULE = {
    "name": "amount_is_negative",
    "kind": "row",
    "severity": "quarantine",
    "reason": "The amount is below zero.",
    "fails_when": "amount < 0",
    "column": "amount",
}


def _manifest(*rules: dict, folder: str = "staged") -> dict:
    node = {
        "name": f"{folder}_orders",
        "alias": "orders",
        "resource_type": "model",
        "fqn": ["project", folder, f"{folder}_orders"],
        "config": {"meta": {"rules": list(rules)}},
    }
    return {"nodes": {"model.project.orders": node}}


def test_rules_belong_to_the_table_of_the_staged_stage():
    [rule] = load_rules(_manifest(RULE))
    assert (rule.entity, rule.name, rule.column) == ("orders", "amount_is_negative", "amount")
    assert load_rules(_manifest(RULE, folder="marts")) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reason": ""}, "orders, rule amount_is_negative: reason missing"),
        ({"kind": "cell"}, "orders, rule amount_is_negative: kind is one of"),
        ({"severity": "maybe"}, "orders, rule amount_is_negative: kind is one of"),
        ({"kind": "table"}, "orders, rule amount_is_negative: a table can't be quarantined"),
    ],
)
def test_a_rule_that_cannot_be_enforced_is_refused(change, expected):
    with pytest.raises(RuleError, match=expected):
        load_rules(_manifest(RULE | change))


def test_the_same_rule_twice_is_refused():
    with pytest.raises(RuleError, match="declared twice: orders.amount_is_negative"):
        load_rules(_manifest(RULE, RULE))
