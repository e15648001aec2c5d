"""No direct identifier is in what is published, in the UI's records or in what a failing run says."""

import base64
import gzip
import json
import secrets
import shutil
import zlib
from pathlib import Path

import duckdb
import psycopg
import pytest

from orchestration.serving.declaration import PostgresDeclaration
from orchestration.serving.kept import Kept
from orchestration.serving.postgres import Postgres
from tests.e2e.conftest import Company
from tests.e2e.hidden import Search, contents

# Names that are ordinary words in the catalogue as well: a package size, not a person.
_ALSO_A_WORD = {("given_name", "bin")}
# Given and family names alone are words such as Rose or Baker: as a whole cell they are found, inside a text they
# would be found in every catalogue.
_WHOLE_CELL_ONLY = {"given_name", "family_name"}
_SHORTEST_LATIN, _SHORTEST_CHINESE, _SHORTEST_NUMBER = 6, 2, 9

Known = set[tuple[str, str]]


@pytest.fixture(scope="module")
def known(company: Company) -> Known:
    """Every identifier of the truth, also in its broken forms, in lower case: (kind, value)."""
    rows = duckdb.sql(
        f"select kind, lower(trim(value)) from '{company.truth}/identifiers.parquet' where trim(value) <> ''"
    ).fetchall()
    return set(rows) - _ALSO_A_WORD


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def found_in(cells: set[str], known: Known) -> Known:
    """The identifiers that are a cell, part of a cell's text, or a cell's digits."""
    found = {(kind, value) for kind, value in known if value in cells}
    text = "\n".join(sorted(cell for cell in cells if not cell.replace(".", "").replace("-", "").isdigit()))
    for kind, value in known:
        shortest = _SHORTEST_LATIN if value.isascii() else _SHORTEST_CHINESE
        if kind not in _WHOLE_CELL_ONLY and len(value) >= shortest and value in text:
            found.add((kind, value))
    numbers = {_digits(cell) for cell in cells}
    found |= {
        (kind, value)
        for kind, value in known
        if kind == "phone" and len(_digits(value)) >= _SHORTEST_NUMBER and _digits(value) in numbers
    }
    return found


def cells_of(serving: Path) -> set[str]:
    """Every distinct value of every column of every published table, as text in lower case."""
    with duckdb.connect(str(serving), read_only=True) as connection:
        columns = connection.sql(
            "select table_schema, table_name, column_name from information_schema.columns"
            " where table_schema not in ('information_schema', 'pg_catalog')"
        ).fetchall()
        return {
            value
            for schema, table, column in columns
            for (value,) in connection.sql(
                f'select distinct lower(trim(cast("{column}" as varchar))) from "{schema}"."{table}"'
                f' where "{column}" is not null'
            ).fetchall()
        }


def test_no_published_cell_holds_an_identifier(company, known):
    cells = cells_of(company.data.serving)
    assert len(cells) > 10_000
    assert found_in(cells, known) == set()


@pytest.mark.parametrize("kind", ["name", "given_name", "family_name", "email", "phone", "street", "card", "device"])
def test_the_search_finds_every_kind_that_would_be_published(company, known, tmp_path, kind):
    """The test above is worth what this one shows: a planted value of each kind is found, one by one."""
    planted = sorted(value for known_kind, value in known if known_kind == kind)[::7]
    assert len(planted) > 3
    serving = tmp_path / "serving.duckdb"
    shutil.copy(company.data.serving, serving)
    with duckdb.connect(str(serving)) as connection:
        connection.execute("create table marts.leak (value varchar)")
        connection.executemany("insert into marts.leak values (?)", [[value] for value in planted])
    assert {(kind, value) for value in planted} <= found_in(cells_of(serving), known)


def test_numbers_and_texts_are_searched_too(known):
    phone = max((value for kind, value in known if kind == "phone"), key=lambda value: len(_digits(value)))
    email = max(value for kind, value in known if kind == "email")
    chinese = max(value for kind, value in known if kind == "name" and not value.isascii())
    assert ("phone", phone) in found_in({_digits(phone)}, known)
    assert ("email", email) in found_in({f"please write to {email} today"}, known)
    assert ("name", chinese) in found_in({f"您好{chinese}先生"}, known)


