"""The gate's rules as the entities declare them: `config.meta.rules` in dbt, read from its manifest.

Here is what a rule may say and how its mistakes are told. What judges the rules is in `gate`, what they set aside
in `quarantine`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

_TEXT_OR_NAME = re.compile(r"'(?:[^']|'')*'|[a-z_][a-z0-9_]*", re.IGNORECASE)
_DATE_OR_TIME = re.compile(r"\b(?:date|timestamp) *'", re.IGNORECASE)


class Rule(BaseModel):
    """One rule of one entity, written so that a non-programmer can read it.

    `fails_when` is a SQL predicate: over the entity's columns for a row, over its aggregates for a table. What can't
    be said (NULL) is no failure.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    entity: str = Field(description="conformed entity, a table of schema staged")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="unique within the entity")
    kind: Literal["row", "table"] = Field(description="what is judged: each row, or the whole table")
    severity: Literal["quarantine", "block", "warn"] = Field(
        description="quarantine sets the row aside, block stops the run before anything is published, warn says so"
    )
    reason: str = Field(min_length=1, description="what is wrong with a failing row or table, in plain words")
    fails_when: str = Field(min_length=1, description="SQL predicate that is true for what is wrong")
    column: str | None = Field(None, description="column whose masked value is kept with a quarantined row")
    since: date = Field(description="day from which the rule holds")
    why: str | None = Field(None, min_length=1, description="why this threshold; needed for tables and for numbers")

    @model_validator(mode="after")
    def _can_be_enforced(self) -> Rule:
        if self.kind == "table" and self.severity == "quarantine":
            raise ValueError("severity: a table can't be quarantined; use block or warn")
        if self.kind == "table" and self.column:
            raise ValueError("column: a table has no single value to show; leave it out")
        if self.why is None and (self.kind == "table" or _has_threshold(self.fails_when)):
            raise ValueError("why: missing; a rule of a table or with a number or date says why this one")
        return self

    @property
    def predicate(self) -> str:
        """`fails_when` on one line; NULL is no failure, which `filter` and `where` see to."""
        return f"({' '.join(self.fails_when.split())})"


class RuleError(Exception):
    """Rules can't be enforced as they are written; one line per mistake."""


def load_rules(manifest: Mapping[str, Any]) -> list[Rule]:
    """All rules of all staged entities, ordered by entity and as declared.

    A rule of a whole table counts only where a source feeds the entity.

    Raises:
        RuleError: one line for every mistake: entity, rule, what is wrong, what was meant.
    """
    rules: list[Rule] = []
    mistakes: list[str] = []
    for node in sorted(manifest["nodes"].values(), key=lambda node: node["name"]):
        if node["resource_type"] == "model" and node["fqn"][1] == "staged":
            for declared in node["config"]["meta"].get("rules", []):
                try:
                    rule = validate_rule(node["alias"], declared)
                except RuleError as error:
                    mistakes.append(str(error))
                    continue
                if rule.kind == "row" or _has_a_source(node):
                    rules.append(rule)
    names = [(rule.entity, rule.name) for rule in rules]
    mistakes += sorted(
        {f"{entity}, rule {name}: declared twice" for entity, name in names if names.count((entity, name)) > 1}
    )
    if mistakes:
        raise RuleError("\n".join(mistakes))
    return rules


def _has_a_source(node: Mapping[str, Any]) -> bool:
    """Whether a staging model feeds the entity. One that none feeds has no rows, and need not have any."""
    asked = node.get("depends_on", {}).get("nodes")
    return asked is None or any(name.split(".")[-1].startswith("stg_") for name in asked)


def validate_rule(entity: str, declared: Any) -> Rule:
    """The rule that one entry of an entity's YAML makes.

    Raises:
        RuleError: a key is unknown, missing or of the wrong kind; one line per mistake.
    """
    if not isinstance(declared, Mapping):
        raise RuleError(f"{entity}: rules: expected keys such as `name:` and `fails_when:` in every entry")
    try:
        return Rule.model_validate({**declared, "entity": entity})
    except ValidationError as error:
        where = f"{entity}, rule {declared.get('name') or '(no name)'}"
        lines = [f"{where}: {_mistake(problem)}" for problem in error.errors(include_url=False)]
        raise RuleError("\n".join(lines)) from None


def _has_threshold(predicate: str) -> bool:
    """True where a number or a date is written out; digits in names and in texts are none."""
    return bool(_DATE_OR_TIME.search(predicate) or re.search(r"[0-9]", _TEXT_OR_NAME.sub("", predicate)))


def _mistake(problem: ErrorDetails) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{key}: no such key{_nearest(key, Rule.model_fields)}"
    if problem["type"] in ("missing", "string_too_short"):
        return f"{key}: missing"
    if problem["type"] == "literal_error":
        expected = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        return f"{key}: one of {expected} is expected{_nearest(str(problem['input']), expected.split(', '))}"
    if problem["type"].startswith("date"):
        return f"{key}: a day such as 2026-11-21 is expected"
    if problem["type"] == "string_pattern_mismatch":
        return f"{key}: lower-case letters, digits and _ are expected"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
