"""Apache Superset itself, on both publish targets of a small generated shop: its numbers are those of the tables."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.serving.shop import LAST_DAY, write
from bi.superset.check import check
from bi.superset.server import is_installed

pytestmark = pytest.mark.skipif(not is_installed(), reason="Superset is missing: make superset-environment")


@pytest.fixture
def marts(tmp_path: Path) -> Path:
    """What a publication of a generated shop says, with its view `publication`."""
    file = tmp_path / "shop.duckdb"
    write(file, 20_000)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"create view marts.publication as select date '{LAST_DAY}' as as_of, 'run-of-a-test' as run_id"
        )
    return file


def test_superset_shows_what_the_tables_say_on_both_targets_and_after_the_next_publication(
    marts: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    said: list[str] = []
    wrong = check(marts, tmp_path_factory.mktemp("superset"), said.append)
    assert wrong == [], said
    charts = [line for line in said if " rows, " in line]
    assert len(said) == 30 and len(charts) == 22
    assert not [line for line in charts if ": 0 rows" in line]
