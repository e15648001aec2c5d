"""What the gate and the quarantine cost, beside one query that only counts: `python -m benchmarks.validation`.

Ten million order lines, twelve rules. Each round measures the counting query, the gate (Great Expectations, without
its import) and the quarantine's extraction one after the other, so that a busy machine is busy for all of them; what
is printed is the median of the rounds. Memory is the peak of a process of its own for each part.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from orchestration.validated.gate import judge
from orchestration.validated.quarantine import find_failing
from orchestration.validated.rules import Rule, validate_rule

_PREDICATES = {
    "no_key": "not has_source_key and unreadable_line is null",
    "unknown_order": "not has_known_order and has_source_key",
    "order_in_quarantine": "has_known_order and not has_usable_order",
    "negative_sale": "sales_usd < 0 and quantity >= 0",
    "no_amount": "(sales_usd is null or quantity is null) and has_source_key",
    "negative_discount": "retail_discount_usd < 0 or coupon_discount_usd < 0 or coupon_match_discount_usd < 0",
    "unknown_product": "not has_known_product and has_source_key",
    "no_units": "quantity = 0 and sales_usd > 0",
    "enormous_sale": "sales_usd > 10000",
    "discount_above_sale": "retail_discount_usd > 1000",
    "too_old": "occurred_at < timestamp '1990-01-01 00:00:00'",
    "too_late": "occurred_at > timestamp '2090-01-01 00:00:00'",
}
RULES: list[Rule] = [
    validate_rule(
        "order_lines",
        {
            "name": name,
            "kind": "row",
            "severity": "quarantine",
            "reason": f"{name}.",
            "fails_when": predicate,
            "column": "sales_usd",
            "since": "2026-11-21",
            "why": "A benchmark.",
        },
    )
    for name, predicate in _PREDICATES.items()
]
_COUNTS = ", ".join(f"count(*) filter (where {predicate})" for predicate in _PREDICATES.values())
BASELINE = f"select {_COUNTS} from staged.order_lines"


def make_warehouse(path: Path, rows: int, failing_share: float) -> None:
    """Order lines such as a till writes them, of which a share has a price below zero."""
    every = round(1 / failing_share)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema staged;
            create table staged.order_lines as
            select md5(cast(i as varchar)) as record_key, 'erp' as source_system,
                (10000000 + i // 7) || '|' || (i % 7) as source_key, true as has_source_key,
                cast(10000000 + i // 7 as varchar) as order_id, i % 7 as line_number,
                cast(i % 92331 as varchar) as product_id, 1 + i % 5 as quantity,
                cast((i * 7919) % 2000 / 100.0 * case when i % {every} = 0 then -1 else 1 end + 0.01 as decimal(18, 2))
                    as sales_usd,
                cast((i * 31) % 100 / 100.0 as decimal(18, 2)) as retail_discount_usd,
                cast(0 as decimal(18, 2)) as coupon_discount_usd,
                cast(0 as decimal(18, 2)) as coupon_match_discount_usd,
                true as has_known_order, true as has_usable_order, true as has_known_product,
                timestamp '2017-01-01 00:00:00' + to_seconds(i % 31000000) as occurred_at,
                cast(null as varchar) as unreadable_line
            from range({rows}) as numbers(i)
            """
        )


def _count(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(BASELINE).fetchall()


def _judge(warehouse: Path) -> None:
    judge(warehouse, RULES)


def _extract(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        find_failing(connection, RULES)


_PARTS = {"count": _count, "gate": _judge, "quarantine": _extract}


def seconds(warehouse: Path, rounds: int) -> dict[str, float]:
    """Median seconds of each part over interleaved rounds; the first round, which imports, is left out."""
    spent: dict[str, list[float]] = {name: [] for name in _PARTS}
    for _ in range(rounds + 1):
        for name, part in _PARTS.items():
            started = time.perf_counter()
            part(warehouse)
            spent[name].append(time.perf_counter() - started)
    return {name: statistics.median(times[1:]) for name, times in spent.items()}


def peak_megabytes(warehouse: Path, parts: str) -> float:
    """Peak memory of a process that does the parts (comma-separated) once; `import` only imports."""
    command = [sys.executable, "-m", "benchmarks.validation", "--only", parts, "--warehouse", str(warehouse)]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _own_peak_megabytes() -> float:
    # ru_maxrss would be the parent's: a child starts as its copy.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="do these parts once and print the peak memory in MB")
    parser.add_argument("--warehouse", type=Path)
    options = parser.parse_args()
    if options.only:
        for name in options.only.split(","):
            if name == "import":
                import great_expectations  # noqa: F401 - its memory is what is measured
            else:
                _PARTS[name](options.warehouse)
        print(json.dumps(_own_peak_megabytes()))
        return
    for share in (0.00001, 0.01):
        with tempfile.TemporaryDirectory() as folder:
            warehouse = Path(folder) / "warehouse.duckdb"
            make_warehouse(warehouse, options.rows, share)
            spent = seconds(warehouse, options.rounds)
            both = spent["gate"] + spent["quarantine"]
            print(f"{options.rows:,} rows, {len(RULES)} rules, {share:.3%} failing")
            for name, figure in spent.items():
                print(f"  {name:<18} {figure:6.3f} s   {figure / spent['count']:.2f} times the count")
            print(f"  {'gate + quarantine':<18} {both:6.3f} s   {both / spent['count']:.2f} times the count")
            for parts in ("import", "count", "quarantine", "import,count", "gate"):
                print(f"  peak memory, {parts:<13} {peak_megabytes(warehouse, parts):6.0f} MB")


if __name__ == "__main__":
    main()
