"""A BI tool in miniature: opens serving.duckdb read-only until told to stop, and reports what it saw as JSON."""

import json
import sys
import threading

import duckdb

QUERY = """
select
    (select max_by(run_id, started_at) from marts.pipeline_runs) as run_id,
    (select count(*) from marts.orders) as orders,
    (select count(distinct order_id) from marts.order_lines) as orders_with_lines,
    (select max(as_of) from marts.churn_scores) as scored_as_of,
    (select max_by(as_of, started_at) from marts.pipeline_runs) as run_as_of
"""


def main(serving: str) -> None:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    seen: set[tuple] = set()
    reads, errors = 0, []
    while not stop.is_set():
        try:
            with duckdb.connect(serving, read_only=True) as connection:
                seen.add(tuple(str(value) for value in connection.sql(QUERY).fetchone()))
            reads += 1
        except duckdb.Error as error:
            errors.append(str(error))
        stop.wait(0.05)
    print(json.dumps({"reads": reads, "errors": errors, "seen": sorted(seen)}))


if __name__ == "__main__":
    main(sys.argv[1])
