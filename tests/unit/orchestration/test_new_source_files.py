"""What new_source writes beside the models: the source's YAML, dbt's YAML and lists. What a person wrote stays."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.new_source import feeds, properties, written
from orchestration.new_source.contract import load_contracts, load_feeds
from orchestration.new_source.declared import read_unfinished, write_what_was_found
from orchestration.new_source.found import FoundColumn, FoundTable, lake_names
from orchestration.new_source.generate import _not_found
from orchestration.new_source.model import Model, Writer
from orchestration.new_source.remove import remove_source
from orchestration.paths import DBT_PROJECT_DIR
from orchestration.raw.declaration import DeclarationError, validate_declaration
from orchestration.raw.errors import SourceError
from tests.unit.orchestration.found_tables import SHOP, found_table


def test_columns_that_the_lake_would_call_the_same_are_refused():
    declaration = validate_declaration(
        {**SHOP, "tables": {"t": {"description": "", "path": "x", "format": "csv", "columns": ["a"]}}}
    )
    with pytest.raises(SourceError, match=r"^shop\.t: the columns E-Mail and e_mail would both be called e_mail"):
        lake_names(declaration, "t", ["id", "E-Mail", "e_mail"])


_YAML = """\
# who knows what this is
source: shop
description: The shop.
connector: sql
owner: shop@example.com
party_data_class: first
location: ${SHOP_URL}
tables:
  orders:
    # paid ones
    description: >-
      Orders of
      all kinds. # not a comment

  lines: {description: "Lines, all", key: [id]} # of orders
  done:
    description: Done.
    key: [id]
    cursor: id
    columns: [id]
"""


def test_what_was_found_is_written_and_what_was_said_stays(tmp_path: Path):
    path = tmp_path / "shop.yml"
    path.write_text(_YAML)
    declaration, lacks = read_unfinished(path)
    assert lacks == {"orders": {"columns", "key", "cursor"}, "lines": {"columns", "cursor"}, "done": set()}
    assert list(declaration.tables["orders"].columns) == []
    columns = {"id": "bigint", "E-Mail, home": "varchar", "yes": "varchar", "名": "varchar"}
    tables = [
        found_table("orders", columns, cursor="id"),
        found_table("lines", columns, cursor="id"),
        found_table("done", {"id": "bigint"}),
    ]
    assert len(write_what_was_found(path, tables, lacks)) == 2
    text = path.read_text()
    content = yaml.safe_load(text)["tables"]
    assert content["orders"]["columns"] == content["lines"]["columns"] == list(columns)
    assert content["orders"]["description"] == "Orders of all kinds. # not a comment"
    rest = iter(text.splitlines())
    assert all(line in rest for line in _YAML.splitlines() if "lines:" not in line), "each line, in its order"
    assert "} # of orders" in text
    declaration, lacks = read_unfinished(path)
    assert write_what_was_found(path, tables, lacks) == []
    assert path.read_text() == text


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1), min_size=1, unique=True))
def test_any_name_of_a_column_comes_back_from_the_yaml(tmp_path_factory: pytest.TempPathFactory, names):
    path = tmp_path_factory.mktemp("yaml", numbered=True) / "shop.yml"
    path.write_text(_YAML)
    _, lacks = read_unfinished(path)
    columns = tuple(FoundColumn(name, "x", "varchar") for name in names)
    found = FoundTable("orders", columns, key=(names[0],), cursor=names[-1])
    write_what_was_found(path, [found], lacks)
    table = yaml.safe_load(path.read_text())["tables"]["orders"]
    assert (table["columns"], table["key"], table["cursor"]) == (names, [names[0]], names[-1])


def test_a_mistake_in_the_yaml_is_the_usual_line(tmp_path: Path):
    path = tmp_path / "shop.yml"
    path.write_text(_YAML.replace("description: Done.", "descripton: Done."))
    with pytest.raises(DeclarationError, match=r"tables\.done\.descripton: no such key \(did you mean description\?\)"):
        read_unfinished(path)
    path.write_text(_YAML + "\tmore: {}\n")
    with pytest.raises(DeclarationError, match=r"^shop\.yml: line \d+: a tab; indent with spaces$"):
        read_unfinished(path)
    with pytest.raises(DeclarationError, match="not there yet"):
        read_unfinished(tmp_path / "shap.yml")


def test_a_file_is_written_again_until_somebody_edits_it(tmp_path: Path):
    path = tmp_path / "model.sql"
    assert written.write(path, "select 1\n") == "written"
    assert written.write(path, "select 1\n") == "unchanged"
    assert written.write(path, "select 2\n") == "written"
    path.write_text(path.read_text() + "-- mine\n")
    assert written.write(path, "select 3\n") == "edited"
    assert "-- mine" in path.read_text()
    assert written.write(path, "select 3\n", force=True) == "written"


def test_an_edited_list_of_tables_gets_what_is_new(tmp_path: Path):
    tables = {
        name: {"description": "x", "path": "x", "format": "csv", "columns": ["id"]} for name in ("orders", "lines")
    }
    declaration = validate_declaration({**SHOP, "tables": tables})
    orders, lines = (found_table(name, {"id": "bigint"}, notes=("_unreadable",)) for name in ("orders", "lines"))
    path = tmp_path / "_shop__sources.yml"
    path.write_text(properties.sources_yml(declaration, [orders]).replace("As the source has it.", "Mine."))
    assert properties.add_missing(path, {"lines": properties.source_table(declaration, lines)}, "tables") == ["lines"]
    assert properties.columns_in(path)["lines"] == {"id", "_dlt_load_id", "_loaded_at", "_unreadable"}
    assert "Mine." in path.read_text()
    assert yaml.safe_load(properties.models_yml([Model("stg_shop__orders", "orders")]))["models"][0]["name"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of dbt's folder."""
    return Path(shutil.copytree(DBT_PROJECT_DIR, tmp_path / "dbt_project"))


