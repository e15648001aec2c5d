"""Compare on the sets, print one table, say which bars are missed: `python -m benchmarks.identity [SET …]`.

Runs in the product's environment; what needs another (GoldenMatch, pseudopeople) runs in BENCHMARK_PYTHON, which
`make bench-identity` sets up. Exit code 1 where a bar is missed or a system failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd

from benchmarks.identity.demo import demo
from benchmarks.identity.export import MAKERS
from benchmarks.identity.runs import SYSTEMS, folder, python_of, run_system
from benchmarks.identity.sets import MOST_TIMES_SPLINK, SETS, Set
from models.identity.measure import bcubed, pairwise


def measured(task: Set, system: str, records: Path, truth: pd.DataFrame) -> dict[str, object]:
    """One row of the table; where a system offers several groupings, the one with the best pairwise F1."""
    said = run_system(system, records, task.name, task.one_to_one)
    row: dict[str, object] = {"set": task.name, "system": system, "records": len(truth)}
    if "error" in said:
        return row | said
    best: dict[str, object] = {}
    for label in said["labels"]:
        current = pd.read_parquet(records.with_name(f"{task.name}.{system}@{label}.parquet"))
        figures = pairwise(current, truth)
        if not best or figures["f1"] > best["f1"]:
            best = {name: figures[name] for name in ("precision", "recall", "f1")} | bcubed(current, truth)
            best["threshold"] = label
    return row | best | {name: said[name] for name in ("seconds", "processor_s", "peak_mb")}


def missed(task: Set, rows: dict[str, dict[str, object]]) -> list[str]:
    """The bars that the rows of one set miss, in words."""
    said = [f"{task.name}: {system} failed: {row['error']}" for system, row in rows.items() if "error" in row]
    ours = rows.get("ours", {"error": ""})
    if "error" in ours:
        return said
    for measure, least in (("f1", task.least_f1), ("precision", task.least_precision)):
        if ours[measure] < least:
            said.append(f"{task.name}: {measure} {ours[measure]:.4f} is below {least}")
    for system, row in rows.items():
        if system != "ours" and "error" not in row and ours["f1"] < row["f1"]:
            said.append(f"{task.name}: F1 {ours['f1']:.4f} is below {system}'s {row['f1']:.4f}")
    splink = rows.get("splink", {"error": ""})
    if "error" not in splink and ours["seconds"] > MOST_TIMES_SPLINK * splink["seconds"]:
        said.append(
            f"{task.name}: {ours['seconds']:.1f} s is over {MOST_TIMES_SPLINK:g} times {splink['seconds']:.1f} s"
        )
    return said


def lay(names: list[str]) -> dict[str, Path]:
    """The sets as files, made where they are missing; the demo company's always anew."""
    sets = folder()
    sets.mkdir(parents=True, exist_ok=True)
    wanted = [name for name in names if name in MAKERS]
    if any(not (sets / f"{name}_truth.parquet").exists() for name in wanted):
        subprocess.run(
            [python_of("goldenmatch"), str(Path(__file__).with_name("export.py")), str(sets), *wanted], check=True
        )
    if "demo" in names:
        both = demo()
        if both is None:
            raise SystemExit("There is no demo company to measure on. Remedy: make run, or name the sets you want")
        for name, table in zip(("demo", "demo_truth"), both, strict=True):
            table.to_parquet(sets / f"{name}.parquet", index=False)
    return {name: sets / f"{name}.parquet" for name in names}


def main() -> int:
    """Measure, print, keep the figures; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(task.name for task in SETS)} (default: all)")
    parser.add_argument("--systems", nargs="*", default=list(SYSTEMS), choices=list(SYSTEMS))
    options = parser.parse_args()
    tasks = [task for task in SETS if not options.sets or task.name in options.sets]
    files = lay([task.name for task in tasks])
    said: list[str] = []
    for task in tasks:
        truth = pd.read_parquet(files[task.name].with_name(f"{task.name}_truth.parquet"))
        rows = {system: measured(task, system, files[task.name], truth) for system in options.systems}
        splink = rows.get("splink", {}).get("seconds")
        for system, row in rows.items():
            if splink and "seconds" in row:
                row["times_splink"] = row["seconds"] / splink
            print(_line(row), flush=True)
            (folder() / f"{task.name}.{system}.json").write_text(json.dumps(row, indent=1), encoding="utf-8")
        said += missed(task, rows)
    print("\n".join(["", *said]) if said else "\nEvery bar is met.")
    return int(bool(said))


def _line(row: dict[str, object]) -> str:
    if "error" in row:
        return f"{row['set']:<13}{row['system']:<12} failed: {row['error']}"
    measures = ("precision", "recall", "f1", "bcubed_precision", "bcubed_recall", "bcubed_f1")
    shares = "  ".join(f"{name.replace('bcubed_', 'B3 ')} {row[name]:.4f}" for name in measures)
    times = f" {row['times_splink']:5.2f} x Splink" if "times_splink" in row else ""
    cost = f"{row['seconds']:7.1f} s ({row['processor_s']:.1f} of processor) {row['peak_mb']:6,.0f} MB{times}"
    return f"{row['set']:<13}{row['system']:<12} {shares}  {cost}"


if __name__ == "__main__":
    sys.exit(main())
