"""How fast files come into the raw lake, and in how much memory: `python benchmarks/file_pull.py [ROWS]`.

Writes one file per format into a temporary folder and pulls it, each in a process of its own. Beside it: DuckDB's own
copy of the same file to Parquet, all of it read as text, which checks and notes nothing.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

_COLUMNS = ["id", "name", "city", "amount", "at"]
_COPIES = {
    "csv": "read_csv('{path}', all_varchar = true)",
    "jsonl": "read_json('{path}', columns = {{id: 'varchar', name: 'varchar', city: 'varchar', amount: 'varchar',"
    " at: 'varchar'}}, format = 'newline_delimited')",
    "parquet": "read_parquet('{path}')",
}


def main(rows: int) -> None:
    """Measure every format."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent), "PIPELINE_TOKEN_KEY": "benchmark" * 8}
    with tempfile.TemporaryDirectory() as folder:
        for kind in _COPIES:
            path = Path(folder) / f"rows.{kind}"
            options = {
                "csv": "(format csv, force_quote (name))",
                "jsonl": "(format json)",
                "parquet": "(format parquet)",
            }
            duckdb.sql(
                f"""
                copy (
                    select i as id, 'name, of ' || i as name, '城市' || i % 100 as city, i * 0.01 as amount,
                        timestamp '2024-01-01' + i * interval 1 second as at
                    from range({rows}) as numbers (i)
                ) to '{path}' {options[kind]}
                """
            )
            for what in ("copy", "pull"):
                subprocess.run([sys.executable, __file__, what, kind, folder], env=environment, check=True)


def measure(what: str, kind: str, folder: str) -> None:
    """One format in this process: seconds, and the most memory it took."""
    from orchestration.paths import DataDir
    from orchestration.raw.declaration import validate_declaration
    from orchestration.raw.load import pull

    path = Path(folder) / f"rows.{kind}"
    table = {"description": "", "path": path.name, "format": kind, "columns": _COLUMNS}
    declaration = {
        "source": f"bench_{kind}",
        "description": "",
        "connector": "files",
        "owner": "team@example.com",
        "party_data_class": "first",
        "location": folder,
        "tables": {"rows": table},
    }
    started, used_before = time.monotonic(), _cpu_s()
    if what == "copy":
        duckdb.sql(f"copy (from {_COPIES[kind].format(path=path)}) to '{folder}/copy.parquet'")
    else:
        pull(validate_declaration(declaration), DataDir(Path(folder) / "data"))
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 1e6
    print(
        f"{what} {kind:8} {size:8,.0f} MB in {seconds:6.1f} s ({_cpu_s() - used_before:6.1f} s of processor),"
        f" {size / seconds:6.1f} MB/s, peak {peak:6,.0f} MB",
        flush=True,
    )


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    if sys.argv[1:2] in (["copy"], ["pull"]):
        measure(*sys.argv[1:4])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000_000)
