"""The page docs/rules.md, made from the rules: `python -m orchestration.validated.document` (make docs)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import yaml

from orchestration.paths import DBT_PROJECT_DIR, PROJECT_DIR
from orchestration.validated.rules import Rule, RuleError, validate_rule

PAGE = PROJECT_DIR / "docs" / "rules.md"
_HAPPENS = {
    "quarantine": "the row is set aside",
    "block": "the run stops, nothing is published",
    "warn": "the row stays; the check warns",
}
_HEAD = """# Rules

What the validation step asks of every entity before anything is built on it. Made by `make docs` from
`dbt_project/models/staged/staged_<entity>.yml`, where the rules live; change them there.

- **Set aside**: the row waits in quarantine with the reason, and returns by itself the first night it is right.
- **Stops**: the table as a whole can't be trusted; yesterday's published tables stand.
- **Warns**: the row is usable and stays; the check in the UI shows how many there are.

After a rule changed, `make replay` judges everything again without pulling anything.
"""


def declared_rules(folder: Path = DBT_PROJECT_DIR / "models" / "staged") -> list[Rule]:
    """All rules, read from the entities' YAML without dbt.

    Raises:
        RuleError: one line for every mistake.
    """
    rules, mistakes = [], []
    for path in sorted(folder.glob("staged_*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            entity = model["name"].removeprefix("staged_")
            for declared in model.get("config", {}).get("meta", {}).get("rules", []):
                try:
                    rules.append(validate_rule(entity, declared))
                except RuleError as error:
                    mistakes.append(str(error))
    if mistakes:
        raise RuleError("\n".join(mistakes))
    return rules


def page(rules: Sequence[Rule]) -> str:
    """The page as Markdown: a table for each entity."""
    parts = [_HEAD]
    for entity, declared in groupby(sorted(rules, key=lambda rule: rule.entity), lambda rule: rule.entity):
        lines = [
            f"## {entity}\n",
            "| rule | kind | what happens | reason | since | why |",
            "|---|---|---|---|---|---|",
        ]
        for rule in declared:
            cells = (rule.name, rule.kind, _HAPPENS[rule.severity], rule.reason, str(rule.since), rule.why or "")
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(declared_rules()), encoding="utf-8")
