"""One system in this process: reads records, writes clusters, prints seconds and peak memory as JSON.

    python benchmarks/identity/systems/<system>.py RECORDS CLUSTERS NAME [--one-to-one a b]

Imported by all systems, in either environment: nothing but pandas and the standard library.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

# (records, name of the set, sources without duplicates) -> groupings: a label and (record_key, customer_id) each
System = Callable[[pd.DataFrame, str, Sequence[str]], Iterator[tuple[str, pd.DataFrame]]]


def run(system: System) -> None:
    """Time the system on the table of the command line until its first grouping; reading and imports are not in it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", type=Path)
    parser.add_argument("clusters", type=Path)
    parser.add_argument("name")
    parser.add_argument("--one-to-one", nargs="*", default=[])
    options = parser.parse_args()
    records = pd.read_parquet(options.records)
    seconds, processor_s, labels = None, 0.0, []
    started, used = time.perf_counter(), time.process_time()
    for label, clusters in system(records, options.name, options.one_to_one):
        if seconds is None:
            seconds, processor_s = time.perf_counter() - started, time.process_time() - used
        labels.append(label)
        frame = clusters[["record_key", "customer_id"]].astype(str)
        frame.to_parquet(options.clusters.with_name(f"{options.clusters.stem}@{label}.parquet"), index=False)
    print(json.dumps({"seconds": seconds, "processor_s": processor_s, "peak_mb": peak_mb(), "labels": labels}))


def peak_mb() -> float:
    """The most memory this process ever held, in MB of 10^6 bytes."""
    # ru_maxrss would be the parent's where that was larger: a child starts as its copy.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6
