"""Side by side with Prophet on a hundred of the same series: `python -m benchmarks.demand.beside_prophet`.

BENCHMARK_PYTHON names the Python of an environment with Prophet.

Prophet is fitted to each series in the benchmark's own environment, as its documentation does it; the weekly set is the
products of The Complete Journey that sold most in the first half year. Two comparisons: one forecast each (ours without
trees and with few origins), and the same work (ours as it is, which judges itself at rolling origins; Prophet refitted
at as many, timed at a few of them and multiplied).
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
# Ours for one forecast: no trees, eight origins to choose by and eight to calibrate the intervals by.
PLAIN = {"boosted": False, "half_origins": 8, "most_half_origins": 8}
# Origins of Prophet's cross-validation that are timed.
TIMED = 2


def prophet(history: Path, forecast: Path, horizon: int) -> None:
    """Fit and forecast every series of a Parquet file, in this process, and print the seconds.

    Then the same at origins a horizon and two back, which is what a cross-validation costs per origin.
    """
    import logging

    from prophet import Prophet

    logging.disable(logging.CRITICAL)
    table = pd.read_parquet(history)

    def forecasts(known: pd.DataFrame) -> pd.DataFrame:
        parts = []
        for name, rows in known.groupby("series_id"):
            model = Prophet().fit(rows.rename(columns={"date": "ds", "value": "y"})[["ds", "y"]])
            told = model.predict(model.make_future_dataframe(horizon, freq="W-MON", include_history=False))
            parts.append(pd.DataFrame({"series_id": name, "date": told["ds"], "forecast": told["yhat"].clip(lower=0)}))
        return pd.concat(parts)

    def processor() -> float:
        return sum(os.times()[:4])  # with its children: cmdstan runs as one

    began, used = time.perf_counter(), processor()
    made = forecasts(table)
    spent = {"seconds": time.perf_counter() - began, "processor_s": processor() - used}
    made.to_parquet(forecast, index=False)
    weeks, used = sorted(table["date"].unique()), processor()
    for back in range(1, TIMED + 1):
        forecasts(table[table["date"] <= weeks[-1 - back]])
    print(json.dumps(spent | {"processor_s_per_origin": (processor() - used) / TIMED}))


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
    from models.demand import DemandSettings, candidates, hierarchy, panel, run, tables

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
    as_of = origin - pd.Timedelta(days=1)

    def ours(**settings: object) -> tuple[pd.DataFrame, dict[str, float], int]:
        """Forecasts, seconds, and the number of origins forecast."""
        began, used = time.perf_counter(), time.process_time()
        wanted = DemandSettings(horizon=given.horizon, **settings)
        made = run(past, as_of, futures, None, wanted).forecast
        spent = {"seconds": time.perf_counter() - began, "processor_s": time.process_time() - used}
        rows = tables.read(past, as_of, wanted)
        known = panel.build(rows, hierarchy.build(rows.series, None, wanted.bottom_level), {}, wanted)
        made = made.assign(date=pd.to_datetime(made["period_start"]))[["series_id", "date", "forecast"]]
        return made, spent, len(candidates.origins_of(known, wanted).at)

    (made, mine, judged), (plain, quick, few) = ours(), ours(**PLAIN)

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

    per_origin = theirs["processor_s_per_origin"]
    again = theirs["processor_s"] + per_origin * (judged - 1)
    table = pd.DataFrame(
        [
            ("ours, no trees", few, error(plain), quick["processor_s"]),
            ("Prophet, one forecast", 1, error(other), theirs["processor_s"]),
            ("ours, as it is", judged, error(made), mine["processor_s"]),
            (f"Prophet at as many origins ({TIMED} timed, multiplied)", judged, error(other), again),
        ],
        columns=["model", "origins", "rmsse", "processor_s"],
    )
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    once, same = theirs["processor_s"] / quick["processor_s"], again / mine["processor_s"]
    print(f"one forecast: {once:.0f} times faster; the same work: {same:.0f} times; bar {TIMES_FASTER}")
    missed = [name for name, made_by in (("ours, no trees", plain), ("ours", made)) if error(made_by) >= error(other)]
    missed = [f"{name} more accurate" for name in missed]
    missed += [f"one forecast {TIMES_FASTER} times faster"] if once < TIMES_FASTER else []
    missed += [f"the same work {TIMES_FASTER} times faster"] if same < TIMES_FASTER else []
    print("Missed: " + "; ".join(missed) if missed else "Every bar is met.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
