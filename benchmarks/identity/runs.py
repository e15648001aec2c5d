"""One system on one table in a process of its own, and where everything is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from orchestration.paths import PROJECT_DIR, DataDir

SYSTEMS = {"ours": "ours.py", "splink": "splink_plain.py", "goldenmatch": "goldenmatch_zero.py"}
OTHER_PYTHON = "BENCHMARK_PYTHON"
THREADS = "2"
MOST_SECONDS = 1800
_HERE = Path(__file__).parent


def folder() -> Path:
    """Where sets, clusters and figures are kept."""
    return DataDir.from_environment().root / "benchmarks" / "identity"


def python_of(system: str) -> str:
    """The interpreter of a system: the product's own, or the benchmark's."""
    if system == "goldenmatch":
        return os.environ.get(OTHER_PYTHON) or str(PROJECT_DIR / ".venv-bench" / "bin" / "python")
    return sys.executable


def run_system(system: str, records: Path, name: str, one_to_one: tuple[str, ...] = ()) -> dict[str, object]:
    """Seconds, peak memory and the labels of its groupings; `error` where it failed."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_DIR), "PYTHONWARNINGS": "ignore", "TQDM_DISABLE": "1"}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), THREADS)
    clusters = records.with_name(f"{name}.{system}.parquet")
    command = [python_of(system), str(_HERE / "systems" / SYSTEMS[system]), str(records), str(clusters), name]
    command += ["--one-to-one", *one_to_one] if one_to_one else []
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {MOST_SECONDS} s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no word"])[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])
