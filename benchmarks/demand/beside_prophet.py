"""Side by side with Prophet on a hundred of the same series: `python -m benchmarks.demand.beside_prophet`.

BENCHMARK_PYTHON names the Python of an environment with Prophet.

Prophet is fitted to each series in the benchmark's own environment, as its documentation does it; the weekly set is the
products of The Complete Journey that sold most in the first half year.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

SERIES, TIMES_FASTER = 100, 50


def prophet(history: Path, forecast: Path, horizon: int) -> None:
    """Fit and forecast every series of a Parquet file, in this process, and print the processor seconds."""
    import logging

    from prophet import Prophet

    logging.disable(logging.CRITICAL)
    table = pd.read_parquet(history)
    parts = []
    began, used = time.perf_counter(), os.times()
    for name, rows in table.groupby("series_id"):
        model = Prophet().fit(rows.rename(columns={"date": "ds", "value": "y"})[["ds", "y"]])
        told = model.predict(model.make_future_dataframe(horizon, freq="W-MON", include_history=False))
        parts.append(pd.DataFrame({"series_id": name, "date": told["ds"], "forecast": told["yhat"].clip(lower=0)}))
    now = os.times()
    spent = sum(now[:4]) - sum(used[:4])  # with its children: cmdstan runs as one
    pd.concat(parts).to_parquet(forecast, index=False)
    print(json.dumps({"seconds": time.perf_counter() - began, "processor_s": spent}))


def main() -> int:
    """Print both errors and times; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--here", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        prophet(Path(options.here[0]), Path(options.here[1]), int(options.here[2]))
        return 0
    import numpy as np

    from benchmarks.demand import sets
    from models.demand import DemandSettings, run

    given = sets.complete_journey()
    origin = given.history["date"].drop_duplicates().sort_values().iloc[-given.back[-1]]
    early = given.history[given.history["date"] < origin]
    products = early[~early["series_id"].str.startswith("other")].groupby("series_id")["value"].sum()
    chosen = products.sort_values(ascending=False, kind="stable").index[:SERIES]
    weeks = np.sort(given.history["date"].unique())
    history = given.history[given.history["series_id"].isin(chosen)]
    whole = pd.MultiIndex.from_product([sorted(chosen), weeks], names=["series_id", "date"])
    history = history.set_index(["series_id", "date"]).reindex(whole, fill_value=0.0).reset_index()
    past, after = history[history["date"] < origin], history[history["date"] >= origin]
    futures = after[["series_id", "date", *given.planned]]

    run(past.head(52), str(origin.date()))  # imports are in neither time
    began, used = time.perf_counter(), time.process_time()
    as_of = origin - pd.Timedelta(days=1)
    made = run(past, as_of, futures, None, DemandSettings(horizon=given.horizon)).forecast
    mine = {"seconds": time.perf_counter() - began, "processor_s": time.process_time() - used}
    made = made.assign(date=pd.to_datetime(made["period_start"]))[["series_id", "date", "forecast"]]

    python = os.environ.get("BENCHMARK_PYTHON")
    if not python:
        print("skipped: BENCHMARK_PYTHON names no environment with Prophet (make bench-demand builds it)")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / name) for name in ("history.parquet", "forecast.parquet")]
        past[["series_id", "date", "value"]].to_parquet(files[0], index=False)
        script = [python, str(Path(__file__).resolve()), "--here", *files, str(given.horizon)]
        done = subprocess.run(script, check=True, capture_output=True, text=True)
        theirs = json.loads(done.stdout.splitlines()[-1])
        other = pd.read_parquet(files[1])

    def error(told: pd.DataFrame) -> float:
        rows = after[["series_id", "date", "value"]].merge(told, on=["series_id", "date"])
        change = past.groupby("series_id")["value"].apply(lambda v: float((v.diff() ** 2).mean()))
        squared = ((rows["value"] - rows["forecast"]) ** 2).groupby(rows["series_id"]).mean()
        return float(np.sqrt(squared / change).mean())

    table = pd.DataFrame(
        [("ours", error(made), *mine.values()), ("Prophet", error(other), *theirs.values())],
        columns=["model", "rmsse", "seconds", "processor_s"],
    )
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    faster = theirs["processor_s"] / mine["processor_s"]
    print(f"{faster:.0f} times faster by processor seconds, {theirs['seconds'] / mine['seconds']:.0f} by the clock")
    missed = [] if table["rmsse"][0] < table["rmsse"][1] else ["more accurate"]
    missed += [] if faster >= TIMES_FASTER else [f"{TIMES_FASTER} times faster"]
    print("Missed: " + "; ".join(missed) if missed else "Both bars are met.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
