"""What several tests of databases share: one PostgreSQL per file, and a source that reads it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo_company.postgres import Postgres
from orchestration.serving.declaration import PostgresDeclaration
from orchestration.serving.postgres import Postgres as Target
from tests.integration.chromium import CHROMIUM, is_here
from tests.integration.served_postgres import numbers
from tests.integration.shop import PASSWORD


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL of the file's own; not below pytest's folders, which are closed to the server's system user."""
    with tempfile.TemporaryDirectory(prefix="sql-") as folder:
        postgres = Postgres(Path(folder) / "postgres", PASSWORD)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()


@pytest.fixture
def database(server: Postgres) -> str:
    """A new database and its owner, who may create roles in it but is no administrator."""
    name = f"company_{next(numbers)}"
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute(f"create role {name} login createrole password '{PASSWORD}'")
        connection.execute(f"create database {name} owner {name}")
    return server.url(name, PASSWORD, name)


@pytest.fixture
def target(database: str) -> Target:
    """The target PostgreSQL of a test's own."""
    return Target(database, PostgresDeclaration(reader_role=f"reader_{next(numbers)}", patience="1 minutes"))


@pytest.fixture
def look(database: str) -> Iterator[psycopg.Connection]:
    """Its owner's own connection."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page, and at the end: nothing was on its console, nothing came from elsewhere than this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(f"{tab.url}: {message.text}"))
    tab.on("pageerror", lambda error: complaints.append(f"{tab.url}: {error}"))
    tab.on("request", lambda request: is_here(request.url) or complaints.append(request.url))
    yield tab
    context.close()
    assert complaints == []
