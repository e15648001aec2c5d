"""No direct identifier is in what is published, in the UI's records or in what a run prints."""

import duckdb
import pytest

from tests.e2e.conftest import Company

# Words that are a name and also an ordinary word (Rose, Baker, Young) are looked for as whole values only.
_WHOLE_VALUE_KINDS = ("given_name", "family_name")
_SHORTEST = 6


@pytest.fixture(scope="module")
def known(company: Company) -> list[tuple[str, str]]:
    return duckdb.sql(
        f"select distinct kind, lower(value) from '{company.truth}/identifiers.parquet' where length(trim(value)) > 0"
    ).fetchall()


def test_there_is_something_to_look_for(known):
    kinds = {kind for kind, _ in known}
    assert {"name", "email", "phone", "street"} <= kinds
    assert len(known) > 1000


def test_no_published_text_holds_an_identifier(company, known):
    with duckdb.connect(str(company.data.serving), read_only=True) as serving:
        cells: set[str] = set()
        columns = serving.sql(
            "select table_name, column_name from information_schema.columns where data_type = 'VARCHAR'"
        ).fetchall()
        for table, column in columns:
            cells |= {
                value
                for (value,) in serving.sql(
                    f'select distinct lower("{column}") from marts."{table}" where "{column}" is not null'
                ).fetchall()
            }
    assert len(cells) > 1000
    whole = {value for _, value in known}
    assert cells & {value for kind, value in known if kind not in _WHOLE_VALUE_KINDS} == set()
    text = "\n".join(sorted(cells))
    inside = [
        (kind, value)
        for kind, value in known
        if kind not in _WHOLE_VALUE_KINDS and len(value) >= _SHORTEST and value in text
    ]
    assert inside == []
    assert whole


def test_no_record_of_a_run_holds_an_identifier(company, known):
    """The event log, the metadata and the plots of the UI, as stored."""
    contacts = [value.encode() for kind, value in known if kind in ("email", "phone") and len(value) >= 8]
    stored = b"".join(
        path.read_bytes().lower() for path in sorted(company.data.dagster_home.rglob("*")) if path.is_file()
    )
    assert len(stored) > 100_000
    assert [value for value in contacts if value in stored] == []


def test_the_published_file_holds_marts_only(company):
    with duckdb.connect(str(company.data.serving), read_only=True) as serving:
        schemas = {name for (name,) in serving.sql("select distinct schema_name from duckdb_tables()").fetchall()}
    assert schemas == {"marts"}
