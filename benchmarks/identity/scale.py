"""Time and memory by number of records: `python -m benchmarks.identity.scale [N …]`.

On generated records (see `generator`), one after the other, each in a process of its own: plain Splink from scratch,
ours from scratch, and ours a night later with 1 % of the records changed. Exit code 1 where at the largest number ours
takes over twice Splink's time or over 6 GB, or the night over 10 % of the time from scratch.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from benchmarks.identity.generator import changed, records
from benchmarks.identity.runs import folder, run_system
from benchmarks.identity.sets import MOST_TIMES_SPLINK
from benchmarks.identity.systems.process import peak_mb
from models.identity.measure import pairwise
from orchestration.paths import PROJECT_DIR

SIZES = (10_000, 100_000, 1_000_000)
MOST_MB = 6_000
MOST_NIGHT = 0.10
SHARE_CHANGED = 0.01


def files(size: int) -> dict[str, Path]:
    """The generated table, its truth, and the table a night later, made where they are missing."""
    base = folder()
    base.mkdir(parents=True, exist_ok=True)
    made = {part: base / f"scale_{size}{suffix}.parquet" for part, suffix in _PARTS.items()}
    if not all(path.exists() for path in made.values()):
        frame, truth = records(size)
        for part, table in (("records", frame), ("truth", truth), ("later", changed(frame, SHARE_CHANGED))):
            table.to_parquet(made[part], index=False)
    return made


_PARTS = {"records": "", "truth": "_truth", "later": "_later"}


def ours(size: int, what: str) -> None:
    """Resolve in this process, from scratch (`full`) or from the night before (`night`); says what it took."""
    from models import identity
    from models.identity.state import State

    paths = files(size)
    state_file = folder() / f"scale_{size}.state"
    table = pd.read_parquet(paths["records" if what == "full" else "later"])
    # As it comes from the lake, that is without digests that the run before had found.
    state = None if what == "full" else State.from_tables(pickle.loads(state_file.read_bytes()).to_tables())
    started = time.perf_counter()
    resolution = identity.resolve(table, state=state)
    seconds = time.perf_counter() - started
    peak = peak_mb()
    clusters = pd.DataFrame(resolution.clusters).rename(columns={"cluster_id": "customer_id"})
    if what == "full":
        state_file.write_bytes(pickle.dumps(resolution.state, protocol=5))
    figures = pairwise(clusters, pd.read_parquet(paths["truth"]))
    said = {"seconds": seconds, "peak_mb": peak}
    print(json.dumps(said | {name: figures[name] for name in ("precision", "recall", "f1")}))


def splink(size: int) -> dict[str, float]:
    """Plain Splink on the same table, with its best threshold of those tried."""
    paths = files(size)
    said = run_system("splink", paths["records"], f"scale_{size}")
    if "error" in said:
        raise SystemExit(f"plain Splink failed: {said['error']}")
    truth = pd.read_parquet(paths["truth"])
    groupings = (folder() / f"scale_{size}.splink@{label}.parquet" for label in said["labels"])
    best = max((pairwise(pd.read_parquet(path), truth) for path in groupings), key=lambda figures: figures["f1"])
    return {name: said[name] for name in ("seconds", "peak_mb")} | {
        name: best[name] for name in ("precision", "recall", "f1")
    }


def _in_a_process(size: int, what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.identity.scale", str(size), "--only", what]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> int:
    """Measure every size, print, keep the figures; 1 where a bar of the largest is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--only", choices=("full", "night"), help="only this, in this process")
    options = parser.parse_args()
    if options.only:
        ours(options.sizes[0], options.only)
        return 0
    said: list[str] = []
    for size in options.sizes:
        files(size)
        rows = {"splink": splink(size), "ours": _in_a_process(size, "full"), "night": _in_a_process(size, "night")}
        for name, row in rows.items():
            row |= {"records": size, "what": name, "times_splink": row["seconds"] / rows["splink"]["seconds"]}
            print(
                f"{size:>9,} {name:<7} {row['seconds']:8.1f} s {row['peak_mb']:7,.0f} MB"
                f" {row['times_splink']:6.2f} x Splink  P {row['precision']:.4f} R {row['recall']:.4f}",
                flush=True,
            )
            (folder() / f"scale_{size}.{name}.json").write_text(json.dumps(row, indent=1), encoding="utf-8")
        said = missed(rows)  # of the largest, which comes last
    print("\n".join(["", *said]) if said else "\nEvery bar is met.")
    return int(bool(said))


def missed(rows: dict[str, dict[str, float]]) -> list[str]:
    """The bars that the rows of one size miss, in words."""
    full, night, other = rows["ours"], rows["night"], rows["splink"]
    said = []
    if full["seconds"] > MOST_TIMES_SPLINK * other["seconds"]:
        said.append(f"{full['seconds']:.0f} s is over {MOST_TIMES_SPLINK:g} times Splink's {other['seconds']:.0f} s")
    if max(full["peak_mb"], night["peak_mb"]) > MOST_MB:
        said.append(f"{max(full['peak_mb'], night['peak_mb']):,.0f} MB is over {MOST_MB:,} MB")
    if night["seconds"] > MOST_NIGHT * full["seconds"]:
        said.append(f"a night of {night['seconds']:.1f} s is over {MOST_NIGHT:.0%} of {full['seconds']:.1f} s")
    return said


if __name__ == "__main__":
    sys.exit(main())
