"""Reaching a database: its address, one connection for small questions, ConnectorX for rows.

Belongs here: opening, asking, reading. Does not belong here: which rows to ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

import connectorx
import pyarrow as pa
import sqlalchemy

from orchestration.raw.declaration.sql import SqlSource
from orchestration.raw.errors import SourceError
from orchestration.raw.sql import mysql, postgresql
from orchestration.raw.sql.columns import Column
from orchestration.raw.sql.failures import explained_by_database

_CONNECT_TIMEOUT_S = 10
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
_DIALECTS = {"postgresql": postgresql, "mysql": mysql}


class Database:
    """One source's database, while it is pulled.

    Raises:
        SourceError: its location is no address of a database that can be read.
    """

    def __init__(self, declaration: SqlSource) -> None:
        self.declaration = declaration
        self.url = _address(declaration)
        try:
            self._engine = sqlalchemy.create_engine(
                self.url,
                connect_args={"connect_timeout": _CONNECT_TIMEOUT_S},
                poolclass=sqlalchemy.NullPool,
                pool_reset_on_return=None,  # nothing to roll back; on a lost connection its log holds a trace
            )
        except (ImportError, sqlalchemy.exc.NoSuchModuleError):
            raise _unusable(
                declaration,
                f"no driver for {self.url.get_backend_name()} is installed",
                "name a PostgreSQL, MySQL or MariaDB database, or have the system export files",
            ) from None
        if self.url.get_backend_name() not in _DIALECTS:
            raise _unusable(
                declaration,
                f"a {self.url.get_backend_name()} database can't be read",
                "name a PostgreSQL, MySQL or MariaDB database, or have the system export files",
            )
        self.dialect: ModuleType = _DIALECTS[self.url.get_backend_name()]
        self._connection: Any = None
        # Parameters that ConnectorX does not know make it fail, and the other driver reads.
        address = self.url.set(drivername=self.url.get_backend_name()).difference_update_query(["charset"])
        self._fast_address: str | None = address.render_as_string(hide_password=False)

    def ask(self, query: str, table: str = "*") -> list[tuple[Any, ...]]:
        """The rows of a small question.

        Raises:
            SourceError: the database is out of reach, refuses the login, or can't answer.
        """
        try:
            cursor = self._open().cursor()
            try:
                cursor.execute(query)
                return list(cursor.fetchall())
            finally:
                cursor.close()
        except Exception as error:
            self.close()
            raise explained_by_database(self.declaration, table, error, self.url) from None

    def read(self, query: str, columns: Sequence[Column], table: str) -> pa.Table:
        """The rows of a query that selects the expressions of `columns`, in the types these are read as.

        ConnectorX reads them; if it fails, the driver that asks small questions does, from then on.

        Raises:
            SourceError: the database can't answer.
        """
        if self._fast_address is not None:
            try:
                rows = connectorx.read_sql(
                    self._fast_address, query, return_type="arrow", pre_execution_query=list(self.dialect.SESSION)
                )
                return rows.rename_columns([column.name for column in columns])
            except BaseException as error:  # a panic of Rust is no Exception
                if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                    raise
                self._fast_address = None
        answers = self.ask(query, table)
        values = zip(*answers, strict=True) if answers else [[] for _ in columns]
        arrays = [
            pa.array(map(_plain, of_column), column.read_as) for of_column, column in zip(values, columns, strict=True)
        ]
        return pa.table(dict(zip((column.name for column in columns), arrays, strict=True)))

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
        self._connection = None

    def _open(self) -> Any:
        if self._connection is None:
            connection = self._engine.raw_connection()
            connection.driver_connection.autocommit = True if self.dialect is postgresql else None
            self._connection = connection
            cursor = connection.cursor()
            for setting in self.dialect.SESSION:
                cursor.execute(setting)
            cursor.close()
        return self._connection


def _plain(value: Any) -> Any:
    """Numbers of decimal kind that stand for whole ones, as MySQL computes them."""
    return int(value) if type(value).__name__ == "Decimal" else value


def _address(declaration: SqlSource) -> sqlalchemy.URL:
    text = declaration.resolve(declaration.location)
    try:
        url = sqlalchemy.make_url(text)
        if text.count("@") > 1:
            raise ValueError("an @ inside the password would be read as the end of it")
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise _unusable(
            declaration,
            "its location is not a database URL",
            "write it as postgresql://user:password@host:port/database (or mysql://…), with @ : / in the password"
            " as %40 %3A %2F",
        ) from None
    kind = url.get_backend_name()
    driver = _DRIVERS.get("postgresql" if kind == "postgres" else kind)
    if driver is None:
        return url
    url = url.set(drivername=driver)
    return url.update_query_dict({"charset": "utf8mb4"}) if driver.startswith("mysql") else url


def _unusable(declaration: SqlSource, what: str, remedy: str) -> SourceError:
    return SourceError(declaration.source, "*", what, remedy)
