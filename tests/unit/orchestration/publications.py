"""Small warehouses to publish from: every table of a publication carries that publication's number."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb

from orchestration.paths import PROJECT_DIR
from orchestration.serving.kept import Kept
from orchestration.serving.manifest import Keys, Manifest
from orchestration.serving.publish import Night, Steps, publish

MARTS = {
    "orders": Keys(("id",), ("customer_id",), (("customer_id", "customers", "id"), ("night", "customers", "night"))),
    "customers": Keys(("id",)),
}
FIRST = date(2017, 12, 1)


def build(path: Path, night: int, rows: int = 200) -> None:
    """The warehouse of a night."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema if not exists marts;
            create schema if not exists unified;
            create or replace table unified.private as select 'a@b.c' as email;
            create or replace table marts.left_over as select 'a@b.c' as email;
            create or replace table marts.orders as
                select range as id, range // 2 as customer_id, {night} as night from range({rows});
            create or replace table marts.customers as select range as id, {night} as night from range({rows});
            comment on column marts.orders.night is 'the night''s number';
            comment on table marts.customers is 'everybody';
            """
        )


def kept_in(folder: Path, keep: int = 7) -> Kept:
    """The publications of a data folder."""
    return Kept(folder / "publications", folder / "serving.duckdb", keep)


def publish_night(folder: Path, night: int, steps: Steps | None = None, keep: int = 7, rows: int = 200) -> Manifest:
    """Build and publish one night in `folder`."""
    build(folder / "warehouse.duckdb", night, rows)
    about = Night(f"run-{night:04d}-of-a-test", FIRST + timedelta(days=night))
    return publish(folder / "warehouse.duckdb", kept_in(folder, keep), about, MARTS, steps)


def served(folder: Path) -> set[tuple[int, ...]]:
    """(number in orders, in customers, in the manifest inside) as a reader finds them."""
    with duckdb.connect(str(folder / "serving.duckdb"), read_only=True) as connection:
        return set(connection.sql(SEEN).fetchall())


SEEN = """
select distinct orders.night, customers.night, publication.number
from marts.orders as orders join marts.customers as customers using (id) cross join marts.publication as publication
"""


@contextmanager
def reading(kind: str, address: str | Path) -> Iterator[dict]:
    """A reader in a process of its own, hammering until the end; its report is in what this yields."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "publication_reader.py"), kind, str(address)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT_DIR,
    )
    report: dict = {}
    assert process.stdout.readline() == "reading\n"
    try:
        yield report
    finally:
        output, _ = process.communicate("stop\n", timeout=60)
        report.update(json.loads(output))