def test_no_record_of_a_run_holds_an_identifier(company, known):
    """The event log, the metadata and the plots of the UI, and what dbt wrote beside them, as stored."""
    contacts = [value.encode() for kind, value in known if kind in ("email", "phone") and len(value) >= 8]
    folders = (company.data.dagster_home, company.data.dbt_target)
    stored = b"".join(
        path.read_bytes().lower() for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()
    )
    assert len(stored) > 100_000
    assert [value for value in contacts if value in stored] == []


def test_no_record_of_a_run_holds_a_name_or_a_street(company, known):
    """Identity compares names and addresses: none of them may be in what the run says of it, however JSON spells it."""
    # Whole names and streets only; short ones are words or parts of ids.
    told = {value for kind, value in known if kind in ("name", "street") and (len(value) >= 9 or not value.isascii())}
    told = {value for value in told if len(value) >= 3}
    assert len(told) > 300
    spelt = {value: (value.encode(), json.dumps(value)[1:-1].encode().lower()) for value in told}
    stored = b"".join(
        path.read_bytes().lower() for path in sorted(company.data.dagster_home.rglob("*")) if path.is_file()
    )
    assert [value for value, forms in spelt.items() if any(form in stored for form in forms)] == []


# Where what people are called has to be: what sources said, what it is cleaned into, what identity compares. The run's
# own records are searched above.
_PRIVATE = ("demo", "dlt", "lake/raw", "lake/identity/state", "warehouse.duckdb", "dagster", "dbt")
_MADE = {
    *("site/index.html", "site/zh/index.html", "serving.manifest.json", "serving.duckdb", "publications"),
    *("lake/quarantine", "lake/intelligence", "lake/grading", "lake/profiles", "lake/quality"),
}


def _told(known: Known) -> set[str]:
    """Contact points, names and streets; short ones are words or parts of ids."""
    told = {value for kind, value in known if kind in ("email", "phone") and len(value) >= 8}
    told |= {value for kind, value in known if kind in ("name", "street") and (len(value) >= 9 or not value.isascii())}
    return {value for value in told if len(value) >= 3}


def test_only_the_private_places_hold_an_identifier(company, known):
    """The report, what is published and kept for a roll-back, quarantine, scores, model cards, notes: every file."""
    root = company.data.root
    assert [name for name in sorted(_MADE) if not (root / name).exists()] == []
    said: dict[bytes, str] = {}  # each content once: a publication that is kept says much of what the next one says
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        relative = path.relative_to(root).as_posix()
        if not relative.startswith(_PRIVATE) and not path.name.endswith((".lock", "vega.js")):
            packed = path.suffix in (".parquet", ".duckdb")  # whose cells follow
            said |= {content.lower(): relative for content in list(contents(path))[packed:]}
    assert len(said) > 500
    together = b"\n".join(said)
    spelt = {value: {value.encode(), json.dumps(value)[1:-1].encode().lower()} for value in sorted(_told(known))}
    leaked = [value for value, forms in spelt.items() if any(form in together for form in forms)]
    found = {value: [path for text, path in said.items() if value.encode() in text] for value in leaked}
    assert found == {}


def test_nor_does_the_published_database(company, known):
    """PostgreSQL gets the file's rows, and comments and a manifest of its own."""
    password = secrets.token_hex(8)
    with company.systems.postgres.connect("postgres", autocommit=True) as server:
        server.execute(f"create role publisher login createrole password '{password}'")
        server.execute("create database readers owner publisher")
    address = company.systems.postgres.url("publisher", password, "readers")
    kept = Kept.of(company.data)
    Postgres(address, PostgresDeclaration()).publish(company.data.serving, kept.current())
    with psycopg.connect(address) as readers:
        tables = readers.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows = [row for (table,) in tables for row in readers.execute(f"select t::text from {table} as t").fetchall()]
        rows += readers.execute("select description from pg_description").fetchall()
    assert len(tables) > 40
    everything = "\n".join(row for (row,) in rows).lower()
    assert [value for value in sorted(_told(known)) if value in everything] == []


