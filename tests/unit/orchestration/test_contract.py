"""The entities' contracts: one list of columns, told the same way wherever it is told."""

import re

import pytest
import yaml

from orchestration.new_source import reference
from orchestration.new_source.contract import load_contracts, load_feeds
from orchestration.paths import DBT_PROJECT_DIR

CONTRACTS = load_contracts()
# The pair that names an account; the entity shows the record it leads to instead.
ACCOUNT = {"account_system", "account_key"}


def test_every_entity_has_a_contract_and_a_list_of_what_feeds_it():
    staged = {path.stem.removeprefix("staged_") for path in (DBT_PROJECT_DIR / "models/staged").glob("staged_*.sql")}
    assert set(CONTRACTS) == staged - {"run_date"}
    assert list(load_feeds()) == list(CONTRACTS)


def test_types_are_those_that_dbt_knows():
    known = set(re.findall(r"'(\w+)': ", (DBT_PROJECT_DIR / "macros/entities/types.sql").read_text()))
    assert {column.type for columns in CONTRACTS.values() for column in columns} <= known


def test_the_page_shows_the_contracts_of_today():
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page_as_it_should_be()


@pytest.mark.parametrize("entity", CONTRACTS)
def test_the_entity_says_the_same_of_a_column_as_its_contract(entity):
    path = DBT_PROJECT_DIR / f"models/staged/staged_{entity}.yml"
    described = {
        column["name"]: column["description"] for column in yaml.safe_load(path.read_text())["models"][0]["columns"]
    }
    told = {column.name: column.description for column in CONTRACTS[entity] if column.name not in ACCOUNT}
    differing = {name for name, said in told.items() if not described.get(name, "").startswith(said.rstrip("."))}
    assert differing == set()  # the entity may add to it, such as: lower case


@pytest.mark.parametrize(
    ("entity", "model"), [(entity, model) for entity, models in load_feeds().items() for model in models]
)
def test_a_model_gives_the_columns_of_the_contract_and_no_others(entity, model):
    """A column too many would be lost in silence in the union, and one in another order misread by a person."""
    source = model.removeprefix("stg_").split("__")[0]
    sql = (DBT_PROJECT_DIR / f"models/staged/{source}/{model}.sql").read_text()
    body = re.sub(r" -- .*", "", sql.split("renamed as (")[1].split("from newest_rows")[0])
    given = re.findall(r"(?:as |^ {8})(\w+),?$", body, re.MULTILINE)
    notes = (["source_key", "has_source_key", "party_data_class"], ["unreadable_line", "loaded_at"])
    assert given == [*notes[0], *(column.name for column in CONTRACTS[entity]), *notes[1]]
