"""One night in which every system sends something absurd: it ends, nothing is lost, nobody is named, nothing drowns."""

import json
import shutil
from collections.abc import Iterator

import duckdb
import pytest

from tests.e2e.hidden import contents
from tests.faults.hostile_rows import PEOPLE, SET_ASIDE, SQL, STATEMENTS, TAKEN_BACK, deliver
from tests.faults.world import Outcome, World

_UNITS_OF_A_DAY = 10_000_000  # of a shop of twenty households, fuel in thousandths included


@pytest.fixture(scope="module")
def night(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Outcome]]:
    """The morning after night 1, and a hostile night 2."""
    world.restore()
    drop = tmp_path_factory.mktemp("hostile") / "drop"
    shutil.copytree(world.systems.environment["DROP_DIR"], drop)
    deliver(drop)
    with world.systems.postgres.connect(autocommit=True) as systems:
        try:
            for statement, values in STATEMENTS:
                systems.execute(statement, values)
            outcome = world.run(environment={"DROP_DIR": str(drop)})
        finally:
            for statement in TAKEN_BACK:
                systems.execute(statement)
    yield world, outcome


def _aside(rows: str, connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    query = f"select entity, rule, count(*) from {rows} where is_current and severity = 'quarantine' group by all"
    return {(entity, rule): count for entity, rule, count in connection.sql(query).fetchall()}


def test_the_night_is_published_and_sets_the_impossible_aside(night: tuple[World, Outcome]) -> None:
    world, outcome = night
    assert outcome.status == 0, outcome.said
    assert "Traceback" not in outcome.said
    with duckdb.connect(str(world.data.serving), read_only=True) as tonight:
        now = _aside("marts.quarantine_rows", tonight)
    with duckdb.connect(str(world.baseline / "serving.duckdb"), read_only=True) as yesterday:
        before = _aside("marts.quarantine_rows", yesterday)
    added = {key: now.get(key, 0) - before.get(key, 0) for key in SET_ASIDE}
    assert {key: count for key, count in added.items() if count < SET_ASIDE[key]} == {}, now


def test_what_came_is_validated_or_set_aside_and_money_adds_up(night: tuple[World, Outcome]) -> None:
    world, _ = night
    with duckdb.connect(str(world.data.warehouse), read_only=True) as warehouse:
        tables = warehouse.sql("select schema_name, table_name from duckdb_tables()").fetchall()
        entities = {name for schema, name in tables if schema == "validated"}
        entities &= {name for schema, name in tables if schema == "staged"}
        aside = dict(
            warehouse.sql(
                "select entity, count(distinct record_key) from"
                f" read_parquet('{world.data.lake}/quarantine/rows.parquet')"
                " where is_current and severity = 'quarantine' group by entity"
            ).fetchall()
        )
        counts = {
            name: [warehouse.sql(f"select count(*) from {s}.{name}").fetchone()[0] for s in ("staged", "validated")]
            for name in sorted(entities)
        }
    assert {name: staged - validated for name, (staged, validated) in counts.items() if staged != validated} == aside


def test_one_absurd_line_drowns_no_figure(night: tuple[World, Outcome]) -> None:
    world, _ = night
    with duckdb.connect(str(world.data.serving), read_only=True) as serving:
        largest = serving.sql("select max(abs(forecast_units)), max(abs(upper_95_units)) from marts.demand_forecast")
        assert max(largest.fetchone()) < _UNITS_OF_A_DAY
        assert serving.sql("select max(abs(sales_usd)) from marts.customers").fetchone()[0] < 100_000
        days = serving.sql("select min(occurred_at), max(occurred_at) from marts.orders").fetchone()
    assert (days[0].year, days[1].year) == (2017, 2017)


def test_nobody_is_named_in_what_the_run_says_keeps_or_shows(night: tuple[World, Outcome]) -> None:
    world, outcome = night
    people = [*PEOPLE, SQL[:20]]
    assert [person for person in people if person in outcome.said] == []
    folders = (world.data.dagster_home, world.data.site, world.data.publications, world.data.dbt_target)
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    stored = b"".join(content for path in files for content in contents(path))
    forms = {person: (person.encode(), json.dumps(person)[1:-1].encode()) for person in people}
    assert [person for person, spelt in forms.items() if any(form in stored for form in spelt)] == []
