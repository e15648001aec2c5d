"""How well churn is foreseen on public purchase histories, beside every baseline.

    python -m benchmarks.intelligence.churn

A strict split in time, repeated: on each of the last four dates (28 days apart) a model that could have been fitted
then foretells the 28 days to come; no outcome that it learnt from, or chose its members by, was unknown on that date.
Features and outcomes come from the project's own dbt models. Intervals are 95 % percentile bootstraps by customer; a
lead is the model's figure less the baseline's on the same draws.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pandas as pd

from benchmarks.intelligence.purchases import cdnow, complete_journey_lines
from models import churn
from models.churn.train import NAME
from models.judging import binary
from orchestration.any_orders import OrderColumns, order_warehouse

# The bar: probabilities that are off by more than three points on average mislead whoever counts money with them.
CALIBRATION_BAR = 0.03


def _journey() -> tuple[pd.DataFrame, OrderColumns, str]:
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
    return complete_journey_lines(), columns, "2017-12-31"


def _cdnow() -> tuple[pd.DataFrame, OrderColumns, str]:
    return cdnow(), OrderColumns(time="order_date", product=None, quantity="quantity"), "1998-06-30"


SETS = {"Complete Journey": _journey, "CDNOW": _cdnow}


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
    """What keeps a set below the bars, one line each; empty when all are met.

    The model has to beat every baseline in AUC, in Brier score and in calibration error, which is bounded too.
    """
    said = [] if result.served_by == NAME else [f"{name}: {result.note}"]
    errors = result.backtest.query("metric == 'calibration_error'").set_index("model")["value"]
    if NAME not in errors:
        return said
    if errors[NAME] > CALIBRATION_BAR:
        said.append(f"{name}: calibration error {errors[NAME]:.4f} is above {CALIBRATION_BAR}")
    better = errors[errors < errors[NAME]]
    return said + [f"{name}: {other} is better calibrated ({error:.4f})" for other, error in better.items()]


def tables(backtest: pd.DataFrame) -> str:
    """Two tables in Markdown: every figure with its interval, and the model's lead over each baseline with its own."""
    shown = {name: name.replace("_", " ") for name in binary.METRICS}
    order = backtest["model"].drop_duplicates()
    mine = backtest[backtest["model"] == order.iloc[0]].set_index("metric")["value"]
    rows = backtest.assign(
        figure=[f"{row.value:.4f} [{row.lower:.4f}, {row.upper:.4f}]" for row in backtest.itertuples()],
        lead=[
            f"{mine[row.metric] - row.value:+.4f} [{row.lead_lower:+.4f}, {row.lead_upper:+.4f}]"
            for row in backtest.itertuples()
        ],
    )
    figures, leads = (
        rows.pivot(index="model", columns="metric", values=what).loc[order, list(shown)].rename(columns=shown)
        for what in ("figure", "lead")
    )
    return f"{figures.to_markdown()}\n\nlead of {order.iloc[0]} over:\n\n{leads.iloc[1:].to_markdown()}"


def main() -> int:
    """Print every model and figure with its 95 % interval; 1 where a bar is missed."""
    missed = []
    for name, result in results():
        rows = result.backtest
        print(f"\n{name}: {rows['population'].iloc[0]:,} rows of {rows['origins'].iloc[0]} dates\n")
        print(tables(rows))
        print(
            "\n"
            + "; ".join(f"{title}: {text}" for title, text in result.about.items() if title != "not to be used for")
        )
        missed += failures(name, result)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"\n{used.ru_utime + used.ru_stime:.0f} s of CPU, {used.ru_maxrss / 1e6:.1f} GB at most")
    print("\n".join(missed) or "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
