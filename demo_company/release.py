"""Brings a data folder to a day: builds the world when needed, then adds what became visible since.

`state.json` says what is there. Going back to an earlier day, or to another slice or seed, starts afresh.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from demo_company.postgres import Postgres

# Modules that run the systems but do not decide what they hold.
_SHAPELESS = ("__main__", "systems", "postgres", "helpdesk")
_NEWEST = "qualify row_number() over (partition by source_system, source_key order by visible_at desc) = 1"
_PARTS = ("postgres", "drops", "promotions", "truth")
_TRUTH = ("records", "persons", "churn", "campaign_effects", "holdouts", "broken_rows", "identifiers", "sensitive")


class State:
    """What a data folder shows: which world, and up to which day PostgreSQL, drops and truth have it."""

    def __init__(self, home: Path, households: int | None, seed: int) -> None:
        self.home, self.households, self.seed = home, households, seed
        self._path = home / "state.json"
        self._lock = Lock()
        self._kept: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def is_built(self, fingerprint: str) -> bool:
        """Whether the kept world is the one that this code, slice and seed would build."""
        return self._kept.get("world") == [fingerprint, self.households, self.seed]

    def note_built(self, fingerprint: str) -> None:
        """The world of this code, slice and seed is complete."""
        self._change(lambda kept: kept.update(world=[fingerprint, self.households, self.seed]))

    def released(self, part: str) -> date | None:
        """The day up to which a part (postgres, drops, truth) shows the world; None: nothing yet."""
        day = self._kept.get(part)
        return date.fromisoformat(day) if day else None

    def forget(self, *parts: str) -> None:
        """These parts show nothing any more."""
        self._change(lambda kept: [kept.pop(part, None) for part in parts])

    def mark(self, part: str, day: date) -> None:
        """The part shows everything up to the end of the day."""
        self._change(lambda kept: kept.update({part: str(day)}))

    def _change(self, how: Callable[[dict[str, Any]], object]) -> None:
        with self._lock:  # PostgreSQL and the drops are filled side by side
            how(self._kept)
            unfinished = self._path.with_name("state.json.part")
            unfinished.write_text(json.dumps(self._kept, indent=1))
            os.replace(unfinished, self._path)


def fingerprint() -> str:
    """Changes with the code that shapes the world: a kept world of older code is of no use."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _SHAPELESS:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def release(
    state: State, server: Postgres, secrets: dict[str, str], today: date, report: Callable[[str], None]
) -> None:
    """Starts the server and brings everything to the end of `today`."""
    home, key = state.home, fingerprint()
    for part, folder in (("drops", "drop"), ("promotions", "drop"), ("truth", "truth"), ("world", "world")):
        if not (home / folder).exists():
            state.forget(part)
    if not state.is_built(key):
        state.forget("world", *_PARTS)
        _clear(home, "drop", "truth", "world")
    elif any((state.released(part) or today) > today for part in _PARTS):
        report(f"demo company: going back to {today}, releasing again")
        state.forget(*_PARTS)
        _clear(home, "drop", "truth")
    with ThreadPoolExecutor(3) as pool:
        # At full size the promotions need nothing of the world: they are written while it is being built.
        early = [pool.submit(_promotions, state, today, report)] if state.households is None else []
        starting = pool.submit(_start, server, report)
        if not state.is_built(key):
            _build(state, report)
            state.note_built(key)
        if starting.result():
            state.forget("postgres")
        jobs = [pool.submit(job, state, server, secrets, today, report) for job in (_postgres, _drops)]
        late = [] if early else [pool.submit(_promotions, state, today, report)]
        for job in (*early, *jobs, *late):
            job.result()
    _truth(state, today)


def _start(server: Postgres, report: Callable[[str], None]) -> bool:
    """Whether the server is new, and therefore empty."""
    with _step("PostgreSQL started", report):
        return server.start()


def _build(state: State, report: Callable[[str], None]) -> None:
    from demo_company.world import build

    with _step("a year of the demo company simulated", report):
        build(state.home / "world", state.households, state.seed)


def _postgres(
    state: State, server: Postgres, secrets: dict[str, str], today: date, report: Callable[[str], None]
) -> None:
    released = state.released("postgres")
    if released == today:
        return
    from demo_company.loading import load, reset

    with _step("PostgreSQL loaded", report):
        if released is None:
            reset(server, secrets)
        load(server, state.home / "world", released, today)
    state.mark("postgres", today)


def _drops(state: State, server: Postgres, secrets: dict[str, str], today: date, report: Callable[[str], None]) -> None:
    released = state.released("drops")
    if released == today:
        return
    from demo_company.drops import drop_files

    with _step("files dropped", report):
        drop_files(state.home / "world", state.home / "drop", released, today)
    state.mark("drops", today)


def _promotions(state: State, today: date, report: Callable[[str], None]) -> None:
    if state.released("promotions") == today:
        return
    from demo_company.drops import drop_promotions

    with _step("promotions dropped", report):
        drop_promotions(state.home / "world", state.home / "drop", state.households is not None, today)
    state.mark("promotions", today)


def _truth(state: State, today: date) -> None:
    """What is true as of the day: what cannot be seen yet is left out; of records, the newest state."""
    if state.released("truth") == today:
        return
    folder = state.home / "truth"
    folder.mkdir(exist_ok=True)
    with duckdb.connect() as con:
        for name in _TRUTH:
            source = f"read_parquet('{state.home}/world/truth_{name}.parquet')"
            timed = "visible_at" in con.sql(f"select * from {source} limit 0").columns
            query = f"select * from {source}"
            if timed:
                newest = _NEWEST if name == "records" else ""
                query = f"""select * exclude (visible_at) from {source}
                    where visible_at < timestamp '{today + timedelta(1)}' {newest} order by all"""
            con.execute(f"copy ({query}) to '{folder / name}.parquet.part' (format parquet)")
            os.replace(folder / f"{name}.parquet.part", folder / f"{name}.parquet")
    state.mark("truth", today)


def _clear(home: Path, *folders: str) -> None:
    for name in folders:
        shutil.rmtree(home / name, ignore_errors=True)


@contextmanager
def _step(text: str, report: Callable[[str], None]) -> Iterator[None]:
    started = time.monotonic()
    yield
    report(f"demo company: {text} ({time.monotonic() - started:.1f} s)")
