"""A publication killed between any two of its steps, in the file, the report and PostgreSQL, then a plain run.

A chain on one folder whose night is done up to the marts: each killed run publishes, or puts the publication before
back. Wherever it is killed, each of the three places shows one night whole, and the next command mends the rest.
"""

import re
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import psycopg
import pytest

from orchestration.lake import file_digest
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.manifest import read_manifest
from tests.faults.catalogue import PUBLICATIONS
from tests.faults.fault import Fault
from tests.faults.faults_of_publications import TONIGHT, YESTERDAY
from tests.faults.world import Outcome, World

_WRITE = "orchestration.lake:replace_durably"
_FILE_STEP, _PAGES, _POSTGRES = "serving__serving_duckdb", "serving__site", "serving__serving_postgres"
_BACK = "rollback"


class Kill(NamedTuple):
    """When to kill: in which step (or in the roll-back), at the n-th call of `place` about the file `of`."""

    step: str
    place: str
    call: int = 1
    after: bool = False
    of: str = ""


HOW: dict[str, Kill] = {
    "kill-keeping": Kill(_FILE_STEP, "orchestration.serving.kept:link", 2),
    "kill-after-serving-rename": Kill(_FILE_STEP, _WRITE, after=True, of="serving.duckdb"),
    "kill-before-snapshot-settles": Kill(_FILE_STEP, _WRITE, 2, of="identity/published_households"),
    "kill-between-snapshots": Kill(_FILE_STEP, _WRITE, 2, of="identity/published.parquet"),
    "kill-before-kept-name": Kill(_FILE_STEP, "os:replace", of="publications/.0"),
    "kill-before-manifest": Kill(_FILE_STEP, "os:replace", of="serving.manifest.json"),
    "kill-before-old-goes": Kill(_FILE_STEP, "orchestration.serving.kept:Kept.prune"),
    "kill-pages": Kill(_PAGES, "report.build:_html", 5),
    "kill-before-pages": Kill(_PAGES, "orchestration.serving.site:_replace"),
    "kill-after-pages": Kill(_PAGES, "orchestration.serving.site:_replace", after=True),
    "kill-postgres-load": Kill(_POSTGRES, "orchestration.serving.postgres_load:_fill", 5),
    "kill-postgres-renames": Kill(_POSTGRES, "orchestration.serving.postgres_swap:_rename", 2),
    "kill-postgres-after-swap": Kill(_POSTGRES, "orchestration.serving.postgres_swap:_swap_now", after=True),
    "kill-rollback-record": Kill(_BACK, _WRITE, of=".rollback.pending"),
    "kill-rollback-rename": Kill(_BACK, _WRITE, of="serving.duckdb"),
    "kill-rollback-after-rename": Kill(_BACK, _WRITE, after=True, of="serving.duckdb"),
    "kill-rollback-postgres": Kill(_BACK, "orchestration.serving.postgres_swap:swap"),
    "kill-rollback-pages": Kill(_BACK, "orchestration.serving.site:_replace"),
}
_NIGHT_OF = re.compile(r'class="as-of">[^<]*?(\d{4}-\d\d-\d\d)')
_PLACES = {_FILE_STEP: "file", _PAGES: "pages", _POSTGRES: "postgres"}


@dataclass
class Chain:
    """The evening's marts are built; night 1 is published in all three places.

    reader: address of the database as a reader has it.
    """

    world: World
    environment: dict[str, str]
    reader: str
    first: int
    nights: dict[str, str]
    of_file: dict[str, dict[str, str]]

    def run(self, kill: Kill | None = None, select: str | None = "group:serving") -> Outcome:
        """Publish, or put the first publication back, and be killed on the way."""
        injections = []
        if kill:
            injections.append({"kind": "signal", **kill._asdict(), "step": "" if kill.step == _BACK else kill.step})
        if kill and kill.step == _BACK:
            return self.roll_back(injections)
        return self.world.run(select, injections, self.environment)

    def roll_back(self, injections: list | tuple = ()) -> Outcome:
        arguments = ["--to", str(self.first), "--by", "Ann", "--why", "a drill"]
        return self.world.start_command("rollback", arguments, injections, self.environment).end()

    def shown(self) -> dict[str, str]:
        """The night that each place shows; a mix or nothing is neither."""
        file = next((night for night, tables in self.of_file.items() if tables == self._file()), "neither")
        return {"file": file, "pages": self._night(self._pages()), "postgres": self._night(self._postgres())}

    def _night(self, found: set[str]) -> str:
        return next((night for night, day in self.nights.items() if found == {day}), f"neither: {found}")

    def _file(self) -> dict[str, str]:
        return {name: value for name, value in self.world.published().items() if name != "pipeline_runs"}

    def _pages(self) -> set[str]:
        pages = list(self.world.data.site.rglob("*.html"))
        assert (self.world.data.site / "index.html") in pages
        assert (self.world.data.site / "assets/vega.js").exists()
        return {day for page in pages for day in _NIGHT_OF.findall(page.read_text("utf-8"))}

    def _postgres(self) -> set[str]:
        with psycopg.connect(self.reader) as connection:
            told = connection.execute("select table_name, row_count, as_of::text from marts.publication").fetchall()
            counts = {name: connection.execute(f"select count(*) from marts.{name}").fetchone()[0] for name, *_ in told}
        assert counts == {name: rows for name, rows, _ in told}
        return {day for *_, day in told}


