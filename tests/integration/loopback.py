"""A real HTTP server on loopback whose answers a test decides, and the sources that point at it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from orchestration.raw.declaration import validate_declaration


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """One answer. `wrong_length` is sent for its length; `is_reset` closes the connection without one."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wrong_length: int | None = None
    is_reset: bool = False

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Loopback:
    """The running server; `answer` may be replaced at any time."""

    def __init__(self) -> None:
        self.answer: Callable[[Asked], Reply] = lambda asked: Reply(status=404)
        self.asked: list[Asked] = []
        self.url = ""


@contextmanager
def loopback() -> Iterator[Loopback]:
    """A server until the end of the block."""
    loop = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), dict(self.headers), body)
            loop.asked.append(asked)
            reply = loop.answer(asked)
            if reply.is_reset:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            length = len(reply.content) if reply.wrong_length is None else reply.wrong_length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(reply.content)
            self.close_connection = reply.wrong_length is not None

        do_POST = do_GET

        def log_message(self, *arguments: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):  # a client that had enough
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    loop.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield loop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rest_source(url: str, table: dict[str, Any] | None = None, **source: Any) -> Any:
    """A source `desk` with one endpoint `users` at /users, its columns id and changed."""
    users = {"description": "", "path": "/users", "key": ["id"], "columns": ["id", "changed"]} | (table or {})
    declared = {
        "source": "desk",
        "description": "",
        "connector": "rest",
        "owner": "desk@example.com",
        "party_data_class": "first",
        "location": url,
        "paging": {"type": "single"},
        "tables": {"users": users},
    }
    return validate_declaration(declared | source)
