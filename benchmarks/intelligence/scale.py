"""Time and memory of the customer models by stage: `python -m benchmarks.intelligence.scale [N]`.

On the generated shop (see `shop`): features by dbt, then churn, lifetime value, segments and recommendations, learnt,
scored and written as the night does, each stage in a process of its own so that its peak, DuckDB included, is its own.
At 1 million customers (20 million order lines) everything together may take 15 minutes and no stage more than 6 GB:
exit code 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from benchmarks.intelligence.shop import write

if TYPE_CHECKING:
    from orchestration.intelligence.night import Night

MOST_SECONDS, MOST_MB = 15 * 60, 6_000
FULL_SIZE = 1_000_000
STAGES = ("features", "churn", "lifetime value", "segments", "recommendations")


def features(folder: Path) -> int:
    """Build the warehouse of the shop's lines with dbt; returns the rows of customer_features."""
    from orchestration.any_orders import OrderColumns, order_warehouse

    columns = OrderColumns(
        order="order_id",
        quantity="quantity",
        discount="discount_usd",
        category="product_category",
        department="department",
        channel="channel",
    )
    with order_warehouse(f"{folder}/lines/*.parquet", columns=columns, folder=folder / "warehouse") as warehouse:
        return warehouse.sql("select count(*) from unified.customer_features").fetchone()[0]


def churn(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> Night:
    from orchestration.intelligence.churn import churn_night

    return churn_night(warehouse, as_of)


def lifetime_value(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> Night:
    from orchestration.intelligence.lifetime_value import lifetime_value_night

    return lifetime_value_night(warehouse, as_of)


def segments(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> Night:
    from orchestration.intelligence.segments import segments_night

    return segments_night(warehouse, as_of)


def recommendations(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> Night:
    from orchestration.intelligence.recommendations import recommendations_night

    return recommendations_night(warehouse, as_of)


MODELS: dict[str, Callable[[duckdb.DuckDBPyConnection, date], Night]] = {
    "churn": churn,
    "lifetime value": lifetime_value,
    "segments": segments,
    "recommendations": recommendations,
}


def scored(name: str, folder: Path) -> int:
    """Learn, score and keep the answers in the lake, as the night does; returns the rows written."""
    from orchestration.intelligence.night import keep
    from orchestration.lake import Lake

    lake = Lake(data_dir=str(folder / "warehouse"))
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        return keep(lake, as_of, MODELS[name](warehouse, as_of))["dagster/row_count"]


def stage(name: str, folder: Path) -> dict[str, float]:
    """One stage in this process: seconds on the clock and of processor, peak memory, rows written."""
    started = time.perf_counter()
    rows = features(folder) if name == "features" else scored(name, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.perf_counter() - started,
        "processor_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1000,
        "rows": rows,
    }


def main() -> int:
    """Measure every stage, print, say which bars are missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("customers", nargs="?", type=int, default=FULL_SIZE)
    parser.add_argument("--keep", type=Path, help="folder of the lines and the warehouse (default: a temporary one)")
    parser.add_argument("--stages", nargs="*", default=list(STAGES), choices=STAGES)
    parser.add_argument("--only", choices=STAGES, help="only this stage, in this process")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(stage(options.only, options.keep)))
        return 0
    with nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory(prefix="shop-") as place:
        folder = Path(place)
        write(folder / "lines", options.customers)
        rows = {name: _in_a_process(name, folder) for name in options.stages}
    total = {"seconds": sum, "processor_s": sum, "peak_mb": max, "rows": sum}
    _show("together", {name: fold(row[name] for row in rows.values()) for name, fold in total.items()})
    said = missed(rows) if options.customers >= FULL_SIZE else []
    print("\n".join(["", *said]) if said else "\nEvery bar is met.")
    return int(bool(said))


def _in_a_process(name: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.intelligence.scale", "--only", name, "--keep", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    row = json.loads(done.stdout.strip().splitlines()[-1])
    _show(name, row)
    return row


def _show(name: str, row: dict[str, float]) -> None:
    print(
        f"{name:<16}{row['seconds']:8.1f} s ({row['processor_s']:.1f} of processor)"
        f" {row['peak_mb']:7,.0f} MB {row['rows']:>12,} rows",
        flush=True,
    )


def missed(rows: dict[str, dict[str, float]]) -> list[str]:
    """The bars that the stages miss, in words."""
    seconds = sum(row["seconds"] for row in rows.values())
    said = [f"{seconds:.0f} s is over {MOST_SECONDS} s"] if seconds > MOST_SECONDS else []
    return said + [
        f"{name}: {row['peak_mb']:,.0f} MB is over {MOST_MB:,} MB"
        for name, row in rows.items()
        if row["peak_mb"] > MOST_MB
    ]


if __name__ == "__main__":
    sys.exit(main())
