"""Google Sheets, against a server on loopback that stands in for Google: it checks the key and the signed JWT."""

import json
from urllib.parse import parse_qs, unquote

import duckdb
import google.auth.crypt
import google.auth.jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from loopback import Asked, Reply, loopback

from orchestration.paths import DataDir
from orchestration.raw.declaration import DeclarationError, validate_declaration
from orchestration.raw.errors import SourceError
from orchestration.raw.load import pull
from orchestration.raw.rest import limits

KEY = "AIza-test"
AUDIENCE = "https://oauth2.googleapis.com/token"  # what Google signs for, wherever the token is asked for
ACCOUNT = "pipeline@example.iam.gserviceaccount.com"
COLUMNS = ["name", "phone", "since", "amount"]
GRID = [
    [" name ", "phone", "since", "amount", "", ""],
    ["李雷", "013800138000", "3/4/2024", "$1,234.50", "", "a remark"],
    [],
    ["Zoë, \"Z\"", "", "3/4/2024 12:00:00", "25%"],
]  # fmt: skip


class Google:
    """One sheet: what it shows, and the numbers below dates and amounts by (row, column)."""

    def __init__(self, server) -> None:
        self.server, self.shown = server, [list(row) for row in GRID]
        self.numbers = {(1, 2): 45355, (1, 3): 1234.5, (3, 2): 45355.5, (3, 3): 0.25}
        self.dates = {(1, 2), (3, 2)}
        self.reply: Reply | None = None
        self.public_key = b""
        self.tokens = 0
        server.asked.clear()
        server.answer = self.answer

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return self.token(asked)
        if self.reply:
            return self.reply
        if asked.path == "/d/e/abc/pub":
            return Reply(status=307, headers={"Location": f"/elsewhere?{asked.query['output']}"})
        if asked.path == "/elsewhere":
            quoted = ([f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in self.shown)
            width = max(map(len, self.shown))
            lines = [",".join([*row, *[""] * (width - len(row))]) for row in quoted]
            return Reply("\r\n".join(lines).encode(), headers={"Content-Type": "text/csv"})
        if asked.query.get("key") != KEY and asked.headers.get("Authorization") != f"Bearer t{self.tokens}":
            return Reply(status=403)
        assert unquote(asked.path) == "/v4/spreadsheets/sheet-1/values/Leads!A:F"
        assert asked.query["majorDimension"] == "ROWS"
        return Reply({"range": "Leads!A1:F4", "majorDimension": "ROWS", "values": self.values(asked.query)})

    def values(self, query: dict[str, str]) -> list:
        if query["valueRenderOption"] == "FORMATTED_VALUE":
            return self.shown
        as_text = self.dates if query["dateTimeRenderOption"] == "FORMATTED_STRING" else set()
        return [
            [
                self.numbers[row, column] if (row, column) in self.numbers.keys() - as_text else cell
                for column, cell in enumerate(cells)
            ]
            for row, cells in enumerate(self.shown)
        ]

    def token(self, asked: Asked) -> Reply:
        form = parse_qs(asked.body.decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        claims = google.auth.jwt.decode(form["assertion"][0], self.public_key, audience=AUDIENCE)
        assert claims["iss"] == ACCOUNT
        assert claims["scope"] == "https://www.googleapis.com/auth/spreadsheets.readonly"
        self.tokens += 1
        return Reply({"access_token": f"t{self.tokens}", "expires_in": 3600, "token_type": "Bearer"})


@pytest.fixture(scope="module")
def server():
    with loopback() as server:
        yield server


@pytest.fixture
def google_sheets(server, monkeypatch) -> Google:
    monkeypatch.setattr(limits, "sleep", lambda seconds: None)
    monkeypatch.setenv("SHEETS_KEY", KEY)
    return Google(server)


@pytest.fixture(scope="module")
def key_pair() -> tuple[str, bytes]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    public = private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode(), public


def source(url: str, access: dict | None = None, **sheet: object):
    is_published = access is not None and access["type"] == "published_csv"
    where = {"path": "d/e/abc/pub?output=csv"} if is_published else {"spreadsheet_id": "sheet-1", "range": "Leads!A:F"}
    return validate_declaration(
        {
            "source": "team",
            "description": "",
            "connector": "sheet",
            "owner": "sales@example.com",
            "party_data_class": "first",
            "location": url,
            "access": access or {"type": "api_key", "key": "${SHEETS_KEY}"},
            "tables": {"leads": {"description": "", "columns": COLUMNS} | where | sheet},
        }
    )


def landed(data: DataDir, what: str = "name, phone, since, amount, column_f, _source_file") -> list[tuple]:
    return duckdb.sql(f"select {what} from read_parquet('{data.raw}/team/leads/*.parquet')").fetchall()


def test_a_sheet_lands_as_text_and_again_only_when_it_changed(google_sheets, server, tmp_path):
    leads, data = source(server.url), DataDir(tmp_path)
    assert pull(leads, data).rows == {"leads": 2}
    assert landed(data) == [
        ("李雷", "013800138000", "2024-03-04", "$1,234.50", "a remark", "leads"),
        ('Zoë, "Z"', None, "2024-03-04 12:00:00", "25%", None, "leads"),
    ]
    assert pull(leads, data).rows == {"leads": 0}
    google_sheets.shown[3][0] = "Zoe"
    assert pull(leads, data).rows == {"leads": 2}  # a snapshot: all of it, as one delivery
    assert len({load_id for (load_id,) in landed(data, "_dlt_load_id")}) == 2

    google_sheets.shown = google_sheets.shown[:1]
    google_sheets.numbers.clear()
    with pytest.raises(SourceError, match=r"^team\.leads: the sheet has no rows any more; the last pull found 2\."):
        pull(leads, data)


def test_a_published_sheet_needs_no_login(google_sheets, server, tmp_path):
    leads, data = source(server.url, {"type": "published_csv"}), DataDir(tmp_path)
    assert pull(leads, data).rows == {"leads": 2}
    assert landed(data)[1][:4] == ('Zoë, "Z"', None, "3/4/2024 12:00:00", "25%")
    html = Reply(b"<!DOCTYPE html><html>Sign in", headers={"Content-Type": "text/html; charset=utf-8"})
    for reply in (html, Reply(status=401), Reply(status=404)):
        google_sheets.reply = reply
        with pytest.raises(SourceError, match=r"^team\.leads: the sheet is not published .*Publish to web") as caught:
            pull(leads, data)
        assert not caught.value.is_transient


def test_a_service_account_signs_for_its_token(google_sheets, server, tmp_path, monkeypatch, key_pair):
    private, google_sheets.public_key = key_pair
    account = {
        "type": "service_account",
        "client_email": ACCOUNT,
        "private_key": private,
        "token_uri": f"{server.url}/token",
    }
    (tmp_path / "key.json").write_text(json.dumps(account))
    leads = source(server.url, {"type": "service_account", "credentials": "${SHEETS_ACCOUNT}"})
    monkeypatch.setenv("SHEETS_ACCOUNT", str(tmp_path / "key.json"))
    assert pull(leads, DataDir(tmp_path / "by path")).rows == {"leads": 2}
    assert google_sheets.tokens == 1

    monkeypatch.setenv("SHEETS_ACCOUNT", json.dumps(account))
    google_sheets.reply = Reply(status=403)
    with pytest.raises(SourceError) as caught:
        pull(leads, DataDir(tmp_path / "by value"))
    assert f"share it with {ACCOUNT} as a viewer" in str(caught.value) and "PRIVATE" not in str(caught.value)

    server.answer = lambda asked: Reply({"error": "invalid_grant", "error_description": "secret"}, status=400)
    with pytest.raises(SourceError, match="gets no token: Google refuses the account") as caught:
        pull(leads, DataDir(tmp_path / "refused"))
    assert "secret" not in str(caught.value)

    for unreadable in ("{}", "no/such/file", json.dumps(account | {"private_key": "none"})):
        monkeypatch.setenv("SHEETS_ACCOUNT", unreadable)
        with pytest.raises(SourceError, match=r"^team\.\*: the service account's key can't be read"):
            pull(leads, DataDir(tmp_path / "unreadable"))


@pytest.mark.parametrize(
    ("reply", "expected", "is_transient"),
    [
        (Reply(status=403), "the sheet may not be read with this login (HTTP 403)", False),
        (Reply(status=404), "the sheet is not there (HTTP 404)", False),
        (Reply(status=400), "the sheet can't be asked for (HTTP 400)", False),
        (Reply(status=429), "the sheet answers HTTP 429", True),
        (Reply({"range": "A1", "values": "x"}), "the sheet answers no values", False),
        (Reply({"range": "A1"}), "columns name, phone, since, amount are missing in the sheet's first row", False),
        (Reply({"range": "A1", "values": [[*COLUMNS, "name "], ["a"]]}), "has column A and column E, which are", False),
        (Reply({"range": "A1", "values": [["name", "since", "amount"]]}), "column phone is missing", False),
    ],
)
def test_what_is_wrong_with_a_sheet_is_one_line(google_sheets, server, tmp_path, reply, expected, is_transient):
    google_sheets.reply = reply
    with pytest.raises(SourceError) as caught:
        pull(source(server.url), DataDir(tmp_path))
    assert expected in str(caught.value) and KEY not in str(caught.value)
    assert str(caught.value).startswith("team.leads: ")
    assert caught.value.is_transient == is_transient


def test_columns_may_be_named_in_chinese(google_sheets, server, tmp_path):
    google_sheets.reply = Reply({"range": "A1", "values": [["姓名", "联系 电话"], ["李雷", "1"]]})
    assert pull(source(server.url, columns=["姓名", "联系 电话"]), DataDir(tmp_path)).rows == {"leads": 1}
    assert landed(DataDir(tmp_path), '"姓名", "联系_电话"') == [("李雷", "1")]


def test_an_empty_sheet_that_never_had_rows_is_empty(google_sheets, server, tmp_path):
    google_sheets.reply = Reply({"range": "A1", "values": [COLUMNS]})
    assert pull(source(server.url), DataDir(tmp_path)).rows == {"leads": 0}


@pytest.mark.parametrize(
    ("access", "sheet", "expected"),
    [
        ({"type": "published_csv"}, {"path": None}, "tables.leads.path: missing with access published_csv"),
        (None, {"range": None}, "tables.leads.range: missing with access api_key"),
        (None, {"path": "x"}, "tables.leads.path: no such key with access api_key"),
    ],
)
def test_a_sheet_has_the_address_that_its_access_needs(access, sheet, expected):
    with pytest.raises(DeclarationError, match=expected):
        source("https://sheets.example.com", access, **sheet)
