"""What a server may answer instead of a page: each is one clear line, bounded, and says whether to try again."""

import gzip
import json
import socket
import ssl
import subprocess
import threading
import time
from email.utils import formatdate

import pytest
from loopback import Asked, Reply, loopback, rest_source

from orchestration.raw.rest import http as http_module
from orchestration.raw.rest import limits
from orchestration.raw.rest.auth import login_of
from orchestration.raw.rest.http import Http
from orchestration.raw.rest.pages import Pages
from orchestration.raw.rest.paging import first_place
from orchestration.raw.rest.trouble import Trouble


@pytest.fixture(scope="module")
def server():
    with loopback() as server:
        yield server


@pytest.fixture(autouse=True)
def waits(server, monkeypatch):
    """The seconds that were waited, in a time that passes only so."""
    waits: list[float] = []
    start = limits.now_s()
    monkeypatch.setattr(limits, "now_s", lambda: start + sum(waits))
    monkeypatch.setattr(limits, "sleep", waits.append)
    server.asked.clear()
    return waits


def walk(url: str, table: dict | None = None, **source) -> list:
    declaration = rest_source(url, table, **source)
    http = Http(url, login_of(declaration), limits.Pace(declaration.rate_limit))
    pages = Pages(http, declaration, "users", declaration.tables["users"], None)
    return list(pages.walk(first_place(pages.paging)))


ROW = {"id": 1, "changed": "2024-01-01"}
BOMB = gzip.compress(b'{"data": [' + b" " * (80 * 1024 * 1024) + b"]}")
HUGE = b'{"data": ["' + b"x" * (66 * 1024 * 1024) + b'"]}'


@pytest.mark.parametrize(
    ("reply", "expected", "is_transient"),
    [
        (Reply(b"\n<!DOCTYPE html><p>Log in</p>"), "answers a web page, not JSON", False),
        (Reply(json.dumps({"data": [ROW]}).encode()[:-9]), "answers JSON that is cut off", True),
        (Reply(b""), "answers JSON that is cut off", True),
        (Reply(b"{'data': []}"), "answers no valid JSON", False),
        (Reply(b'{"data": [{"id": NaN}]}'), "answers NaN, which is no JSON", False),
        (Reply(b'{"data": [{"id": -Infinity}]}'), "answers -Infinity, which is no JSON", False),
        (Reply(b'{"data": [{"id": ' + b"9" * 5000 + b"}]}"), "answers no valid JSON", False),
        (Reply(b"[" * 200_000), "answers no valid JSON", False),
        (Reply(b'{"data": ["\xff\xfe"]}'), "answers no valid JSON", False),
        (Reply({"data": None}), "answers without a list named data", False),
        (Reply({"items": []}), "answers without a list named data", False),
        (Reply(None), "answers without a list named data", False),
        (Reply({"data": {"1": ROW}}), "answers without a list named data", False),
        (Reply({"data": [1, 2]}), "answers no objects", False),
        (Reply({"data": [ROW, None]}), "answers no objects", False),
        (Reply({"data": [[ROW]]}), "answers no objects", False),
        (Reply({"data": [ROW]}, wrong_length=1000), r"does not answer \(ProtocolError\)", True),
        (Reply({"data": [ROW]}, wrong_length=12), "answers JSON that is cut off", True),
        (Reply(is_reset=True), r"does not answer \(ConnectionError\)", True),
        (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), r"does not answer \(DecodeError\)", True),
        (Reply(BOMB, headers={"Content-Encoding": "gzip"}), "answers more than 64 MB at once", False),
        (Reply(HUGE), "answers more than 64 MB at once", False),
        (Reply(status=404), "answers HTTP 404", False),
        (Reply(status=500), "answers HTTP 500", True),
        (Reply(status=429), "answers HTTP 429", True),
    ],
    ids=lambda value: str(value)[:40] if not isinstance(value, Reply) else "",
)
def test_what_is_no_page_is_one_line(server, reply, expected, is_transient):
    server.answer = lambda asked: reply
    with pytest.raises(Trouble, match=f"^{expected}$") as caught:
        walk(server.url)
    assert caught.value.is_transient == is_transient
    assert len(server.asked) <= limits.ATTEMPTS
    line = str(caught.value.of(rest_source(server.url), "users", "/users"))
    assert line.startswith("desk.users: /users ") and "Remedy: " in line and "\n" not in line


@pytest.mark.parametrize(
    ("body", "records", "count"),
    [([ROW, ROW], "$", 2), ({"a": {"b-c": [ROW]}}, "a.b-c", 1), ({"@x.y": [ROW]}, "'@x.y'", 1), ([], "$", 0)],
)
def test_the_list_may_lie_anywhere(server, body, records, count):
    server.answer = lambda asked: Reply(body)
    assert len(walk(server.url, {"records": records})[0].rows) == count


def test_an_answer_may_be_in_another_encoding(server):
    content = json.dumps({"data": [{"id": 1, "changed": "中文"}]}, ensure_ascii=False)
    for encoding in ("gbk", "utf-8-sig", "utf-16"):
        headers = {"Content-Type": f"application/json; charset={encoding}"} if encoding == "gbk" else {}
        server.answer = lambda asked, e=encoding, h=headers: Reply(content.encode(e), headers=h)
        assert walk(server.url)[0].rows[0]["changed"] == "中文"


