"""Every definition of leaving from the orders to the served score: dbt's outcomes teach, judge and score the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from models import churn
from models.churn.train import NAME
from orchestration.any_orders import OrderColumns, order_warehouse
from orchestration.dbt import Dbt

AS_OF = pd.Timestamp("2025-12-31")
DAYS = 420
# The relation of a model that this warehouse does not build: here it holds the contracts.
CONTRACTS = "unified_households"
DEFINITIONS = {
    "window": {"definition": "window", "window_days": 28},
    "rhythm": {"definition": "rhythm", "rhythm_gaps": 3, "rhythm_least_days": 7, "rhythm_most_days": 56},
    "contract": {"definition": "contract", "contracts": CONTRACTS},
}


def _company(customers: int = 420) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders of customers who fade for some weeks before they stop, and contracts that end when they stop."""
    draws = np.random.default_rng(5)
    orders, contracts = [], []
    for number in range(customers):
        name = f"C{number:04d}"
        rate = draws.gamma(2.0, 1 / 14)
        stops = int(draws.integers(60, DAYS)) if draws.random() < 0.75 else 10_000
        starts = int(draws.integers(0, 40))
        days = np.arange(starts, DAYS)
        chance = np.where(days < stops - 45, min(rate, 0.9), min(rate, 0.9) * 0.25) * (days < stops)
        bought = np.concatenate([[starts], days[draws.random(len(days)) < chance]])
        for day in np.unique(bought):
            when = AS_OF - pd.Timedelta(days=DAYS - 1 - int(day))
            orders.append((name, when, round(float(draws.gamma(3, 8)), 2)))
        start = AS_OF - pd.Timedelta(days=DAYS - 1 - starts)
        end = AS_OF - pd.Timedelta(days=DAYS - 1 - stops) if stops < DAYS else pd.NaT
        contracts.append((name, start, end))
    contracts += [("silent subscriber", AS_OF - pd.Timedelta(days=400), pd.NaT)]
    return (
        pd.DataFrame(orders, columns=["customer_id", "ordered_at", "sales_usd"]),
        pd.DataFrame(contracts, columns=["customer_id", "started_on", "cancelled_on"]),
    )


@pytest.fixture(scope="module", params=sorted(DEFINITIONS))
def served(request, tmp_path_factory) -> Iterator[tuple[str, dict[str, pd.DataFrame], churn.ChurnResult]]:
    """The definition's name, the tables of dbt, and what the model made of them."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    orders, contracts = _company()
    said: dict[str, Any] = DEFINITIONS[request.param]
    with order_warehouse(orders, AS_OF.date(), OrderColumns(product=None), folder=folder):
        pass
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.register("given", contracts)
        columns = "customer_id, started_on::date as started_on, cancelled_on::date as cancelled_on"
        connection.execute(f"create table unified.households as select {columns} from given")
    dbt = Dbt(data_dir=str(folder))
    # Parsed anew: which model holds the contracts is part of the graph.
    parsed = dbt.invoke("parse", variables={"churn": said})
    dbt.invoke("run", "--select", "unified_customer_outcomes", manifest=parsed, variables={"churn": said})
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        names = ("customer_features", "customer_outcomes", "customer_days")
        tables = {name: connection.sql(f"select * from unified.{name}").df() for name in names}
    result = churn.run(tables["customer_features"], tables["customer_outcomes"], AS_OF)
    yield request.param, tables, result


def test_the_model_learns_serves_and_is_judged_under_each_definition(served) -> None:
    name, tables, result = served
    assert result.served_by == NAME and not result.note
    outcomes = tables["customer_outcomes"]
    known = outcomes[outcomes["is_active"] & outcomes["is_churned"].notna()]
    assert (known["is_churned"] == known[f"is_churned_{name}"]).all()
    assert 0.02 < known["is_churned"].mean() < 0.6
    figures = result.backtest.set_index(["model", "metric"])["value"]
    assert figures[NAME, "auc"] > 0.6
    for other in figures.index.get_level_values("model").unique().drop(NAME):
        assert figures[NAME, "auc"] > figures[other, "auc"] and figures[NAME, "brier"] < figures[other, "brier"]


def test_who_is_asked_about_is_who_has_not_left_by_that_definition(served) -> None:
    name, tables, result = served
    outcomes = tables["customer_outcomes"]
    tonight = outcomes[pd.to_datetime(outcomes["as_of"]) == AS_OF]
    assert set(result.scores["customer_id"]) == set(tonight.loc[tonight["is_active"], "customer_id"])
    assert result.scores["churn_probability"].between(0, 1).all()
    assert (result.scores["reason"].str.len() > 0).all()
    if name == "contract":
        # Under contract and never an order: no feature, and still a score.
        assert "silent subscriber" in set(result.scores["customer_id"])
        left = tonight.loc[~tonight["is_active"], "customer_id"]
        assert len(left) > 50 and not set(left) & set(result.scores["customer_id"])


def test_the_gap_before_a_judged_day_is_as_long_as_that_definition_waits(served) -> None:
    name, _, result = served
    wait = {"window": 28, "rhythm": 56, "contract": 28}[name]
    judged_to = pd.to_datetime(result.grades["evaluated_to"]).max()
    assert AS_OF - pd.Timedelta(days=28) < judged_to <= AS_OF
    days = [pd.Timestamp(day) for day in result.about["judged on"].split(" of ")[1].split(", each")[0].split(", ")]
    assert max(days) + pd.Timedelta(days=wait) == judged_to


def test_the_same_customer_is_seen_with_the_eyes_of_the_definition(served) -> None:
    """What is promised differs: rhythm calls the frequent early, a contract the one who cancels."""
    name, tables, result = served
    outcomes = tables["customer_outcomes"]
    both = outcomes[outcomes["is_churned_window"].notna() & outcomes[f"is_churned_{name}"].notna()]
    differ = (both["is_churned_window"] != both[f"is_churned_{name}"]).mean()
    assert (differ == 0) == (name == "window")
    assert result.scores["churn_probability"].nunique() > 50
