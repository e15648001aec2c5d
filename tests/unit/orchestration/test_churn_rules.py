"""What leaving means is declared in dbt_project.yml; a mistake there is one clear line, never a silent default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from orchestration.paths import DBT_PROJECT_DIR

_MACRO = Path(DBT_PROJECT_DIR) / "macros" / "outcomes" / "churn_rules.sql"


class Mistake(Exception):
    pass


class _Exceptions:
    @staticmethod
    def raise_compiler_error(text: str) -> None:
        raise Mistake(text)


def rules(said: Any) -> dict[str, Any]:
    """The macro's answer to a value of the var, by Jinja as dbt runs it."""
    answers: list[Any] = []
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals |= {
        "var": lambda name, default=None: said,
        "ref": lambda name: f"unified.{name}",
        "return": lambda value: answers.append(value) or "",
        "exceptions": _Exceptions,
    }
    template = environment.from_string(_MACRO.read_text() + "{{ churn_rules() }}")
    # `return` ends a dbt macro; here the last answer is that of the outermost macro. What a macro asks of another is
    # its text, so contracts are asked for again below.
    template.render()
    return answers[-1]


def test_the_declared_definition_is_one_and_nothing_said_is_the_same() -> None:
    declared = yaml.safe_load((Path(DBT_PROJECT_DIR) / "dbt_project.yml").read_text())["vars"]["churn"]
    assert rules(declared) == rules(None)
    assert rules(declared)["known_after_days"] == 28


def test_with_a_rhythm_the_outcome_is_known_after_the_longest_window() -> None:
    assert rules({"definition": "rhythm", "rhythm_most_days": 60})["known_after_days"] == 60


@pytest.mark.parametrize(
    "said, told",
    [
        ("window", "names with values are expected"),
        ({"windw_days": 28}, "windw_days is not known: one of definition, window_days"),
        ({"definition": "silence"}, "definition: silence is not known: one of window, rhythm, contract"),
        ({"window_days": 0}, "window_days: 0 is not a whole number"),
        ({"window_days": "28 days"}, "window_days: 28 days is not a whole number"),
        ({"rhythm_gaps": 0.5}, "rhythm_gaps: 0.5 is not a number from 1"),
        ({"rhythm_least_days": 90}, "rhythm_least_days is more than rhythm_most_days"),
    ],
)
def test_a_mistake_is_said_in_one_line(said: Any, told: str) -> None:
    with pytest.raises(Mistake, match="dbt_project.yml, vars, churn: ") as raised:
        rules(said)
    assert told in str(raised.value) and "\n" not in str(raised.value)
