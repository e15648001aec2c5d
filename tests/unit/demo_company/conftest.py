"""The demo company at full size where shares are measured, a slice of it where rows are compared."""

from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest

from demo_company import world
from demo_company.behaviour import behaviour
from demo_company.contacts import contacts
from demo_company.journey import open_journey
from demo_company.layouts import assign_keys
from demo_company.people import people
from demo_company.touches import campaigning
from demo_company.truth import records_truth
from demo_company.web import visits

SEED, SLICE = 2017, 150


@pytest.fixture(scope="session")
def everyone() -> SimpleNamespace:
    """All households: journey, persons, contacts, mood, campaigns, visits, and the records' truth."""
    journey = open_journey(None, SEED)
    persons = people(journey, SEED)
    written = contacts(journey, persons, SEED)
    assign_keys(written.records, SEED)
    mood = behaviour(journey, SEED)
    sends = campaigning(journey, persons, written, mood, SEED)
    seen = visits(journey, persons, written, mood, sends.extra_visits, SEED)
    con = duckdb.connect()
    con.register("history", records_truth(written, persons))
    con.execute("""create table records as select * from history
        qualify row_number() over (partition by source_system, source_key order by visible_at desc) = 1""")
    return SimpleNamespace(
        journey=journey, persons=persons, contacts=written, mood=mood, sends=sends, visits=seen, truth=con
    )


@pytest.fixture(scope="session")
def slice_world() -> dict[str, pa.Table]:
    return world.tables(SLICE, SEED)


@pytest.fixture(scope="session")
def slice_db(slice_world: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """The tables of the slice, to be queried by name."""
    con = duckdb.connect()
    for name, rows in slice_world.items():
        con.register(name, rows)
    return con