@pytest.fixture(scope="module")
def chain(world: World) -> Iterator[Chain]:
    """The evening of night 2: all is done but the publishing."""
    world.restore()
    password = secrets.token_hex(8)
    server = world.systems.postgres
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute("drop database if exists bi")
        for role in ("bi_publisher", "bi_person", "marts_reader"):
            connection.execute(f"drop role if exists {role}")
        connection.execute(f"create role bi_publisher login createrole password '{password}'")
        connection.execute("create database bi owner bi_publisher")
    environment = {"SERVING_POSTGRES_DSN": server.url("bi_publisher", password, "bi")}
    outcome = world.run("key:serving/serving_postgres or key:serving/site", environment=environment)
    assert outcome.status == 0, outcome.said
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute(f"create role bi_person login password '{password}' in role marts_reader")
    first = Kept.of(world.data).current()
    yesterday = {name: value for name, value in world.yesterday.items() if name != "pipeline_runs"}
    tonight = {
        name.removeprefix("marts."): value for name, value in world.expected.items() if name.startswith("marts.")
    }
    outcome = world.run("not group:serving and not group:backfill")
    assert outcome.status == 0, outcome.said
    yield Chain(
        world,
        environment,
        server.url("bi_person", password, "bi"),
        first.number,
        {YESTERDAY: str(first.as_of), TONIGHT: _night_of(world)},
        {YESTERDAY: yesterday, TONIGHT: tonight},
    )
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute("drop database bi")


def _night_of(world: World) -> str:
    with duckdb.connect(str(world.data.warehouse), read_only=True) as warehouse:
        return str(warehouse.sql("select as_of from staged.run_date").fetchone()[0])


@pytest.mark.parametrize("fault", PUBLICATIONS, ids=lambda fault: fault.name)
def test_wherever_it_is_killed_each_place_shows_one_night_whole(chain: Chain, fault: Fault) -> None:
    how, before = HOW[fault.name], chain.shown()
    expected = dict(before)
    wanted = TONIGHT if TONIGHT in fault.outcome else YESTERDAY
    if how.step == _BACK:
        done = {"kill-rollback-postgres": ("file",), "kill-rollback-pages": ("file", "postgres")}
        expected |= dict.fromkeys(done.get(fault.name, ("file",)), wanted)
    else:
        expected[_PLACES[how.step]] = wanted
    # Only the step's own asset: pages and PostgreSQL stay as the night before left them, while the file is drilled.
    select = f"key:{how.step.replace('__', '/')}" if how.step != _BACK else None
    outcome = chain.run(how, select)
    assert outcome.status == -signal.SIGKILL, outcome.said
    assert chain.shown() == expected, outcome.said


def test_a_roll_back_that_was_killed_is_finished_by_the_same_command(chain: Chain) -> None:
    """PostgreSQL and the pages follow, although the file is back already."""
    assert chain.shown()["file"] == YESTERDAY
    outcome = chain.roll_back()
    assert outcome.status == 0, outcome.said
    assert chain.shown() == dict.fromkeys(("file", "pages", "postgres"), YESTERDAY), outcome.said


def test_one_plain_night_after_all_kills_mends_every_place(chain: Chain) -> None:
    outcome = chain.run(select=None)
    assert outcome.status == 0, outcome.said
    assert chain.shown() == dict.fromkeys(("file", "pages", "postgres"), TONIGHT)
    world = chain.world
    assert world.kept() == world.expected
    kept = Kept.of(world.data)
    beside, current = read_manifest(kept.beside), kept.current()
    assert beside == current
    assert beside.sha256 == file_digest(world.data.serving) == file_digest(kept.path(current) / FILE)
    waiting = [str(path) for word in ("unfinished", "pending", "old") for path in world.data.root.rglob(f".*.{word}")]
    assert waiting == []
