"""The demo company's systems, running: `with running(data_dir) as systems: ...`.

Builds the world when it is new, releases what had happened by `today`, starts the servers and stops what it
started. A second process on the same data folder and day shares the systems that already run.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from demo_company.helpdesk import Helpdesk, visible_rows
from demo_company.journey import FIRST_DAY, LAST_DAY
from demo_company.loading import ROLES
from demo_company.postgres import Postgres
from demo_company.release import State, release


class DemoError(RuntimeError):
    """The demo company cannot run as asked; the message says why and what to do."""


@dataclass(frozen=True)
class Systems:
    """What runs. `environment` holds the addresses and secrets a pipeline needs, and nothing else.

    `helpdesk` and `postgres` are None when another process of this machine serves them.
    """

    environment: dict[str, str]
    today: date
    helpdesk: Helpdesk | None
    postgres: Postgres | None


@contextmanager
def running(
    data_dir: Path | str,
    households: int | None = None,
    today: date | str | None = None,
    seed: int = 2017,
    report: Callable[[str], None] = print,
) -> Iterator[Systems]:
    """The demo's systems as they were at the end of `today` (default: the end of the data)."""
    day = _day(today)
    home = Path(data_dir).resolve() / "demo"
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("a+") as lock:
        if not _own(lock):
            yield _shared(home, households, day, seed)
            return
        with _started(home, households, day, seed, report) as systems:
            yield systems


def _day(today: date | str | None) -> date:
    if today is None:
        return LAST_DAY
    try:
        day = date.fromisoformat(today) if isinstance(today, str) else today
    except ValueError:
        raise DemoError(f"DEMO_TODAY must be a date such as 2017-11-30, not {today!r}.") from None
    if day < FIRST_DAY:
        raise DemoError(f"DEMO_TODAY is {day}, but the demo's data begin on {FIRST_DAY}.")
    return min(day, LAST_DAY)


def _own(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _shared(home: Path, households: int | None, day: date, seed: int) -> Systems:
    """The systems another process runs; refused when they show another day or another world."""
    try:
        shown = json.loads((home / "running.json").read_text())
    except FileNotFoundError:
        raise DemoError(f"Another process is just starting the demo company in {home}: try again soon.") from None
    asked = {"today": str(day), "households": households, "seed": seed}
    differs = [f"{name} {shown[name]}, not {value}" for name, value in asked.items() if shown[name] != value]
    if differs:
        raise DemoError(
            f"The demo company already runs in {home} (process {shown['pid']}) with {'; '.join(differs)}. "
            "Stop that process first, or set PIPELINE_DATA_DIR to another folder."
        )
    return Systems(shown["environment"], day, None, None)


@contextmanager
def _started(
    home: Path, households: int | None, day: date, seed: int, report: Callable[[str], None]
) -> Iterator[Systems]:
    secret = _secrets(home / "credentials.json")
    server = Postgres(home / "postgres", secret["admin"])
    shown = home / "running.json"
    shown.unlink(missing_ok=True)
    helpdesk = None
    try:
        release(State(home, households, seed), server, secret, day, report)
        started = time.monotonic()
        world = home / "world"
        helpdesk = Helpdesk({name: visible_rows(world, name, day) for name in ("users", "tickets")}, secret["helpdesk"])
        environment = {f"{name.upper()}_DATABASE_URL": server.url(role, secret[role]) for name, role in ROLES.items()}
        environment |= {
            "HELPDESK_URL": helpdesk.url,
            "HELPDESK_TOKEN": secret["helpdesk"],
            "DROP_DIR": str(home / "drop"),
            "TRUTH_DIR": str(home / "truth"),
            "PIPELINE_TOKEN_KEY": secret["token_key"],
            "PIPELINE_TODAY": str(day),
        }
        asked = {"today": str(day), "households": households, "seed": seed}
        _write_private(shown, {"pid": os.getpid(), "environment": environment} | asked)
        report(f"demo company: open as of {day} ({time.monotonic() - started:.1f} s)")
        yield Systems(environment, day, helpdesk, server)
    finally:
        shown.unlink(missing_ok=True)
        if helpdesk is not None:
            helpdesk.stop()
        server.stop()


def _secrets(path: Path) -> dict[str, str]:
    """Passwords, token and token key of this installation, drawn once and readable by its owner only."""
    if not path.exists():
        names = ("admin", *ROLES.values(), "helpdesk")
        _write_private(path, {name: secrets.token_urlsafe(24) for name in names})
    kept = json.loads(path.read_text())
    if "token_key" not in kept:  # a folder of an earlier version keeps its passwords
        kept["token_key"] = secrets.token_urlsafe(48)
        _write_private(path, kept)
    return kept


def _write_private(path: Path, content: dict[str, Any]) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    os.replace(unfinished, path)
