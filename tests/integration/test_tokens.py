"""No identifier is written, whichever connector pulls and however it fails: the whole data folder is searched."""

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from demo_company.postgres import Postgres
from models.privacy import Tokens
from orchestration.paths import DataDir
from orchestration.raw.declaration import DeclarationError, SourceDeclaration, validate_declaration
from orchestration.raw.errors import SourceError
from orchestration.raw.load import Pull, pull
from orchestration.raw.rest.window import Window
from orchestration.raw.tokens import KEY_VARIABLE, tokeniser
from tests.e2e.hidden import Search

KEY = "a key that is only for these tests, and long enough"
CARD, IBAN, IDENTITY = "4111111111111111", "DE89370400440532013000", "11010519491231002X"
SECRETS = Search([CARD, IBAN, IDENTITY, "K1234567"])


def _token(kind: str, number: str) -> str:
    return Tokens(KEY.encode()).token(kind, number)


def _declare(connector: str, location: str, tables: dict, **more: object) -> SourceDeclaration:
    common = {"source": "till", "description": "", "owner": "till@example.com", "party_data_class": "first"}
    return validate_declaration(common | {"connector": connector, "location": location, "tables": tables} | more)


@pytest.fixture(autouse=True)
def key(monkeypatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)


@pytest.fixture
def drop(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    monkeypatch.setenv("DROP", str(folder))
    return folder


def _files(form: str, **table: object) -> SourceDeclaration:
    common = {"description": "", "path": "people_*", "format": form, "key": ["id"], "columns": ["id", "national_id"]}
    common["sensitive"] = {"national_id": "national_id"}
    return _declare("files", "${DROP}", {"people": common | table})


def _nothing_is_kept(data: DataDir, error: SourceError | None = None) -> None:
    assert SECRETS.in_folder(data.root) == {}
    if error is not None:
        assert SECRETS.in_bytes(str(error).encode()) == set()
        assert "\n" not in str(error)


def _pulled(data: DataDir, query: str) -> list[tuple]:
    return duckdb.sql(
        query.format(people=f"read_parquet('{data.raw}/till/people/*.parquet', union_by_name = true)")
    ).fetchall()


def test_csv_with_unreadable_lines(drop, tmp_path):
    """What can't be parsed is kept whole, so it is searched like any text."""
    data = DataDir(tmp_path / "data")
    (drop / "people_1.csv").write_text(
        f"id,national_id,extra\n1,{IDENTITY},my card is {CARD}\n2,whatever,fine\n3,,\n4,{CARD},one,too many\n"
    )
    made: Pull = pull(_files("csv"), data)
    assert made.rows == {"people": 4}
    assert made.tokenised == {"people": {"national_id": 2, "extra": 1, "_unreadable": 1}}
    assert _pulled(data, "select id, national_id, extra, _unreadable from {people} order by id nulls last") == [
        ("1", _token("national_id", IDENTITY), f"my card is {_token('card_number', CARD)}", None),
        ("2", _token("national_id", "whatever"), "fine", None),
        ("3", None, None, None),
        (None, None, None, f"4,{_token('card_number', CARD)},one,too many"),
    ]
    _nothing_is_kept(data)


def test_json_lines_with_nested_text_and_cut_off_lines(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    escaped = "".join(f"\\u{ord(digit):04x}" for digit in CARD)
    (drop / "people_1.jsonl").write_text(
        json.dumps({"id": 1, "national_id": 11, "turns": [{"text": f"to {IBAN}\nthanks"}]})
        + f'\n{{"id": 2, "national_id": "{IDENTITY}", "turns": [{{"text": "card {escaped}, pass'
        + "port number K1234567\n",
        encoding="utf-8",
    )
    pull(_files("jsonl"), data)
    rows = _pulled(data, "select national_id, turns, _unreadable from {people} order by national_id nulls last")
    assert rows[0][:2] == (
        _token("national_id", "11"), f'[{{"text":"to {_token("bank_account", IBAN)}\\nthanks"}}]'
    )  # fmt: skip
    assert _token("national_id", IDENTITY) in rows[1][2]
    assert _token("card_number", CARD) in rows[1][2]
    assert _token("passport", "K1234567") in rows[1][2]
    _nothing_is_kept(data)


def test_another_spelling_of_a_declared_column(drop):
    """The lake calls both national_id, so both are declared."""
    declaration = _files("parquet", optional=["national_id"])
    replace = tokeniser(declaration, "people", Tokens(KEY.encode()), {})
    rows = replace(pa.table({"id": ["1"], "nationalId": ["no checksum"]}))
    assert rows.column("nationalId").to_pylist() == [_token("national_id", "no checksum")]


def test_what_is_noted_of_rows_is_no_plain_hash(drop, tmp_path):
    """A file of one record, and a row of an API: with the rest of it known, trying all numbers would find the one."""
    data = DataDir(tmp_path / "data")
    content = f"id,national_id\n1,{IDENTITY}\n".encode()
    (drop / "people_1.csv").write_bytes(content)
    pull(_files("csv"), data)
    state = (data.dlt / "raw_till" / "state.json").read_text()
    assert "people_1.csv" in state and hashlib.sha256(content).hexdigest() not in state
    row = {"id": 1, "national_id": IDENTITY}
    said: dict = {}
    window = Window("id", said)
    window.new_rows([row])
    window.complete()
    plain = hashlib.sha256(json.dumps(row, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    assert len(said["seen"]) == 1 and plain[:20] not in said["seen"][0]


def test_a_refused_file(drop, tmp_path):
    """The reason for a refusal quotes what the file holds."""
    data = DataDir(tmp_path / "data")
    (drop / "people_1.csv").write_text(f"id,nationalid,{CARD}\n1,{IDENTITY},x\n")
    with pytest.raises(SourceError) as caught:
        pull(_files("csv"), data)
    _nothing_is_kept(data, caught.value)
    (drop / "people_1.csv").unlink()
    (drop / "people_1.parquet").write_bytes(f"PAR1 {CARD} {IDENTITY} PAR1".encode())
    with pytest.raises(SourceError) as caught:
        pull(_files("parquet"), data)
    _nothing_is_kept(data, caught.value)


def test_a_column_that_changes_its_type(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    duckdb.execute(f"copy (select 1 as id, 5 as national_id, 7 as amount) to '{drop}/people_1.parquet'")
    assert pull(_files("parquet"), data).rows == {"people": 1}
    duckdb.execute(
        f"copy (select 2 as id, '{IDENTITY}' as national_id, 'card {CARD}' as amount) to '{drop}/people_2.parquet'"
    )
    with pytest.raises(SourceError) as caught:
        pull(_files("parquet"), data)
    _nothing_is_kept(data, caught.value)
    assert _pulled(data, "select national_id from {people}") == [(_token("national_id", "5"),)]


def test_an_api_that_breaks_off_half_way(tmp_path, monkeypatch):
    data = DataDir(tmp_path / "data")
    rows = [
        {"id": number, "national_id": IDENTITY, "note": f"card {CARD}", "changed": f"2024-01-{number + 1:02d}"}
        for number in range(6)
    ]
    broken = threading.Event()
    broken.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.partition("page=")[2] or 1)
            status = 400 if page == 2 and broken.is_set() else 200
            body = {"error": f"refused {CARD}"} if status == 400 else {
                "data": rows[3 * page - 3 : 3 * page], "next_page": 2 if page == 1 else None
            }  # fmt: skip
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("TILL_URL", f"http://127.0.0.1:{server.server_port}")
    table = {"description": "", "path": "/people", "key": ["id"], "columns": ["id", "national_id", "note", "changed"],
             "cursor": "changed", "sensitive": {"national_id": "national_id"}}  # fmt: skip
    paging = {"type": "cursor", "next": "next_page", "parameter": "page"}
    declaration = _declare("rest", "${TILL_URL}", {"people": table}, paging=paging)
    try:
        with pytest.raises(SourceError) as caught:
            pull(declaration, data)
        _nothing_is_kept(data, caught.value)
        broken.clear()
        pull(declaration, data)
        assert _pulled(data, "select count(distinct id), min(national_id), max(note) from {people}") == [
            (6, _token("national_id", IDENTITY), f"card {_token('card_number', CARD)}")
        ]
        _nothing_is_kept(data)
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="tokens-") as folder:
        postgres = Postgres(Path(folder) / "postgres", "not-a-secret")
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()


def test_numbers_of_a_database_have_the_token_of_the_text(server, tmp_path, monkeypatch):
    data = DataDir(tmp_path / "data")
    with server.connect("postgres", autocommit=True) as connection:
        connection.execute(
            "create table people (id bigint primary key, b bigint, d double precision, n numeric(20, 2), t text,"
            " j jsonb, free text, plain bigint, updated_at timestamptz not null)"
        )
        connection.execute(
            f"insert into people values (1, {CARD}, {CARD}, {CARD}, '4111 1111-1111 1111',"
            f" '{{\"x\": [\"{CARD}\"]}}', 'to {IBAN}', 5, '2024-01-01'),"
            " (2, null, null, null, '', null, null, null, '2024-01-01')"
        )
    monkeypatch.setenv("TILL_URL", server.url("company_admin", "not-a-secret", "postgres"))
    declaration = _declare(
        "sql",
        "${TILL_URL}",
        {
            "people": {
                "description": "", "key": ["id"], "cursor": "updated_at",
                "columns": ["id", "b", "d", "n", "t", "updated_at"],
                "sensitive": dict.fromkeys("bdnt", "card_number"),
            }
        },
    )  # fmt: skip
    made = pull(declaration, data)
    assert made.rows == {"people": 2}
    assert made.tokenised == {"people": {"b": 1, "d": 1, "n": 1, "t": 1, "j": 1, "free": 1}}
    token = _token("card_number", CARD)
    assert _pulled(data, "select b, d, n, t, plain from {people} order by id") == [
        (token, token, token, token, 5), (None, None, None, "", None)
    ]  # fmt: skip
    assert _pulled(data, "select j, free from {people} where id = 1") == [
        (f'{{"x": ["{token}"]}}', f"to {_token('bank_account', IBAN)}")
    ]
    assert pull(declaration, data).rows == {"people": 0}  # what landed as a token is known again
    _nothing_is_kept(data)


@pytest.mark.parametrize(("value", "what"), [("", "is not set"), ("short", "is too short")])
def test_without_a_key_nothing_is_pulled(drop, tmp_path, monkeypatch, value, what):
    monkeypatch.setenv(KEY_VARIABLE, value)
    (drop / "people_1.csv").write_text(f"id,national_id\n1,{IDENTITY}\n")
    with pytest.raises(
        SourceError, match=rf"^till\.\*: environment variable {KEY_VARIABLE} {what}\. Remedy: "
    ) as caught:
        pull(_files("csv"), DataDir(tmp_path / "data"))
    assert "short-key" not in str(caught.value)
    assert not (tmp_path / "data" / "lake").exists()


def test_another_key_gives_other_tokens(drop, tmp_path, monkeypatch):
    data = DataDir(tmp_path / "data")
    for number, key in enumerate((KEY, KEY + "!", KEY)):
        monkeypatch.setenv(KEY_VARIABLE, key)
        (drop / f"people_{number}.csv").write_text(f"id,national_id\n{number},{IDENTITY}\n")
        os.utime(drop / f"people_{number}.csv", (1, 1))
        pull(_files("csv"), data)
    first, other, again = (token for (token,) in _pulled(data, "select national_id from {people} order by id"))
    assert first == again != other


def test_codes_are_kept_as_they_are(drop, tmp_path):
    data = DataDir(tmp_path / "data")
    (drop / "people_1.csv").write_text(f"id,national_id,code\n1,,{CARD}\n")
    made = pull(_files("csv", columns=["id", "national_id", "code"], codes=["code"]), data)
    assert made.tokenised == {"people": {}}
    assert _pulled(data, "select code from {people}") == [(CARD,)]


def test_a_sensitive_cursor_is_refused(drop):
    table = {"description": "", "key": ["id"], "cursor": "card", "columns": ["id", "card"]}
    with pytest.raises(DeclarationError, match="sensitive: card is the cursor"):
        _declare("sql", "${DROP}", {"people": table | {"sensitive": {"card": "card_number"}}})
    table |= {"cursor": "changed", "columns": ["id", "changed"], "compare_keys": "1 day"}
    with pytest.raises(DeclarationError, match="sensitive: id is a key, and keys are compared"):
        _declare("sql", "${DROP}", {"people": table | {"sensitive": {"id": "national_id"}}})
