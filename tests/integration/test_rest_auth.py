"""Logins, against real servers on loopback: what is sent, what is renewed, and that no stranger ever sees it."""

import base64
import logging

import pytest
from loopback import Asked, Reply, loopback, rest_source

from orchestration.raw.rest import limits
from orchestration.raw.rest.auth import login_of
from orchestration.raw.rest.http import Http
from orchestration.raw.rest.pages import Pages
from orchestration.raw.rest.trouble import Trouble

SECRET = "s3cr3t-Key"


@pytest.fixture(scope="module")
def server():
    with loopback() as server:
        yield server


@pytest.fixture(scope="module")
def stranger():
    with loopback() as server:
        yield server


@pytest.fixture(autouse=True)
def desk(server, stranger, monkeypatch):
    monkeypatch.setattr(limits, "sleep", lambda seconds: None)
    monkeypatch.setenv("DESK_KEY", SECRET)
    monkeypatch.setenv("DESK_ID", "desk:1")
    for each in (server, stranger):
        each.asked.clear()
        each.answer = lambda asked: Reply({"data": []})


def read(server, auth: dict | None, **source):
    declaration = rest_source(server.url, auth=auth, **source)
    http = Http(server.url, login_of(declaration), limits.Pace())
    return list(Pages(http, declaration, "users", declaration.tables["users"], None).walk({"parameters": {}}))


BEARER = {"type": "bearer", "token": "${DESK_KEY}"}
HEADER = {"type": "api_key", "key": "${DESK_KEY}", "name": "X-Desk-Key"}
QUERY = {"type": "api_key", "key": "${DESK_KEY}", "name": "key", "place": "query"}


def test_each_login_is_sent_where_it_belongs(server, monkeypatch):
    monkeypatch.setenv("DESK_KEY", f"{SECRET}\n")  # as many a secrets file ends
    read(server, BEARER)
    assert server.asked[-1].headers["Authorization"] == f"Bearer {SECRET}"
    read(server, HEADER)
    assert server.asked[-1].headers["X-Desk-Key"] == SECRET
    read(server, QUERY)
    assert server.asked[-1].query == {"key": SECRET}
    read(server, None)
    assert not {"Authorization", "X-Desk-Key"} & set(server.asked[-1].headers)


