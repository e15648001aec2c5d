"""How fast a database is pulled: a million rows from PostgreSQL and, where its server is installed, from MariaDB.

    python benchmarks/sql_pull.py [rows]

Each measurement runs in a process of its own, so that its peak memory is its own. The baseline is the plain way: the
driver fetches the same rows into Python, from there into Arrow. `lake` is the whole pull: read, converted, compared
with what has landed, written as Parquet by dlt.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from orchestration.raw.declaration import validate_declaration

_PASSWORD = "not-a-secret"
_QUERY = "select id, amount, name, updated_at from big"


def main(rows: int) -> None:
    """Start the servers, fill them, measure."""
    from demo_company.postgres import Postgres
    from tests.integration import mariadb

    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        Path(folder).chmod(0o755)
        postgres = Postgres(Path(folder) / "postgres", _PASSWORD)
        postgres.start()
        try:
            with postgres.connect("postgres", autocommit=True) as connection:
                connection.execute(
                    "create table big as select n::bigint as id, (n % 100000 + 0.01)::numeric(12, 2) as amount,"
                    " 'name 王 ' || n as name, timestamptz '2024-01-01' + n * interval '1 second' as updated_at"
                    f" from generate_series(1, {rows}) as n"
                )
                connection.execute("create index on big (updated_at)")
            _compare("PostgreSQL", postgres.url("company_admin", _PASSWORD, "postgres"), rows)
        finally:
            postgres.stop()
        if mariadb.binary() is None:
            print(f"MariaDB: {mariadb.MISSING}")
            return
        server = mariadb.MariaDb(Path(folder) / "mariadb")
        try:
            server.start()
            with server.connect() as connection, connection.cursor() as cursor:
                cursor.execute(
                    "create table big as select cast(seq as signed) as id,"
                    " cast(seq % 100000 + 0.01 as decimal(12, 2)) as amount, concat('name 王 ', seq) as name,"
                    " cast('2024-01-01' as datetime) + interval seq second as updated_at"
                    f" from seq_1_to_{rows}"
                )
                cursor.execute("create index by_time on big (updated_at)")
            _compare("MariaDB", server.url(), rows)
        finally:
            server.stop()


def _compare(name: str, url: str, rows: int) -> None:
    seconds = {}
    for what in ("baseline", "read", "lake"):
        output = subprocess.run(
            [sys.executable, __file__, what], env={**os.environ, "BIG_URL": url}, capture_output=True, text=True
        )
        if output.returncode:
            raise SystemExit(output.stderr)
        seconds[what], peak, before, count = (float(part) for part in output.stdout.split()[-4:])
        assert count == rows, (what, count)
        print(
            f"{name:<11}{what:<9}{seconds[what]:7.1f} s {rows / seconds[what]:>11,.0f} rows/s"
            f"   peak {peak:,.0f} MB ({before:,.0f} MB before)   {seconds['baseline'] / seconds[what]:.1f} x baseline"
        )


def _measure(what: str) -> None:
    work = {"baseline": _baseline, "read": _read, "lake": _lake}[what]()
    before, started = _peak(), time.perf_counter()
    count = work()
    print(time.perf_counter() - started, _peak(), before, count)


def _baseline():
    import psycopg
    import pyarrow as pa
    import pymysql
    import sqlalchemy

    url = sqlalchemy.make_url(os.environ["BIG_URL"])
    names = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
    kinds = [pa.int64(), pa.decimal128(12, 2), pa.string(), pa.timestamp("us")]

    def fetch() -> int:
        if url.get_backend_name() == "postgresql":
            connection = psycopg.connect(dbname=url.database, **names)
        else:
            connection = pymysql.connect(database=url.database, charset="utf8mb4", **names)
        cursor = connection.cursor()
        cursor.execute(_QUERY)
        columns = list(zip(*cursor.fetchall(), strict=True))
        columns[3] = [moment.replace(tzinfo=None) for moment in columns[3]]
        return pa.table(
            [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], list("abcd")
        ).num_rows

    return fetch


def _declaration():
    return validate_declaration(
        {
            "source": "shop",
            "description": "",
            "connector": "sql",
            "owner": "shop@example.com",
            "party_data_class": "first",
            "location": "${BIG_URL}",
            "tables": {
                "big": {
                    "description": "",
                    "key": ["id"],
                    "cursor": "updated_at",
                    "columns": ["id", "amount", "name", "updated_at"],
                }
            },
        }
    )


def _read():
    from orchestration.raw.sql.database import Database
    from orchestration.raw.sql.pages import TableReader
    from orchestration.raw.sql.resources import _types_by_table

    database = Database(_declaration())
    columns = [
        database.dialect.read_column(name, kind, False) for name, kind in _types_by_table(database)["big"].items()
    ]
    reader = TableReader(database, "big", "big", columns)
    return lambda: sum(page.num_rows for page in reader.pages([columns[3], columns[0]]))


def _lake():
    from orchestration.paths import DataDir
    from orchestration.raw.load import pull

    folder = tempfile.TemporaryDirectory(prefix="benchmark-lake-")

    def work() -> int:
        with folder:
            return pull(_declaration(), DataDir(Path(folder.name))).rows["big"]

    return work


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("baseline", "read", "lake"):
        _measure(sys.argv[1])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
