"""identity.yml says how records become customers; what it says wrong is one line."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.identity import IdentitySettings, ImpactLimits
from orchestration.identity.declaration import IdentityError, load_identity


def _load(tmp_path: Path, text: str):
    path = tmp_path / "identity.yml"
    path.write_text(text, encoding="utf-8")
    return load_identity(path)


def test_the_project_s_own_file_says_what_its_comments_say() -> None:
    declared = load_identity()
    assert declared.settings() == IdentitySettings(unique_sources=("loyalty",))
    assert declared.impact_limits() == ImpactLimits()
    assert declared.refit.older_than == timedelta(days=180)


def test_an_empty_file_means_the_defaults(tmp_path) -> None:
    assert _load(tmp_path, "# nothing\n").settings() == IdentitySettings()


def test_what_is_declared_reaches_the_model_and_the_gate(tmp_path) -> None:
    declared = _load(
        tmp_path,
        "link_probability: 0.9\nunique_sources: [web, crm]\nrules: [[email, name_key]]\nlimits: {email: 3}\n"
        "refit: {grown_by: 0.5}\nimpact: {records_moved: 0.1, largest_new_cluster: 9}\n",
    )
    assert declared.settings() == IdentitySettings(
        link_probability=0.9,
        unique_sources=("crm", "web"),
        rules=(("email", "name_key"),),
        limits={"email": 3},
        refit_growth=0.5,
    )
    assert declared.impact_limits() == ImpactLimits(records_moved=0.1, largest_new_cluster=9)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("link_probabilty: 0.9", "link_probabilty: no such key (did you mean link_probability?)"),
        ("link_probability: high", "link_probability: a number is expected"),
        ("link_probability: 0.2", "link_probability: it should be greater than or equal to 0.5"),
        ("unique_sources: loyalty", "unique_sources: a list is expected, such as [a, b]"),
        ("limits: {emial: 2}", "limits: emial is not one of name_key, given, "),
        ("limits: {email: 0}", "limits.email: it should be greater than or equal to 1"),
        ("rules: [[email, shoe_size]]", "rules.0: shoe_size is not one of name_key, given, "),
        ("default_region: usa", "default_region: two capital letters of a country are expected"),
        ("refit: {older_than: 3}", "refit.older_than: a number with its unit is expected"),
        ("impact: {records_moved: 2}", "impact.records_moved: it should be less than or equal to 1"),
        ("impact: {record_moved: 0.1}", "impact.record_moved: no such key (did you mean records_moved?)"),
        ("overrides: ../decisions.csv", "overrides: a file below the data folder is expected"),
        ("overrides: /etc/decisions.csv", "overrides: a file below the data folder is expected"),
        ("- a", "keys such as `link_probability:` are expected at the top"),
        ("a: [", "line 1: not readable as YAML"),
        ("limits: {}\nlimits: {}", "line 2: the key limits is there twice"),
    ],
)
def test_a_mistake_is_one_line_with_the_file_and_the_key(tmp_path, text: str, line: str) -> None:
    with pytest.raises(IdentityError) as error:
        _load(tmp_path, text)
    assert str(error.value).startswith(f"identity.yml: {line}")
    assert "\n" not in str(error.value)
