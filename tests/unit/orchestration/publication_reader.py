"""A reader that hammers: joins two tables again and again until told to stop, and reports what it saw as JSON.

`duckdb FILE` opens the file anew for every look, `duckdb-held FILE` once. `postgres URL` reads the two tables in one
statement, in two statements of one transaction, by a prepared statement, and in a transaction whose snapshot is older
than its first look at the tables.
"""

import json
import sys
import threading
from collections.abc import Callable

JOINED = (
    "select distinct orders.night, customers.night, publication.number from marts.orders as orders"
    " cross join (select distinct night from marts.customers) as customers"
    " cross join marts.publication as publication"
)
ONE = "select distinct night, night, (select max(number) from marts.publication) from marts.{}"


def hammer(look: Callable[[int], list[tuple]]) -> None:
    """Look until the end of input; what was seen and what went wrong as one line of JSON."""
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    seen: list[list] = []
    reads, errors = 0, []
    while not stop.is_set():
        try:
            for row in look(reads) or [()]:
                if not seen or seen[-1] != list(row):
                    seen.append(list(row))
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        reads += 1
        if reads == 1:
            print("reading", flush=True)
    print(json.dumps({"reads": reads, "errors": errors, "seen": seen}))


def duckdb_looks(path: str) -> Callable[[int], list[tuple]]:
    import duckdb

    def look(count: int) -> list[tuple]:
        with duckdb.connect(path, read_only=True) as connection:
            return connection.sql(JOINED).fetchall()

    return look


def duckdb_holds(path: str) -> Callable[[int], list[tuple]]:
    import duckdb

    connection = duckdb.connect(path, read_only=True)
    return lambda count: connection.sql(JOINED).fetchall()


def postgres_looks(address: str) -> Callable[[int], list[tuple]]:
    import psycopg

    connection = psycopg.connect(address, application_name="a report")

    def look(count: int) -> list[tuple]:
        way = count % 4
        with connection.transaction():
            if way == 0:
                return connection.execute(JOINED).fetchall()
            if way == 1:
                return connection.execute(JOINED, prepare=True).fetchall()
            if way == 2:  # the snapshot is older than the first look
                connection.execute("set transaction isolation level repeatable read")
                connection.execute("select count(*) from pg_class").fetchone()
            orders = connection.execute(ONE.format("orders")).fetchall()
            customers = connection.execute(ONE.format("customers")).fetchall()
            return orders if orders == customers else [*orders, *customers, ("mixed",)]

    return look


if __name__ == "__main__":
    hammer({"duckdb": duckdb_looks, "duckdb-held": duckdb_holds, "postgres": postgres_looks}[sys.argv[1]](sys.argv[2]))
