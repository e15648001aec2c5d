"""Any orders table through the project's own dbt models: the example of the docs, strange rows, mistakes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.intelligence.shop import Shop, block
from orchestration.any_orders import OrderColumns, OrdersError, features_from_orders
from orchestration.any_orders.columns import key, moment, money
from orchestration.paths import PROJECT_DIR

STRANGE = pd.DataFrame(
    {
        "who": [1.0, 1.0, 2.0, 3.0, np.nan, 4.0, 5.0, 6.0, 7.0],
        "paid": [10.0, 5.5, -20.0, np.inf, 9.0, np.nan, 3.0, 1e14, 2.0],
        "on": [20250101, 20250115, 20250110, 20250110, 20250110, 20250110, 20259999, 20250110, 20250301],
        "what": ["客", "b", None, "b", "b", "b", "b", "b", "it's"],
    }
)
COLUMNS = OrderColumns(customer="who", time="on", amount="paid", product="what")


@pytest.fixture(scope="module")
def strange():
    """Nine rows, most of them odd, as of a day before the last."""
    return features_from_orders(STRANGE, "2025-02-01", COLUMNS)


def test_the_example_of_the_docs_runs_as_it_is_written(tmp_path: Path, monkeypatch, capsys) -> None:
    lines = block(Shop(days=400, rate_scale_days=12.0, leave_b=20.0), 0, 700).to_pandas()
    lines.to_parquet(tmp_path / "orders.parquet")
    monkeypatch.chdir(tmp_path)
    text = (PROJECT_DIR / "docs" / "any-orders-table.md").read_text(encoding="utf-8")
    said: dict[str, object] = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], said)
    customers = set(lines["customer_id"])
    known, leaving, worth, baskets = (said[name] for name in ("known", "leaving", "worth", "baskets"))
    assert known.left_out == {} and len(known.order_lines) == len(lines)
    assert set(worth.scores["customer_id"]) == customers
    assert len(leaving.scores) and set(leaving.scores["customer_id"]) <= customers
    assert leaving.scores["churn_probability"].between(0, 1).all()
    assert set(baskets.lists["product_id"].to_pylist()) <= set(lines["product_id"])
    printed = capsys.readouterr().out
    assert printed.startswith("{}\n") and printed.count("customer_id") == 3, "nothing left out, three tables"


def test_rows_that_can_not_be_read_are_counted_and_stop_nobody(strange) -> None:
    assert strange.left_out == {"no amount": 3, "no customer": 1, "no time": 1}
    assert set(strange.order_lines["customer_id"]) == {"1", "2", "7"}, "7.0 is 7"
    assert set(strange.order_lines["product_id"]) == {"客", "b", "unknown", "it's"}


def test_the_features_are_those_of_the_orders(strange) -> None:
    tonight = strange.features[strange.features["as_of"] == pd.Timestamp("2025-02-01")].set_index("customer_id")
    assert set(tonight.index) == {"1", "2"}, "what comes after the day is not known"
    one, two = tonight.loc["1"], tonight.loc["2"]
    assert (one.orders_ever, one.spend_ever, one.recency_days, one.last_gap_days) == (2, 15.5, 17, 14)
    assert (two.spend_ever, two.returned_share_364d, two.distinct_categories_84d) == (-20, 0, 1)
    assert strange.as_of == date(2025, 2, 1)
    assert set(strange.customer_days["customer_id"]) == {"1", "2", "7"}


@pytest.mark.parametrize(
    ("orders", "columns", "said"),
    [
        (STRANGE, OrderColumns(), r"^orders: no column 'customer_id' for customer\. Remedy: .*on, paid, what, who$"),
        (STRANGE.head(0), COLUMNS, r"^orders: no row can be read \(the table is empty\)\. Remedy"),
        (STRANGE.assign(on="someday"), COLUMNS, r"^orders: no row can be read \(.*5 with no time.*\)\. Remedy"),
    ],
)
def test_a_mistake_is_one_line(orders: pd.DataFrame, columns: OrderColumns, said: str) -> None:
    with pytest.raises(OrdersError, match=said) as caught:
        features_from_orders(orders, columns=columns)
    assert "\n" not in str(caught.value)


def test_values_are_read_whatever_their_type() -> None:
    import duckdb

    def read(expression: str, value: str) -> object:
        return duckdb.sql(f'select {expression} from (select {value} as "a ""b")').fetchone()[0]

    name = 'a "b'
    assert read(key(name, {name: "DOUBLE"}), "7::double") == "7"
    assert read(key(name, {name: "DOUBLE"}), "'nan'::double") is None
    assert read(key(name, {name: "VARCHAR"}), "'  '") is None
    assert str(read(money(name), "'-12.345'")) in ("-12.34", "-12.35")
    assert read(money(name), "'1e400'") is None
    assert read(moment(name, {name: "BIGINT"}), "20171231::bigint").date() == date(2017, 12, 31)
    assert read(moment(name, {name: "VARCHAR"}), "'soon'") is None
    zoned = read(moment(name, {name: "TIMESTAMP WITH TIME ZONE"}), "timestamptz '2017-12-31 23:30:00-02:00'")
    assert zoned.date() == date(2018, 1, 1)