def test_a_model_feeds_one_entity_by_one_line(project):
    before = (project / "dbt_project.yml").read_text().splitlines()
    assert feeds.add(project, "orders", "stg_shop__orders")
    assert not feeds.add(project, "orders", "stg_shop__orders")
    after = (project / "dbt_project.yml").read_text().splitlines()
    assert [line for line in after if line not in before] == ["      - stg_shop__orders"]
    assert feeds.add(project, "order_lines", "stg_shop__orders"), "it moves"
    assert load_feeds(project)["orders"] == load_feeds()["orders"]


def test_a_source_taken_out_leaves_nothing_that_names_it_and_an_entity_that_can_be_fed_again(project, tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "erp.yml").write_text("source: erp\n")
    assert len(remove_source("erp", sources, project)) >= 4
    assert load_feeds(project)["orders"] == []
    left = [
        path
        for path in project.rglob("*")
        if path.is_file() and re.search(r"stg_erp__|source\('erp'", path.read_text())
    ]
    assert left == []
    assert feeds.add(project, "orders", "stg_shop__orders")
    assert load_feeds(project)["orders"] == ["stg_shop__orders"]
    assert remove_source("erp", sources, project) == []


def test_a_table_whose_keys_are_compared_leaves_deleted_keys_out(tmp_path: Path):
    tables = {
        name: {"description": "", "key": ["id"], "cursor": "id", "columns": ["id"], **more}
        for name, more in {"orders": {"compare_keys": "7 days"}, "lines": {}}.items()
    }
    declaration = validate_declaration({**SHOP, "connector": "sql", "tables": tables})
    found = [found_table(name, {"id": "bigint"}, key=("id",)) for name in tables]
    writer = Writer(declaration, load_contracts(DBT_PROJECT_DIR), dict.fromkeys(tables), {})
    orders, lines = (writer.write(table).sql for table in found)
    assert "deletions=true" in orders
    assert "deletions" not in lines
    listed = yaml.safe_load(properties.sources_yml(declaration, found))["sources"][0]["tables"]
    assert [table["name"] for table in listed] == ["orders", "lines", "_deletions"]


def test_a_declared_column_that_is_not_there_is_told_at_once():
    """Else the next night would be the first to refuse it."""
    table = {"description": "", "path": "*.csv", "format": "csv", "key": ["id"], "columns": ["id", "firstname", "fax"]}
    declaration = validate_declaration({**SHOP, "tables": {"people": {**table, "optional": ["fax"]}}})
    found = [found_table("people", {"id": "varchar", "first_name": "varchar", "email": "varchar"})]
    assert _not_found("shop.yml", declaration, found) == [
        "shop.yml: people: firstname is declared and not there (did you mean first_name?)"
    ]
