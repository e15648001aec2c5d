"""The demo company's systems as they run: passwords, the HTTP interface, later days, and a clean end."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from demo_company.systems import DemoError, Systems, running

HOUSEHOLDS = 40
DAY, LATER = "2017-06-14", "2017-07-05"


def quiet(text: str) -> None:
    """No progress lines in tests."""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Not pytest's own folder: another pytest session closes that to the server's system user half-way."""
    with tempfile.TemporaryDirectory(prefix="company-") as folder:
        yield Path(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder for one test."""
    with tempfile.TemporaryDirectory(prefix="company-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def systems(home: Path) -> Iterator[Systems]:
    with running(home, households=HOUSEHOLDS, today=DAY, report=quiet) as started:
        yield started


def ask(systems: Systems, path: str, token: str | None = None) -> tuple[int, dict[str, Any]]:
    token = systems.environment["HELPDESK_TOKEN"] if token is None else token
    request = urllib.request.Request(systems.environment["HELPDESK_URL"] + path)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as problem:
        return problem.code, json.load(problem)


def fingerprints(environment: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Rows and a digest of every table of both systems."""
    found = {}
    for schema in ("erp", "crm"):
        with psycopg.connect(environment[f"{schema.upper()}_DATABASE_URL"]) as connection:
            tables = connection.execute(
                "select table_name from information_schema.tables where table_schema = %s order by 1",
                [schema],
            ).fetchall()
            for (name,) in tables:
                found[f"{schema}.{name}"] = connection.execute(
                    f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from {schema}.{name} t"
                ).fetchone()
    return found


def test_postgres_refuses_a_wrong_password(systems: Systems) -> None:
    url = systems.environment["ERP_DATABASE_URL"]
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(password, "wrong"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace(f":{password}", ""), passfile="/dev/null")


@pytest.mark.parametrize(("system", "own", "foreign"), [("ERP", "erp.orders", "crm.contacts"),
                                                        ("CRM", "crm.contacts", "erp.orders")])  # fmt: skip
def test_a_reader_reads_its_own_system_only(systems: Systems, system: str, own: str, foreign: str) -> None:
    with psycopg.connect(systems.environment[f"{system}_DATABASE_URL"], autocommit=True) as connection:
        assert connection.execute(f"select count(*) from {own}").fetchone()[0] > 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select count(*) from {foreign}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"delete from {own}")


def test_postgres_has_written_what_it_confirmed(systems: Systems) -> None:
    """A server that confirms first and writes later loses its newest rows when it is killed."""
    with psycopg.connect(systems.environment["ERP_DATABASE_URL"]) as connection:
        assert connection.execute("show synchronous_commit").fetchone()[0] == "on"


def test_postgres_holds_nothing_of_the_future(systems: Systems) -> None:
    with psycopg.connect(systems.environment["ERP_DATABASE_URL"]) as connection:
        newest = connection.execute("select max(updated_at)::date::text from erp.orders").fetchone()[0]
        with_key = connection.execute(
            "select count(*) from pg_index inner join pg_class on pg_class.oid = indrelid "
            "inner join pg_namespace on pg_namespace.oid = relnamespace "
            "where nspname = 'erp' and indisprimary"
        ).fetchone()[0]
    assert "2017-06-10" <= newest <= DAY
    assert with_key == 9


def test_the_helpdesk_wants_its_token(systems: Systems) -> None:
    assert ask(systems, "/api/users", token="")[0] == 401
    assert ask(systems, "/api/users", token="guess")[0] == 401
    assert ask(systems, "/api/users")[0] == 200


def test_pages_together_hold_every_row_once_in_order(systems: Systems) -> None:
    rows, page = [], 1
    while page:
        status, body = ask(systems, f"/api/tickets?page={page}&per_page=7")
        assert status == 200 and len(body["data"]) <= 7 and body["page"] == page
        rows += body["data"]
        page = body["next_page"]
    assert len(rows) == body["total"] == len({row["ticket_id"] for row in rows}) > 14
    places = [(row["updated_at"], row["ticket_id"]) for row in rows]
    assert places == sorted(places)
    assert max(row["updated_at"] for row in rows) < "2017-06-15"


def test_updated_since_gives_that_moment_and_what_came_after(systems: Systems) -> None:
    every = ask(systems, "/api/tickets?per_page=1000")[1]["data"]
    since = every[len(every) // 2]["updated_at"]
    for written in (since, since.replace("Z", "%2B00:00"), since.replace("Z", "+00:00")):
        body = ask(systems, f"/api/tickets?per_page=1000&updated_since={written}")[1]
        assert body["data"] == [row for row in every if row["updated_at"] >= since]
    assert ask(systems, "/api/tickets?updated_since=2099-01-01")[1] == {
        "data": [], "page": 1, "next_page": None, "total": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/users?page=0", 400), ("/api/users?per_page=many", 400), ("/api/users?updated_since=soon", 400),
     ("/api/secrets", 404), ("/users", 404)],
)  # fmt: skip
def test_bad_requests_are_told_what_is_wrong(systems: Systems, path: str, status: int) -> None:
    answer, body = ask(systems, path)
    assert answer == status
    assert body["error"]


def test_the_helpdesk_can_be_made_to_fail(systems: Systems) -> None:
    systems.helpdesk.fail_with(500)
    try:
        assert ask(systems, "/api/users")[0] == 500
    finally:
        systems.helpdesk.fail_with(None)
    assert ask(systems, "/api/users")[0] == 200


