"""The two targets to connect to, published for the check alone: a folder of its own, a PostgreSQL of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import sql

from demo_company.postgres import Postgres as Server
from orchestration.serving.declaration import PostgresDeclaration
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.manifest import VIEW, Keys, Manifest
from orchestration.serving.postgres import Postgres
from orchestration.serving.publish import Night, publish

Rows = list[tuple[Any, ...]]
# Superset's settings for the file: nobody writes, and a question may read this file and no other of the machine.
READ_ONLY = {"read_only": True, "config": {"enable_external_access": "false"}}


@dataclass(frozen=True)
class Target:
    """A database that readers read.

    Args:
        name: of the target.
        address: for SQLAlchemy 1.4, as Superset takes it.
        connect_args: what Superset passes to the driver.
        ask: an answer straight from the tables, over a connection of its own.
    """

    name: str
    address: str
    connect_args: dict[str, Any]
    ask: Callable[[str], Rows]


class Publications:
    """Publishes to both targets from a folder that holds nothing else."""

    def __init__(self, folder: Path, postgres: Postgres) -> None:
        self.kept = Kept(folder / "publications", folder / "serving.duckdb", keep=2)
        self._folder, self._postgres = folder, postgres

    def publish(self, marts: Path) -> Manifest:
        """Publish the schema `marts` of a database."""
        with duckdb.connect(str(marts), read_only=True) as connection:
            tables = connection.sql("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
            night = connection.sql(f"select max(as_of), max(run_id) from marts.{VIEW}").fetchone()
        keys = {name: Keys() for (name,) in tables}
        manifest = publish(marts, self.kept, Night(night[1], night[0]), keys)
        self._postgres.publish(self.kept.path(manifest) / FILE, manifest)
        return manifest

    def publish_changed(self, statements: str) -> Manifest:
        """Publish what is published with a change: SQL on the schema `marts`."""
        changed = self._folder / "changed.duckdb"
        changed.write_bytes(self.kept.served.read_bytes())
        with duckdb.connect(str(changed)) as connection:
            connection.execute(statements)
        return self.publish(changed)


@contextmanager
def published(folder: Path, marts: Path) -> Iterator[tuple[Publications, list[Target]]]:
    """Both targets with the marts of a published file in them; PostgreSQL is read by the role a BI tool gets."""
    password = secrets.token_urlsafe(24)
    server = Server(folder / "postgres", password)
    server.start()
    try:
        declared = PostgresDeclaration()
        publications = Publications(folder, Postgres(server.url("company_admin", password, "postgres"), declared))
        publications.publish(marts)
        with server.connect("postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("create role bi login password {}").format(sql.Literal(password)))
            admin.execute(sql.SQL("grant {} to bi").format(sql.Identifier(declared.reader_role)))
        address = server.url("bi", password, "postgres")
        file = publications.kept.served
        yield (
            publications,
            [
                Target("duckdb", f"duckdb:///{file.resolve()}", READ_ONLY, lambda question: _ask_file(file, question)),
                Target(
                    "postgresql",
                    address.replace("postgresql://", "postgresql+psycopg2://"),
                    {},
                    lambda question: _ask_postgres(address, question),
                ),
            ],
        )
    finally:
        server.stop()


def _ask_file(file: Path, question: str) -> Rows:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(question).fetchall()


def _ask_postgres(address: str, question: str) -> Rows:
    with psycopg.connect(address) as connection:
        return connection.execute(question).fetchall()
