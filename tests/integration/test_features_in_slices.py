"""Features and outcomes of many customers are worked out in slices: the same rows, whatever the size of a slice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from benchmarks.intelligence.shop import Shop, block
from orchestration.any_orders import OrderColumns, order_warehouse
from orchestration.any_orders.warehouse import _project
from orchestration.dbt import Dbt, DbtFailure, _project_changed_at

TABLES = ("customer_features", "customer_outcomes")
COLUMNS = OrderColumns(order="order_id", category="product_category", department="department", channel="channel")


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], dict[str, tuple[list, list]]]:
    """A function of the size of a slice to rows of each table: as they lie there, and in order."""
    folder = Path(tmp_path_factory.mktemp("shop"))
    lines = block(Shop(days=400, rate_scale_days=12.0, leave_b=20.0), 0, 90)
    with order_warehouse(lines, columns=COLUMNS, folder=folder):
        pass

    def build(most_rows: int, memory: str = "1GB") -> dict[str, tuple[list, list]]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("WAREHOUSE_MEMORY_LIMIT", memory)
            Dbt(data_dir=str(folder)).invoke(
                *("run", "--select", *(f"unified_{table}" for table in TABLES)),
                manifest=_project(_project_changed_at()),
                variables={"most_rows_at_once": str(most_rows)},
            )
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as built:
            found = {table: built.sql(f"select * from unified.{table}").fetchall() for table in TABLES}
            left = built.sql("select table_name from duckdb_tables() where table_name like '%\\_\\_dbt%' escape '\\'")
            assert left.fetchall() == [], "nothing half done stays behind"
        return {table: (rows, sorted(rows, key=str)) for table, rows in found.items()}

    return build


def test_slices_of_any_size_give_the_same_rows(rebuilt) -> None:
    whole, slices = rebuilt(1_000_000), rebuilt(2_000)
    for table in TABLES:
        assert len(whole[table][0]) > 500
        assert slices[table][1] == whole[table][1], table
        assert slices[table][0] != whole[table][0], "one slice after the other"
        days = [row[1] for row in whole[table][0]]
        assert days == sorted(days), "up to one slice the table is in the order of the model"
    assert rebuilt(2_000) == slices, "byte for byte the same again"


def test_a_limit_of_memory_too_small_is_one_line_with_a_remedy(rebuilt) -> None:
    with pytest.raises(DbtFailure, match="too little memory") as caught:
        rebuilt(1_000_000, "2MB")
    assert "WAREHOUSE_MEMORY_LIMIT" in str(caught.value) and "\n" not in str(caught.value)
