"""Time and memory of the whole step as the series grow: `python -m benchmarks.demand.growth [SERIES …]`.

Generated weekly series of two years in categories and departments, smooth to lumpy, each size in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

SIZES = (100, 1_000, 10_000)
WEEKS = 104
MOST_SECONDS, MOST_MB = 600, 4_000


def generate(series: int, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """History and hierarchy: levels from a tenth to hundreds a week, a season, promotions that lift sales."""
    draws = np.random.default_rng(seed)
    level = np.exp(draws.normal(1.5, 1.5, series))
    season = 1 + 0.3 * np.sin(2 * np.pi * (np.arange(WEEKS)[:, None] / 52 + draws.random(series)))
    promoted = draws.random((WEEKS, series)) < 0.08
    drift = np.exp(np.cumsum(draws.normal(0, 0.03, (WEEKS, series)), axis=0))
    value = draws.poisson(level * season * drift * (1 + 0.8 * promoted)).astype("float64")
    names = np.array([f"p{k:06d}" for k in range(series)])
    history = pd.DataFrame(
        {
            "series_id": np.repeat(names, WEEKS),
            "date": np.tile(np.datetime64("2022-01-03") + 7 * np.arange(WEEKS), series),
            "value": value.T.ravel(),
            "promoted_share": promoted.T.ravel().astype("float64"),
        }
    )
    category = np.arange(series) % max(series // 25, 2)
    hierarchy = pd.DataFrame(
        {
            "series_id": names,
            "category": [f"c{k:04d}" for k in category],
            "department": [f"d{k % 12}" for k in category],
        }
    )
    return history, hierarchy


def measure(series: int) -> dict[str, float]:
    """Seconds, processor seconds and peak MB of one call in this process, imports in it."""
    history, hierarchy = generate(series)
    began, used = time.perf_counter(), time.process_time()
    from models import demand

    result = demand.run(history, "2023-12-31", None, hierarchy)
    seconds, processor_s = time.perf_counter() - began, time.process_time() - used
    error = result.grades.set_index(["metric", "baseline"])
    return {
        "series": series,
        "seconds": seconds,
        "processor_s": processor_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "wrmsse": error.value["wrmsse", "seasonal naive"],
        "naive_wrmsse": error.baseline_value["wrmsse", "seasonal naive"],
        "coverage_80": error.value["coverage_80", "share intended"],
    }


def main() -> int:
    """Print the table; 1 where the largest size takes more than ten minutes or 4 GB."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("series", nargs="*", type=int)
    parser.add_argument("--here", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.here)))
        return 0
    rows = []
    for series in options.series or SIZES:
        command = [sys.executable, "-m", "benchmarks.demand.growth", "--here", str(series)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    missed = [r["series"] for r in rows if r["seconds"] > MOST_SECONDS or r["peak_mb"] > MOST_MB]
    print(f"Missed at {missed} series." if missed else "Within ten minutes and 4 GB at every size.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
