"""Dagster's record of a run's events, with its files kept open from one event to the next.

A night has some 900 events, and Dagster's own storage opens SQLite anew for each of them, for seconds in all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sql import create_engine
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

_MOST_OPEN = 4  # tonight's run and the index are written; the UI looks at a few more
_PATIENCE_S = 60  # for a file that another process of Dagster writes at this moment


class RunEvents(SqliteEventLogStorage):
    """`SqliteEventLogStorage` on the same files; only how long a connection lives is another."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._engines: dict[str, Engine] = {}
        super().__init__(*arguments, **named)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "RunEvents":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            while len(self._engines) >= _MOST_OPEN:
                self._engines.pop(next(iter(self._engines))).dispose()
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,  # one connection for all threads: the lock lets one in at a time
                connect_args={"timeout": _PATIENCE_S, "check_same_thread": False},
            )
            self._initdb(engine)
            self._engines[shard] = engine
        self._engines[shard] = self._engines.pop(shard)  # last used, last closed
        return self._engines[shard]

    def wipe(self) -> None:
        self._close()
        super().wipe()
        self._close()

    def dispose(self) -> None:
        self._close()
        super().dispose()

    def _close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
