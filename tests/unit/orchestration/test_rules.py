"""Rules are read from dbt's manifest; one that can't be enforced is refused by name, in one line."""

import pytest

from orchestration.validated.document import PAGE, declared_rules, page
from orchestration.validated.rules import RuleError, load_rules

RULE = {
    "name": "amount_is_negative",
    "kind": "row",
    "severity": "quarantine",
    "reason": "The amount is below zero.",
    "fails_when": "amount < 0",
    "column": "amount",
    "since": "2026-11-21",
    "why": "Zero is the least.",
}


def _manifest(*rules: object, folder: str = "staged") -> dict:
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
        ({"reason": ""}, "reason: missing"),
        ({"kind": "cell"}, "kind: one of row, table is expected"),
        (
            {"severity": "quarantined"},
            "severity: one of quarantine, block, warn is expected (did you mean quarantine?)",
        ),
        ({"kind": "table", "column": None}, "severity: a table can't be quarantined; use block or warn"),
        ({"kind": "table", "severity": "warn"}, "column: a table has no single value to show; leave it out"),
        ({"fails_wen": "1"}, "fails_wen: no such key (did you mean fails_when?)"),
        ({"since": "last week"}, "since: a day such as 2026-11-21 is expected"),
        ({"why": None}, "why: missing; a rule of a table or with a number or date says why this one"),
        ({"why": None, "fails_when": "at < date '1990-01-01'"}, "why: missing; a rule of a table or with a number"),
        (
            {"why": None, "kind": "table", "severity": "warn", "column": None, "fails_when": "bool_or(x)"},
            "why: missing;",
        ),
    ],
)
def test_a_rule_that_cannot_be_enforced_is_refused(change, expected):
    with pytest.raises(RuleError) as caught:
        load_rules(_manifest(RULE | change))
    assert str(caught.value).startswith(f"orders, rule amount_is_negative: {expected}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("predicate", ["not has_v2_key", "event not in ('q1', '404')", "address_2 is null"])
def test_digits_in_names_and_texts_are_no_threshold(predicate):
    assert load_rules(_manifest(RULE | {"fails_when": predicate, "why": None}))


def test_all_mistakes_are_told_at_once_and_a_repeated_rule_is_one():
    with pytest.raises(RuleError) as caught:
        load_rules(_manifest(RULE, RULE, RULE | {"name": "other", "kind": "cell"}, "a word"))
    assert str(caught.value).splitlines() == [
        "orders, rule other: kind: one of row, table is expected",
        "orders: rules: expected keys such as `name:` and `fails_when:` in every entry",
        "orders, rule amount_is_negative: declared twice",
    ]


def test_the_page_of_rules_is_the_rules():
    rules = declared_rules()
    assert len({rule.entity for rule in rules}) == 20
    assert PAGE.read_text(encoding="utf-8") == page(rules), "run `make docs`"


def test_every_entity_sets_aside_what_it_cannot_read_and_says_when_it_is_empty():
    by_entity: dict[str, set[str]] = {}
    for rule in declared_rules():
        by_entity.setdefault(rule.entity, set()).add(rule.name)
    for entity, names in by_entity.items():
        assert {"unreadable_line", "no_key", "some_rows", "mostly_readable"} <= names, entity
