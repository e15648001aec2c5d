"""The vars of dbt_project.yml: nonsense is one line each before anything is run."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestration.variables import PROJECT_FILE, VariablesError, check_variables

DECLARED = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))


def _told(tmp_path, change) -> list[str]:
    content = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))
    change(content["vars"])
    path = tmp_path / "dbt_project.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    try:
        check_variables(path)
    except VariablesError as error:
        return str(error).splitlines()
    return []


def test_the_projects_own_can_be_used() -> None:
    assert check_variables().demand.horizon_weeks == DECLARED["vars"]["demand"]["horizon_weeks"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda said: said["demand"].update(history_weeks="three years"), "demand.history_weeks: a whole number is"),
        (lambda said: said["demand"].update(history_weeks=0), "demand.history_weeks: it should be greater than or"),
        (lambda said: said["demand"].update(horizon_weeks=10**9), "demand.horizon_weeks: it should be less than or"),
        (lambda said: said["demand"].update(least_share_of_weeks=50), "demand.least_share_of_weeks: it should be less"),
        (lambda said: said["demand"].update(most_products=None), "demand.most_products: a whole number is expected"),
        (lambda said: said["demand"].update(most_products=True), "demand.most_products: a whole number is expected"),
        (lambda said: said["demand"].pop("plan_weeks"), "demand.plan_weeks: missing"),
        (lambda said: said.update(demand=[1]), "demand: keys are expected below it"),
        (lambda said: said.pop("demand"), "demand: missing"),
        (lambda said: said["demand_calendar"].update(country="XX"), "demand_calendar.country: one of US, GB, DE, none"),
        (
            lambda said: said["demand_calendar"].update(own=[{"day": "soon", "name": "x"}]),
            "demand_calendar.own.0.day: ",
        ),
        (lambda said: said["demand_calendar"].update(closed_on="Easter"), "demand_calendar.closed_on: a list is"),
        (lambda said: said["lifecycle"]["lapsed"].update(gaps=-1), "lifecycle.lapsed.gaps: it should be greater than"),
        (lambda said: said["groups"].update(older_from="old"), "groups.older_from: a whole number is expected"),
        (lambda said: said["interests"].update(without_meaning="X"), "interests.without_meaning: a list is expected"),
        (lambda said: said.update(phone_default_region="Germany"), "phone_default_region: "),
        (lambda said: said.update(company_founded="long ago"), "company_founded: "),
    ],
)
def test_a_mistake_is_one_line(tmp_path, change, said) -> None:
    (line,) = _told(tmp_path, change)
    assert line.startswith(f"dbt_project.yml: vars.{said}")


def test_mistakes_are_told_together_and_a_file_that_is_none_is_one_line(tmp_path) -> None:
    assert len(_told(tmp_path, lambda said: said["demand"].update(plan_weeks="x", share_weeks="y"))) == 2
    path = tmp_path / "dbt_project.yml"
    for text, said in (
        ("vars: [", "line 1"),
        ("name: x", "the key `vars:` is expected at the top"),
        ("- 1", "the key `vars:` is expected at the top"),
        ("vars: {demand: {}, demand: {}}", "demand"),
    ):
        path.write_text(text)
        with pytest.raises(VariablesError, match=said) as caught:
            check_variables(path)
        assert "\n" not in str(caught.value)


@given(
    st.sampled_from(sorted(DECLARED["vars"]["demand"])),
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
)
def test_no_value_does_more_than_pass_or_be_told(tmp_path_factory, key, value) -> None:
    lines = _told(tmp_path_factory.mktemp("vars"), lambda said: said["demand"].update({key: value}))
    assert all(line.startswith(f"dbt_project.yml: vars.demand.{key}: ") for line in lines)
