"""The file of survivorship rules: as declared it is complete, and a mistake in it is one line that says where."""

import re
from collections.abc import Callable
from typing import Any

import jinja2
import pytest
import yaml

from orchestration.paths import DBT_PROJECT_DIR

FOLDER = DBT_PROJECT_DIR / "macros/golden"
_MACRO = re.compile(r"{% macro (\w+)\(.*?{%-? endmacro %}", re.DOTALL)


class Mistake(Exception):
    """What dbt's raise_compiler_error raises."""


class Returned(Exception):
    """How dbt's `return` leaves a macro."""


def _returning(template: jinja2.Template, name: str) -> Callable[..., Any]:
    """The macro of a template as dbt has it: called, it gives what it returns, or else its text."""

    def call(*arguments: Any) -> Any:
        try:
            return str(getattr(template.make_module(), name)(*arguments))
        except Returned as result:
            return result.args[0]

    return call


def _raise(kind: type[Exception]) -> Callable[[Any], None]:
    def raising(value: Any) -> None:
        raise kind(value)

    return raising


def _rules(change: Callable[[dict[str, Any]], object] | None = None, declared: Any = None) -> dict[str, Any]:
    """What `survivorship()` gives for the declared file, after a change; or for something else declared.

    Each macro is a template of its own here, so that one calls the other as dbt has it: by what it returns.
    """
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    environment.globals |= {
        "exceptions": {"raise_compiler_error": _raise(Mistake)},
        "return": _raise(Returned),
        "fromyaml": yaml.safe_load,
        "re_replace": lambda text, *_: text,
    }
    for file in sorted(FOLDER.glob("*.sql")):
        # Jinja keeps names that begin with an underscore to a file.
        text = file.read_text(encoding="utf-8").replace("_survivorship", "own_survivorship")
        for found in _MACRO.finditer(text):
            environment.globals[found[1]] = _returning(environment.from_string(found[0]), found[1])
    told = environment.globals["survivorship_declared"]() if declared is None else declared
    if change:
        change(told)
    environment.globals["survivorship_declared"] = lambda: told
    return environment.globals["survivorship"]()


def test_every_golden_column_is_decided_once():
    rules = _rules()
    columns = [column for field in rules["fields"] for column in field["columns"]]
    assert len(columns) == len(set(columns)) == 14
    assert {"full_name", "given_name", "family_name"} == set(rules["fields"][0]["columns"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda told: told.update(trusted=[]), "keys: trusted is not known: one of trust, party_data, fields"),
        (lambda told: told["trust"].remove("*"), 'trust: "*" is missing, the place of all other systems'),
        (lambda told: told["trust"].append("crm"), "trust: crm is there twice"),
        (lambda told: told.update(party_data=["first", "fourth"]), "party_data: fourth is not known: one of zero,"),
        (
            lambda told: told["fields"]["email"].update(rules=["recencey"]),
            "fields.email.rules: recencey is not known: one of trust, party_data, agreement, recency, spelling, com",
        ),
        (
            lambda told: told["fields"]["email"].update(rules="recency"),
            "fields.email.rules: a list is expected, such as [trust, recency]",
        ),
        (lambda told: told["fields"]["email"].pop("rules"), "fields.email.rules: a list is expected"),
        (lambda told: told["fields"]["email"].update(alike="mail"), "fields.email.alike: mail is not known: one of"),
        (lambda told: told["fields"]["email"].update(rule=["trust"]), "fields.email: rule is not known: one of"),
        (lambda told: told["fields"].pop("gender"), "fields: nothing decides gender"),
        (lambda told: told["fields"].update(e_mail={"alike": "text", "rules": ["trust"]}), "fields.e_mail.columns:"),
        (
            lambda told: told["fields"]["gender"].update(columns=["gender", "city"]),
            "fields.address: city is decided twice",
        ),
        (lambda told: told["fields"]["address"].update(filled=["email"]), "fields.address.filled: email is not"),
        (lambda told: told["fields"]["email"].update(no_answer_when=True), "fields.email.no_answer_when: SQL in one"),
        (lambda told: told["fields"].update(email=["trust"]), "fields.email: rules and alike are expected below it"),
        (lambda told: told.update(fields=[]), "fields: names of fields with their rules are expected"),
    ],
)
def test_a_mistake_is_one_line_that_says_where(change, expected):
    with pytest.raises(Mistake) as caught:
        _rules(change)
    said = str(caught.value)
    assert said.startswith(f"macros/golden/survivorship.sql: {expected}")
    assert "\n" not in said


def test_a_file_that_is_no_yaml_is_told_so():
    with pytest.raises(Mistake, match="it is not YAML"):
        _rules(declared="fields: [")