@pytest.mark.parametrize("auth", [BEARER, HEADER, QUERY])
def test_a_redirect_to_a_stranger_goes_without_the_login(server, stranger, auth, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"default login someone password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    elsewhere = stranger.url.replace("127.0.0.1", "localhost")
    server.answer = lambda asked: Reply(status=302, headers={"Location": f"{elsewhere}/users?key={SECRET}&a=1"})
    assert read(server, auth)[0].rows == []
    assert stranger.asked[-1].query.get("a") == "1"
    if auth is QUERY:
        assert "key" not in stranger.asked[-1].query
    assert "Authorization" not in stranger.asked[-1].headers and SECRET not in str(stranger.asked[-1].headers)


def test_a_redirect_at_home_keeps_the_login(server):
    def moved(asked: Asked) -> Reply:
        return Reply({"data": []}) if asked.path == "/new" else Reply(status=308, headers={"Location": "/new?a=1"})

    server.answer = moved
    read(server, BEARER)
    assert server.asked[-1].headers["Authorization"] == f"Bearer {SECRET}" and server.asked[-1].query == {"a": "1"}


def test_redirects_in_a_circle_end(server):
    server.answer = lambda asked: Reply(status=302, headers={"Location": "/users"})
    with pytest.raises(Trouble, match="redirects in a circle"):
        read(server, BEARER)
    assert len(server.asked) == 6


@pytest.mark.parametrize("paging", [{"type": "cursor", "next": "next"}, {"type": "link_header"}])
def test_a_next_page_on_another_host_is_refused(server, stranger, paging):
    link = {"Link": f'<{stranger.url}/users?page=2>; rel="next"'}
    server.answer = lambda asked: Reply({"data": [{"id": 1}], "next": f"{stranger.url}/users"}, headers=link)
    with pytest.raises(Trouble, match="names a next page on another host"):
        read(server, BEARER, paging=paging)
    assert not stranger.asked


def test_a_key_in_the_query_is_in_no_place_message_or_log_line(server, caplog):
    caplog.set_level(logging.DEBUG)
    answers = [
        Reply({"data": [{"id": 1}], "next": f"/users?key={SECRET}&page=2"}),
        Reply({"data": [{"id": 2}], "next": None}),
    ]
    server.answer = lambda asked: answers.pop(0)
    pages = read(server, QUERY, paging={"type": "cursor", "next": "next"})
    assert pages[0].next == {"url": f"{server.url}/users?page=2"}
    assert [asked.query.get("key") for asked in server.asked] == [SECRET, SECRET]

    for reply in (Reply(status=500), Reply(status=403), Reply(b"<html>"), Reply(is_reset=True)):
        server.answer = lambda asked, reply=reply: reply
        with pytest.raises(Trouble) as caught:
            read(server, QUERY)
        error = caught.value.of(rest_source(server.url), "users", "/users")
        assert SECRET not in f"{error}{caught.value!r}"
    assert caplog.records and SECRET not in caplog.text


def test_a_token_that_no_header_can_hold_is_one_line(server, monkeypatch):
    for token in ("密钥", "a\nb"):
        monkeypatch.setenv("DESK_KEY", token)
        with pytest.raises(Trouble, match="can't be asked with this token"):
            read(server, BEARER)


class Issuer:
    """An OAuth 2 server and its API in one: tokens t1, t2, …, of which only the newest is good."""

    def __init__(self, server, lifetime: object = 3600, reply: Reply | None = None) -> None:
        self.issued, self.lifetime, self.reply = 0, lifetime, reply
        server.answer = self.answer

    def answer(self, asked: Asked) -> Reply:
        if asked.path != "/token":
            is_good = asked.headers.get("Authorization") == f"Bearer t{self.issued}"
            return Reply({"data": []}) if is_good else Reply(status=401)
        self.form = asked.body.decode()
        self.client = asked.headers.get("Authorization")
        if self.reply:
            return self.reply
        self.issued += 1
        return Reply({"access_token": f"t{self.issued}", "token_type": "Bearer", "expires_in": self.lifetime})


def oauth(server, **more: str) -> dict:
    return {
        "type": "oauth2_client_credentials",
        "token_url": f"{server.url}/token",
        "client_id": "${DESK_ID}",
        "client_secret": "${DESK_KEY}",
    } | more


def test_a_token_is_fetched_and_kept_until_it_runs_out(server, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(limits, "now_s", lambda: now[0])
    issuer = Issuer(server)
    declaration = rest_source(server.url, auth=oauth(server, scope="read"))
    http = Http(server.url, login_of(declaration), limits.Pace())
    for _ in range(3):
        http.get(f"{server.url}/users")
    assert issuer.issued == 1
    assert issuer.form == "grant_type=client_credentials&scope=read"
    assert base64.b64decode(issuer.client.removeprefix("Basic ")).decode() == f"desk%3A1:{SECRET}"  # RFC 6749, 2.3.1
    now[0] += 3599
    http.get(f"{server.url}/users")
    assert issuer.issued == 2


def test_a_client_may_show_itself_in_the_form(server):
    issuer = Issuer(server)
    read(server, oauth(server, client_authentication="body"))
    assert issuer.client is None and f"client_secret={SECRET}" in issuer.form


def test_a_token_that_is_refused_is_fetched_again_once(server):
    issuer = Issuer(server)
    declaration = rest_source(server.url, auth=oauth(server))
    http = Http(server.url, login_of(declaration), limits.Pace())
    http.get(f"{server.url}/users")
    issuer.issued += 1  # revoked
    http.get(f"{server.url}/users")
    assert issuer.issued == 3
    plain = issuer.answer
    server.answer = lambda asked: plain(asked) if asked.path == "/token" else Reply(status=401)
    with pytest.raises(Trouble, match=r"refuses the token \(HTTP 401\)"):
        http.get(f"{server.url}/users")
    assert issuer.issued == 4


@pytest.mark.parametrize(
    ("reply", "expected", "is_transient"),
    [
        (Reply(status=401), r"gets no token: the token endpoint refuses the client \(HTTP 401\)", False),
        (Reply(status=503), r"gets no token: the token endpoint answers HTTP 503", True),
        (Reply({"error": SECRET}), "gets no token: the token endpoint answers without access_token", False),
        (Reply(b"<html>"), "gets no token: the token endpoint answers without access_token", False),
        (Reply([]), "gets no token: the token endpoint answers without access_token", False),
        (Reply(status=307, headers={"Location": "/token"}), "gets no token: the token endpoint", False),
    ],
)
def test_a_token_that_is_not_to_be_had_is_one_line(server, reply, expected, is_transient):
    Issuer(server, reply=reply)
    with pytest.raises(Trouble, match=expected) as caught:
        read(server, oauth(server))
    assert caught.value.is_transient == is_transient
    assert len(server.asked) <= limits.ATTEMPTS
    assert SECRET not in str(caught.value.of(rest_source(server.url), "users", "/users"))
