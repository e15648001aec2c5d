"""The helpdesk's HTTP interface: users and tickets behind a bearer token, in pages, newest changes last.

    GET /api/users?page=1&per_page=500&updated_since=2017-06-01T00:00:00Z   (and /api/tickets)
    -> {"data": [...], "page": 1, "next_page": 2 or null, "total": 1234}

`updated_since` includes the moment itself. `fail_with` makes it answer errors, for tests.
"""

import hmac
import json
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb

MOST_PER_PAGE = 1000
_KEYS = {"users": "user_id", "tickets": "ticket_id"}


def visible_rows(world: Path, name: str, today: date) -> list[dict[str, Any]]:
    """The newest version of every user or ticket by the end of `today`, ordered by updated_at and key."""
    key = _KEYS[name]
    with duckdb.connect() as con:
        con.execute("set threads to 2; set TimeZone to 'UTC'")
        rows = con.sql(f"""
            select * exclude (visible_at) from read_parquet('{world}/helpdesk_{name}.parquet')
            where visible_at < timestamp '{today + timedelta(1)}'
            qualify row_number() over (partition by {key} order by visible_at desc) = 1
            order by updated_at, {key}""").to_arrow_table()
    written = {column: _iso(rows[column].to_pylist()) for column in rows.column_names}
    return [dict(zip(written, values, strict=True)) for values in zip(*written.values(), strict=True)]


def _iso(values: list[Any]) -> list[Any]:
    return [f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value for value in values]


class Helpdesk:
    """The running interface; `url` is its base address."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]], token: str) -> None:
        self.tables = tables
        self.token = token
        self.failure: int | None = None
        self._changes = {name: [row["updated_at"] for row in rows] for name, rows in tables.items()}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="helpdesk", daemon=True, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail_with(self, status: int | None) -> None:
        """Answers every request with this status from now on; None ends the failure."""
        self.failure = status

    def stop(self) -> None:
        """Stops answering and closes the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, target: str, authorization: str | None) -> tuple[int, dict[str, Any]]:
        """Status and body for one request."""
        if self.failure is not None:
            return self.failure, {"error": "the helpdesk is having a bad day"}
        if not hmac.compare_digest((authorization or "").encode(), f"Bearer {self.token}".encode()):
            return 401, {"error": "missing or wrong bearer token"}
        parts = urlsplit(target)
        name = parts.path.removeprefix("/api/")
        if name not in self.tables or not parts.path.startswith("/api/"):
            return 404, {"error": f"no such resource: {parts.path}"}
        try:
            page, size, since = _parameters(parse_qs(parts.query))
        except ValueError as problem:
            return 400, {"error": str(problem)}
        first = bisect_left(self._changes[name], since) if since else 0
        rows = self.tables[name][first:]
        data = rows[(page - 1) * size : page * size]
        more = page * size < len(rows)
        return 200, {"data": data, "page": page, "next_page": page + 1 if more else None, "total": len(rows)}


def _parameters(query: dict[str, list[str]]) -> tuple[int, int, str | None]:
    """page, per_page and updated_since (as the rows write it); ValueError says which one is wrong."""
    numbers = {}
    for name, default in (("page", 1), ("per_page", 500)):
        text = query.get(name, [str(default)])[-1]
        if not text.isdigit() or int(text) < 1:
            raise ValueError(f"{name} must be a whole number from 1, not {text!r}")
        numbers[name] = int(text)
    since = query.get("updated_since", [None])[-1]
    if since is not None:
        try:
            moment = datetime.fromisoformat(since.replace(" ", "+"))  # a plus sign not encoded arrives as a blank
        except ValueError:
            raise ValueError(f"updated_since must be an ISO date and time, not {since!r}") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        since = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return numbers["page"], min(numbers["per_page"], MOST_PER_PAGE), since


def _handler(helpdesk: Helpdesk) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = helpdesk.answer(self.path, self.headers.get("Authorization"))
            content = json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: the demo's own output is what counts."""

    return Handler