def test_a_slow_drip_is_broken_off(monkeypatch):
    monkeypatch.setattr(http_module, "_WHOLE_ANSWER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(limits, "now_s", time.monotonic)
    monkeypatch.setattr(limits, "ATTEMPTS", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                try:
                    for _ in range(200):
                        connection.sendall(b" ")
                        time.sleep(0.02)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Trouble, match="does not answer") as caught:
            walk(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(5)
    assert caught.value.is_transient and not thread.is_alive()


def test_an_invalid_certificate_is_not_tried_again(tmp_path):
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost"
    subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    accepted = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            accepted.append(connection)
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(Trouble, match="^has no valid certificate$") as caught:
            walk(f"https://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(5)
    assert not caught.value.is_transient and len(accepted) == 1


@pytest.mark.parametrize("url", ["desk.example.com", "ftp://desk.example.com", "http://", "http://[::1", "http://a:b"])
def test_an_address_that_is_none_is_one_line(url):
    with pytest.raises(Trouble, match="^has no address$"):
        walk(url)


COUNTED = {"type": "page_number"}
FOLLOWING = {"type": "cursor", "next": "next", "parameter": "page"}


def test_each_way_of_paging_ends(server):
    def answer(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "0"))
        body = {"data": [{"id": page}] if page < 3 else [], "pages": 2, "more": page < 1, "next": page + 1}
        return Reply(body, headers={"Link": f'</users?page={page + 1}>; rel="next"'} if page < 2 else {})

    server.answer = answer
    counted = COUNTED | {"first": 0}
    for paging, pages in [
        (counted, 4),
        (counted | {"total_pages": "pages"}, 2),
        (counted | {"has_more": "more"}, 2),
        (FOLLOWING | {"has_more": "more"}, 2),
        ({"type": "link_header"}, 3),
        ({"type": "single"}, 1),
    ]:
        assert len(walk(server.url, paging=paging)) == pages, paging


@pytest.mark.parametrize(
    ("paging", "body", "expected"),
    [
        (COUNTED, lambda page: {"data": [ROW]}, "the same page again"),
        (
            FOLLOWING,
            lambda page: {"data": [{"id": time.perf_counter_ns()}], "next": page % 3 + 1},
            "a page that was read before",
        ),
        (FOLLOWING, lambda page: {"data": [], "next": page + 1}, "empty pages without end"),
        (FOLLOWING, lambda page: {"data": [], "next": {"a": 1}}, "names no page"),
        (COUNTED | {"has_more": "more"}, lambda page: {"data": [ROW], "more": "maybe"}, "without true or false"),
        (COUNTED | {"total_pages": "pages"}, lambda page: {"data": [ROW], "pages": -1}, "without a number named pages"),
    ],
)
def test_pages_without_end_are_refused(server, monkeypatch, paging, body, expected):
    monkeypatch.setattr("orchestration.raw.rest.pages._MOST_EMPTY_PAGES", 5)
    server.answer = lambda asked: Reply(body(int(asked.query.get("page", "1")) + 1))
    with pytest.raises(Trouble, match=expected):
        walk(server.url, paging=paging)
    assert len(server.asked) < 10


def test_a_server_is_waited_for_as_it_asks(server, waits):
    in_a_minute = formatdate(time.time() + 60, usegmt=True)
    replies = [Reply(status=429, headers={"Retry-After": "7"}), Reply(status=503, headers={"Retry-After": in_a_minute})]
    server.answer = lambda asked: replies.pop(0) if replies else Reply({"data": [ROW]})
    assert len(walk(server.url)[0].rows) == 1
    assert waits[0] == 7 and 50 < waits[1] <= 60 and len(waits) == 2


def test_a_wait_beyond_reason_breaks_off(server, waits):
    server.answer = lambda asked: Reply(status=429, headers={"Retry-After": "86400"})
    with pytest.raises(Trouble, match="answers HTTP 429 and asks to wait 86400 s") as caught:
        walk(server.url)
    assert caught.value.is_transient and waits == [] and len(server.asked) == 1


def test_waiting_has_an_end(server, waits):
    server.answer = lambda asked: Reply(status=429, headers={"Retry-After": "0"})
    with pytest.raises(Trouble, match="answers HTTP 429"):
        walk(server.url)
    assert len(server.asked) == 11


def test_backing_off_takes_longer_each_time(server, waits):
    server.answer = lambda asked: Reply(status=502)
    with pytest.raises(Trouble):
        walk(server.url)
    assert len(waits) == limits.ATTEMPTS - 1 and waits == sorted(waits) and waits[-1] >= 2 * waits[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit-Remaining": "0", "RateLimit-Reset": "9"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "a moment"},
        {"RateLimit": '"default";r=0;t=9'},
    ],
)
def test_a_quota_used_up_delays_the_next_page(server, waits, headers):
    is_moment = "a moment" in headers.values()
    if is_moment:  # seconds since 1970
        headers = headers | {"X-RateLimit-Reset": str(int(time.time()) + 100)}
    server.answer = lambda asked: Reply({"data": [ROW] if asked.query["page"] == "1" else []}, headers=headers)
    walk(server.url, paging={"type": "page_number"})
    assert len(server.asked) == 2
    assert 50 < sum(waits) <= 100 if is_moment else sum(waits) == pytest.approx(9, abs=0.01)


def test_the_declared_rate_is_kept(server, waits):
    server.answer = lambda asked: Reply({"data": [{"id": asked.query["page"]}] if int(asked.query["page"]) < 8 else []})
    walk(server.url, paging={"type": "page_number"}, rate_limit={"requests": 3, "per": "1 minute"})
    assert len(server.asked) == 8 and sum(waits) == pytest.approx(120, abs=0.01)