def test_a_second_user_of_the_same_day_shares_and_of_another_day_is_refused(systems: Systems, home: Path) -> None:
    with running(home, households=HOUSEHOLDS, today=DAY, report=quiet) as shared:
        assert shared.environment == systems.environment
    assert ask(systems, "/api/users")[0] == 200
    with (
        pytest.raises(DemoError, match="2017-06-14"),
        running(home, households=HOUSEHOLDS, today=LATER, report=quiet),
    ):
        pass


def test_secrets_are_for_the_owner_only(systems: Systems, home: Path) -> None:
    for name in ("credentials.json", "running.json"):
        assert (home / "demo" / name).stat().st_mode & 0o077 == 0


def test_a_later_day_adds_and_equals_a_fresh_start_on_that_day(folder: Path) -> None:
    with running(folder / "grown", households=20, today=DAY, report=quiet) as first:
        before = fingerprints(first.environment)
        tickets = ask(first, "/api/tickets")[1]["total"]
    with running(folder / "grown", households=20, today=DAY, report=quiet) as same:
        assert fingerprints(same.environment) == before
    with running(folder / "grown", households=20, today=LATER, report=quiet) as later:
        grown = fingerprints(later.environment)
        assert ask(later, "/api/tickets")[1]["total"] > tickets
    with running(folder / "fresh", households=20, today=LATER, report=quiet) as fresh:
        assert fingerprints(fresh.environment) == grown
    assert grown["erp.orders"][0] > before["erp.orders"][0]
    assert grown["erp.products"] == before["erp.products"]
    truths = [(folder / name / "demo" / "truth" / "records.parquet").read_bytes() for name in ("grown", "fresh")]
    assert truths[0] == truths[1]
    with running(folder / "grown", households=20, today=DAY, report=quiet) as back:
        assert fingerprints(back.environment) == before


def test_everything_started_is_stopped_also_after_a_failure(folder: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        running(folder, households=5, today=DAY, report=quiet) as started,
    ):
        pid = _postmaster(folder)
        raise ZeroDivisionError
    assert _gone(pid)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(started.environment["ERP_DATABASE_URL"], connect_timeout=2)
    with pytest.raises(urllib.error.URLError):
        ask(started, "/api/users")
    assert not (folder / "demo" / "running.json").exists()


def _postmaster(folder: Path) -> int:
    return int((folder / "demo" / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def _gone(pid: int) -> bool:
    """Ended; in a container nobody may have taken its exit status yet."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_start_recovers_from_a_killed_server_and_from_a_server_left_behind(folder: Path) -> None:
    with running(folder, households=5, today=DAY, report=quiet) as started:
        before = fingerprints(started.environment)
        os.kill(_postmaster(folder), signal.SIGKILL)
    note = folder / "demo" / "postgres" / "postmaster.pid"
    lines = note.read_text().splitlines()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")  # its number went to another program
    with running(folder, households=5, today=DAY, report=quiet) as again:
        assert fingerprints(again.environment) == before
        files = sorted(Path(again.environment["DROP_DIR"]).rglob("*"))
    for name in ("postgres", "drop"):  # someone cleared a part by hand
        shutil.rmtree(folder / "demo" / name)
    with running(folder, households=5, today=DAY, report=quiet) as refilled:
        assert fingerprints(refilled.environment) == before
        assert sorted(Path(refilled.environment["DROP_DIR"]).rglob("*")) == files


def test_a_build_that_broke_off_is_done_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half_a_world(world: Path, households: int | None, seed: int) -> None:
        world.mkdir()
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr("demo_company.world.build", half_a_world)
        with pytest.raises(OSError, match="disk full"):
            running(folder, households=5, today=DAY, report=quiet).__enter__()
    with running(folder, households=5, today=DAY, report=quiet) as systems:
        assert ask(systems, "/api/users")[1]["total"] > 0


SCRIPT = "import os, sys; print(os.environ['HELPDESK_URL'], os.path.isdir(os.environ['DROP_DIR'])); sys.exit(7)"


def serve(home: Path, *command: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "PIPELINE_DATA_DIR": str(home),
        "DEMO_HOUSEHOLDS": str(HOUSEHOLDS),
        "DEMO_TODAY": DAY,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "demo_company", "serve", "--", *command],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_the_command_gets_the_addresses_and_its_exit_code_comes_back(folder: Path) -> None:
    process = serve(folder, sys.executable, "-c", SCRIPT)
    output, problems = process.communicate(timeout=60)
    assert process.returncode == 7, problems
    assert "http://127.0.0.1:" in output and "True" in output
    assert "demo company: ready after" in output


def test_a_terminated_run_stops_its_systems(folder: Path) -> None:
    process = serve(folder, sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
    for line in process.stdout:
        if line.startswith("up"):
            break
    pid = _postmaster(folder)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
    assert _gone(pid)


def test_a_wrong_day_is_one_clear_line(folder: Path) -> None:
    with pytest.raises(DemoError, match="DEMO_TODAY must be a date such as 2017-11-30, not 'tomorrow'"):
        running(folder, today="tomorrow", report=quiet).__enter__()
    with pytest.raises(DemoError, match="the demo's data begin on 2017-01-01"):
        running(folder, today="2016-05-01", report=quiet).__enter__()
