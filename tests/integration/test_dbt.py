"""The SQL's own unit tests, and the project on an empty lake: nothing there yet is no reason to fail."""

from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from orchestration.dbt import Dbt, DbtFailure, _reasons
from orchestration.paths import DataDir


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A warehouse built from a lake without a single file, beside the log of a warehouse that is gone."""
    data = DataDir(Path(tmp_path_factory.mktemp("empty")))
    data.warehouse_log.write_bytes(b"of another file" * 100)
    Dbt(data_dir=str(data.root)).invoke("run")
    return data


def test_an_empty_lake_builds_empty_marts(empty):
    with duckdb.connect(str(empty.warehouse), read_only=True) as warehouse:
        tables = [
            name
            for (name,) in warehouse.sql(
                "select table_name from duckdb_tables() where schema_name = 'marts'"
            ).fetchall()
        ]
        counts = {table: warehouse.sql(f"select count(*) from marts.{table}").fetchone()[0] for table in tables}
    assert len(counts) >= 8
    for told in ("metric_definitions", "next_best_action_rules"):  # what a metric or an action means needs no data
        assert counts.pop(told) > 0
    assert set(counts.values()) == {0}


def test_the_units_of_the_sql(empty):
    results = Dbt(data_dir=str(empty.root)).invoke("test", "--select", "test_type:unit").results
    units = {result.node.name: str(result.status) for result in results if result.node.resource_type == "unit_test"}
    assert len(units) >= 5
    assert {name: status for name, status in units.items() if status != "pass"} == {}


def test_a_failing_model_names_itself_in_one_line(empty):
    with pytest.raises(DbtFailure, match=r"^staged_run_date: .*[Cc]onversion [Ee]rror.*$") as caught:
        Dbt(data_dir=str(empty.root), as_of="not-a-day").invoke("run", "--select", "staged_run_date")
    assert "\n" not in str(caught.value)
    assert "not-a-day" not in str(caught.value), "a value that fails may be somebody's"


def test_a_yaml_file_that_can_not_be_read_says_its_line():
    said = (
        "Parsing Error\n  Error reading project: staged/staged_orders.yml - Runtime Error\n"
        "    Syntax error near line 56\n"
        "    ------------------------------\n    53 | since: 2026\n"
    )
    reason = _reasons(SimpleNamespace(exception=RuntimeError(said), result=None))
    assert reason.endswith("staged/staged_orders.yml - Runtime Error Syntax error near line 56")
