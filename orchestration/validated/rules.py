"""The gate's rules as the entities declare them: `config.meta.rules` in dbt, read from its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.lake import sql_literal

_KINDS = ("row", "table")
_SEVERITIES = ("quarantine", "block", "warn")


@dataclass(frozen=True)
class Rule:
    """One rule of one entity.

    Args:
        entity: conformed entity, a table of schema staged.
        name: unique within the entity.
        kind: "row" judges each row, "table" the whole table.
        severity: "quarantine" sets the row aside, "block" stops the run before validated, "warn" only says so.
        reason: what is wrong with a failing row or table, in plain words.
        fails_when: SQL predicate, true for a failing row; for a table, an aggregate predicate.
        column: column whose masked value is kept with a quarantined row.
    """

    entity: str
    name: str
    kind: str
    severity: str
    reason: str
    fails_when: str
    column: str | None = None

    @property
    def failing_rows_query(self) -> str:
        """SQL over `{batch}`: one row per failing row, or a single row when the table fails."""
        if self.kind == "row":
            return f"select record_key from {{batch}} where {self._predicate}"
        return (
            f"select {sql_literal(self.name)} as rule"
            f" from (select {self._predicate} as is_failing from {{batch}}) as judged where is_failing"
        )

    @property
    def predicate(self) -> str:
        """SQL over the entity's columns; what can't be said (NULL) is no failure."""
        return f"coalesce(({' '.join(self.fails_when.split())}), false)"

    @property
    def _predicate(self) -> str:
        return self.predicate.replace("{", "{{").replace("}", "}}")  # Great Expectations formats the query


class RuleError(Exception):
    """A rule can't be enforced as it is written."""


def load_rules(manifest: Mapping[str, Any]) -> list[Rule]:
    """All rules of all staged entities, ordered by entity and as declared.

    A rule of a whole table counts only where a source feeds the entity.

    Raises:
        RuleError: a rule lacks a key, names an unknown kind or severity, or appears twice.
    """
    rules: list[Rule] = []
    for node in sorted(manifest["nodes"].values(), key=lambda node: node["name"]):
        if node["resource_type"] == "model" and node["fqn"][1] == "staged":
            declared_rules = [_rule(node["alias"], declared) for declared in node["config"]["meta"].get("rules", [])]
            rules += [rule for rule in declared_rules if rule.kind == "row" or _has_a_source(node)]
    names = [(rule.entity, rule.name) for rule in rules]
    twice = sorted({f"{entity}.{name}" for entity, name in names if names.count((entity, name)) > 1})
    if twice:
        raise RuleError(f"rules declared twice: {', '.join(twice)}")
    return rules


def _has_a_source(node: Mapping[str, Any]) -> bool:
    """Whether a staging model feeds the entity. One that none feeds has no rows, and need not have any."""
    return any(name.split(".")[-1].startswith("stg_") for name in node["depends_on"]["nodes"])


def _rule(entity: str, declared: Mapping[str, Any]) -> Rule:
    where = f"{entity}, rule {declared.get('name', '(no name)')}"
    missing = [key for key in ("name", "kind", "severity", "reason", "fails_when") if not declared.get(key)]
    if missing:
        raise RuleError(f"{where}: {', '.join(missing)} missing")
    if declared["kind"] not in _KINDS or declared["severity"] not in _SEVERITIES:
        raise RuleError(f"{where}: kind is one of {_KINDS}, severity one of {_SEVERITIES}")
    if declared["kind"] == "table" and declared["severity"] == "quarantine":
        raise RuleError(f"{where}: a table can't be quarantined; use block or warn")
    return Rule(
        entity=entity,
        column=declared.get("column"),
        **{key: str(declared[key]) for key in ("name", "kind", "severity", "reason", "fails_when")},
    )
