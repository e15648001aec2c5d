"""An entity that no source feeds has no rows, and is not judged for it."""

import pytest

from orchestration.validated.rules import load_rules

_SAID = {"since": "2026-11-22", "why": "A test.", "reason": "Something is wrong."}
ROW = {"name": "no_key", "kind": "row", "severity": "quarantine", "fails_when": "not has_source_key", **_SAID}
TABLE = {"name": "some_rows", "kind": "table", "severity": "block", "fails_when": "count(*) = 0", **_SAID}


@pytest.mark.parametrize(
    ("asked", "judged_by"),
    [
        (["model.project.staged_stores", "model.project.stg_erp__orders"], ["no_key", "some_rows"]),
        (["model.project.staged_stores"], ["no_key"]),
        ([], ["no_key"]),
    ],
)
def test_rules_of_whole_tables_count_only_where_a_source_feeds_them(asked, judged_by):
    node = {
        "name": "staged_orders",
        "alias": "orders",
        "resource_type": "model",
        "fqn": ["project", "staged", "staged_orders"],
        "config": {"meta": {"rules": [ROW, TABLE]}},
        "depends_on": {"nodes": asked},
    }
    assert [rule.name for rule in load_rules({"nodes": {"model.project.staged_orders": node}})] == judged_by
