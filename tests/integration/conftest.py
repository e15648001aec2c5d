"""What several tests of databases share: one PostgreSQL per file, and a source that reads it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_company.postgres import Postgres
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
