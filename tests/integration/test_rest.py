"""JSON APIs, against a real HTTP server on loopback: paging, cursor, token, and every way it can refuse."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import duckdb
import pytest

from orchestration.paths import DataDir
from orchestration.raw.declaration import SourceDeclaration, validate_declaration
from orchestration.raw.errors import SourceError
from orchestration.raw.load import pull
from orchestration.raw.rest import limits

TOKEN = "a-token"


class Api:
    """Users ordered by change, some of them changed at the same moment, five to a page."""

    def __init__(self) -> None:
        self.users = [self.user(number) for number in range(12)]
        self.status: int | None = None
        self.requests: list[dict] = []

    @staticmethod
    def user(number: int, **change: object) -> dict:
        user = {
            "id": number,
            "name": f"n{number}",
            "tags": ["a", {"b": 1}],
            "changed": f"2024-01-{number // 3 + 1:02d}",
        }
        return user | change

    def answer(self, query: dict, authorization: str | None) -> tuple[int, object]:
        self.requests.append(query)
        if self.status:
            return self.status, {"error": "secret detail"}
        if authorization != f"Bearer {TOKEN}":
            return 401, {}
        rows = sorted(
            (user for user in self.users if user["changed"] >= query.get("since", [""])[0]),
            key=lambda user: user["changed"],
        )
        page = int(query.get("page", ["1"])[0])
        return 200, {"data": rows[(page - 1) * 5 : page * 5], "next_page": page + 1 if page * 5 < len(rows) else None}


@pytest.fixture
def api(monkeypatch) -> Iterator[Api]:
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = api.answer(parse_qs(urlsplit(self.path).query), self.headers.get("Authorization"))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("DESK_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    monkeypatch.setattr(limits, "sleep", lambda seconds: None)
    yield api
    server.shutdown()
    server.server_close()
    thread.join()


DESK = validate_declaration(
    {
        "source": "desk",
        "description": "",
        "connector": "rest",
        "owner": "desk@example.com",
        "party_data_class": "first",
        "location": "${DESK_URL}",
        "auth": {"type": "bearer", "token": "${DESK_TOKEN}"},
        "paging": {"type": "cursor", "next": "next_page", "parameter": "page"},
        "tables": {
            "users": {
                "description": "",
                "path": "/users",
                "key": ["id"],
                "cursor": "changed",
                "cursor_parameter": "since",
                "columns": ["id", "name", "tags", "changed"],
            }
        },
    }
)


def test_all_pages_arrive_and_then_only_what_changed(api, tmp_path):
    data = DataDir(tmp_path)
    assert pull(DESK, data).rows == {"users": 12}
    assert pull(DESK, data).rows == {"users": 0}
    assert api.requests[-1]["since"] == ["2024-01-04"]

    api.users[0] = Api.user(0, name="new", changed="2024-02-01")
    api.users.append(Api.user(11, id=99))  # the very moment of the newest row already pulled
    assert pull(DESK, data).rows == {"users": 2}
    api.users[0] = Api.user(0, name="newer", changed="2024-02-01")  # changed twice at the same moment
    assert pull(DESK, data).rows == {"users": 1}
    raw = duckdb.sql(f"select id, name, tags from read_parquet('{data.raw}/desk/users/*.parquet')").fetchall()
    assert len(raw) == 15
    assert raw.count(("0", "new", '["a",{"b":1}]')) == 1


@pytest.mark.parametrize(
    ("status", "is_transient", "expected"),
    [
        (401, False, "desk.users: /users refuses the token (HTTP 401). Remedy: renew the token"),
        (404, False, "desk.users: /users answers HTTP 404. Remedy: check path"),
        (500, True, "desk.users: /users answers HTTP 500. Remedy: ask desk@example.com"),
        (503, True, "desk.users: /users answers HTTP 503. Remedy: ask desk@example.com"),
    ],
)
def test_a_refusal_is_one_line_without_what_the_server_said(api, tmp_path, status, is_transient, expected):
    api.status = status
    with pytest.raises(SourceError) as caught:
        pull(DESK, DataDir(tmp_path))
    assert str(caught.value).startswith(expected)
    assert "secret" not in str(caught.value)
    assert caught.value.is_transient == is_transient
    assert len(api.requests) == (3 if is_transient else 1)


@pytest.mark.parametrize("body", [{"error": "secret detail"}, {"data": None}, {"results": []}, []])
def test_an_answer_without_the_list_is_no_empty_night(api, tmp_path, monkeypatch, body):
    monkeypatch.setattr(api, "answer", lambda query, authorization: (200, body))
    with pytest.raises(SourceError, match=r"^desk\.users: ") as caught:
        pull(DESK, DataDir(tmp_path))
    assert "secret" not in str(caught.value)


def test_after_a_refusal_nothing_is_missing(api, tmp_path):
    api.status = 500
    with pytest.raises(SourceError):
        pull(DESK, DataDir(tmp_path))
    api.status = None
    assert pull(DESK, DataDir(tmp_path)).rows == {"users": 12}


def test_a_column_the_api_no_longer_sends_is_named(api, tmp_path):
    api.users = [{key: value for key, value in user.items() if key != "name"} for user in api.users]
    with pytest.raises(SourceError, match=r"^desk\.users: column name is missing in /users\. Remedy: ask desk@"):
        pull(DESK, DataDir(tmp_path))


def test_a_server_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("DESK_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    with pytest.raises(SourceError, match=r"^desk\.users: /users does not answer") as caught:
        pull(DESK, DataDir(tmp_path))
    assert caught.value.is_transient


def desk(**users: object) -> SourceDeclaration:
    declared = DESK.model_dump(mode="json")
    declared["tables"]["users"] |= users
    return validate_declaration(declared)


def landed(data: DataDir, what: str) -> list[tuple]:
    return duckdb.sql(
        f"select {what} from read_parquet('{data.raw}/desk/users/*.parquet', union_by_name = true)"
    ).fetchall()


def test_a_list_without_cursor_lands_whole_when_it_changed(api, tmp_path):
    whole, data = desk(cursor=None, cursor_parameter=None), DataDir(tmp_path)
    assert pull(whole, data).rows == {"users": 12}
    assert landed(data, "distinct _source_file") == [("users",)]
    plain = api.answer
    api.answer = lambda query, authorization: (200, {"data": api.users[::-1], "next_page": None})
    assert pull(whole, data).rows == {"users": 0}  # the same rows in another order
    api.answer = plain
    api.users[3]["name"] = "new"
    assert pull(whole, data).rows == {"users": 12}

    api.answer = lambda query, authorization: (200, {"data": [], "next_page": None})
    with pytest.raises(
        SourceError, match=r"^desk\.users: /users answers an empty list, which had rows before\. Remedy"
    ):
        pull(whole, data)
    api.answer = plain
    assert pull(whole, data).rows == {"users": 0}

    api.users[4]["name"] = "newer"
    api.answer = lambda query, authorization: plain(query, authorization) if "page" not in query else (503, {})
    with pytest.raises(SourceError, match="answers HTTP 503"):
        pull(whole, data)
    assert len(landed(data, "id")) == 24  # half a list would pass for the newest delivery
    api.answer = plain
    assert pull(whole, data).rows == {"users": 12}


def test_a_list_that_takes_no_cursor_is_read_whole_and_only_what_is_new_lands(api, tmp_path):
    plain, data = desk(cursor_parameter=None), DataDir(tmp_path)
    assert pull(plain, data).rows == {"users": 12}
    api.users[2] = Api.user(2, changed="2024-02-01")
    assert pull(plain, data).rows == {"users": 1}
    assert all("since" not in query for query in api.requests)


def test_pages_may_differ_in_their_keys(api, tmp_path):
    api.users = [Api.user(number, **{f"extra{number}": {"n": number}}) for number in range(12)]
    del api.users[11]["name"]
    with pytest.raises(SourceError, match="column name is missing in /users"):
        api.users[10].pop("name")
        pull(desk(), DataDir(tmp_path / "strict"))
    data = DataDir(tmp_path / "sparse")
    assert pull(desk(omits_empty=True), data).rows == {"users": 12}
    rows = {row[0]: row[1:] for row in landed(data, "id, extra0, extra11, name")}
    assert rows["0"] == ('{"n":0}', None, "n0") and rows["11"] == (None, '{"n":11}', None)


def test_keys_that_differ_by_case_are_one_line(api, tmp_path):
    api.users[0]["Name"] = "a"
    with pytest.raises(SourceError, match=r"^desk\.users: /users has name and Name, which are one name in the lake"):
        pull(DESK, DataDir(tmp_path))
