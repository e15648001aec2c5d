"""Dagster's event log for a run on the command line: the same SQLite files, on a connection that stays open.

A night writes some thousand events, several statements each. Dagster opens a connection and compiles the statement
anew for every one of them, and waits for the disk three times: more than a tenth of a whole night.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS


class KeptConnectionEventLog(SqliteEventLogStorage):
    """Dagster's own storage but for how it connects: one connection per file, used by one thread at a time."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: dict[str, sqlalchemy.Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: dict[str, str]) -> KeptConnectionEventLog:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            engine = self._engines.get(shard) or self._opened(shard)
            try:
                with engine.connect() as connection, connection.begin():
                    yield connection
            except Exception:  # what the connection is good for after that, nobody knows
                del self._engines[shard]
                engine.dispose()
                raise

    def _opened(self, shard: str) -> sqlalchemy.Engine:
        address, settings = self.conn_string_for_shard(shard), {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        if shard not in self._initialized_dbs:  # with several connections at once, as Dagster does it
            self._initdb(sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool, connect_args=settings))
            self._initialized_dbs.add(shard)
        engine = sqlalchemy.create_engine(
            address, poolclass=sqlalchemy.StaticPool, connect_args=settings | {"check_same_thread": False}
        )
        # Dagster writes ahead (WAL): so a killed process loses nothing, and a power cut the last events at most.
        sqlalchemy.event.listen(engine, "connect", lambda opened, _: opened.execute("pragma synchronous = normal"))
        self._engines[shard] = engine
        return engine

    def dispose(self) -> None:
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def kept_open(home: Path) -> dict[str, Any]:
    """Dagster's setting that puts this event log in the place of its own, in the same folder."""
    return {
        "event_log_storage": {
            "module": __name__,
            "class": KeptConnectionEventLog.__name__,
            "config": {"base_dir": str(home / "history" / "runs")},
        }
    }