def test_of_identity_only_the_state_holds_what_people_are_called(company, known):
    """Who is who, what was refused, what is asked and what waits are keys and shapes; the state has to hold values."""
    folder = company.data.lake / "identity"
    tables = [path for path in sorted(folder.rglob("*.parquet")) if path.parent.name != "state"]
    assert {"assignments.parquet", "refused.parquet", "review_queue.parquet", "published.parquet"} <= {
        path.name for path in tables
    }
    cells = set(
        duckdb.sql(f"from read_csv('{company.data.root}/identity_to_review.csv', all_varchar = true)").fetchall()
    )
    for path in tables:
        cells |= set(duckdb.sql(f"select columns(*)::varchar from read_parquet('{path}')").fetchall())
    # The sheet names records by their own keys, so that people find them; a loyalty card's is its number.
    beside_keys = {(kind, value) for kind, value in known if kind != "card"}
    assert found_in({cell.lower() for row in cells for cell in row if cell}, beside_keys) == set()
    state = duckdb.sql(f"select lower(email) from read_parquet('{folder}/state/features.parquet')").fetchall()
    assert found_in({email for (email,) in state if email}, known) != set()


def test_the_published_file_holds_marts_only(company):
    with duckdb.connect(str(company.data.serving), read_only=True) as serving:
        schemas = {name for (name,) in serving.sql("select distinct schema_name from duckdb_tables()").fetchall()}
    assert schemas == {"marts"}


@pytest.fixture(scope="module")
def planted(company: Company) -> list[tuple[str, str]]:
    """Every sensitive identifier in the source systems: (kind, value as written or bare)."""
    return duckdb.sql(f"select kind, value from '{company.truth}/sensitive.parquet' order by all").fetchall()


def test_no_file_of_the_pipeline_holds_a_sensitive_identifier(company, planted):
    """Not in raw, not in the warehouse, not in a log: data/demo plays the outside world, the rest is ours."""
    search = Search(value for _, value in planted)
    assert search.in_folder(company.data.root, leave_out=company.data.root / "demo") == {}


def test_the_identifiers_that_were_pulled_are_tokens_now(company, planted):
    raw = company.data.raw
    found = set()
    for table, column in (
        ("helpdesk/tickets", "body"),
        ("callcentre/calls", "transcript"),
        ("survey/responses", "comment"),
    ):
        found |= {
            kind
            for (kind,) in duckdb.sql(
                f"select regexp_extract({column}, '([a-z_]+):[a-z2-7]{{26}}', 1)"
                f" from read_parquet('{raw}/{table}/*.parquet', union_by_name = true) where {column} is not null"
            ).fetchall()
        }
    assert found - {""} == {kind for kind, _ in planted}
    others, tokens, people = duckdb.sql(
        "select count(*) filter (where not regexp_full_match(national_id, 'national_id:[a-z2-7]{26}')),"
        " count(distinct national_id), count(distinct account_id) filter (where national_id is not null)"
        f" from read_parquet('{raw}/erp/accounts/*.parquet')"
    ).fetchone()
    assert others == 0
    assert tokens == people > 50


@pytest.mark.parametrize("container", ["text", "parquet", "duckdb", "gzip", "state"])
def test_the_search_finds_what_is_planted_in_any_file(planted, tmp_path, container):
    """The test above is worth what this one shows, kind by kind."""
    one_of_each = {kind: value for kind, value in planted}
    assert len(one_of_each) == 5
    for kind, value in one_of_each.items():
        folder = tmp_path / kind
        folder.mkdir()
        text = f"xx {'-'.join(value)} yy" if container == "text" else f"号{value}。"
        cell = text.replace("'", "''")
        if container == "text":
            (folder / "file").write_text(text, encoding="utf-8")
        elif container == "parquet":
            duckdb.execute(f"copy (select ['{cell}'] as a from range(9)) to '{folder}/file' (format parquet)")
        elif container == "duckdb":
            with duckdb.connect(str(folder / "file")) as connection:
                connection.execute(f"create table t as select '{cell}' as a from range(9000)")
        elif container == "gzip":
            (folder / "file").write_bytes(gzip.compress(text.encode()))
        else:
            state = base64.b64encode(zlib.compress(json.dumps({"a": value}).encode())).decode()
            (folder / "file").write_text(json.dumps({"version": 1, "state": state}))
        assert value in Search([value]).in_folder(folder)["file"], kind
