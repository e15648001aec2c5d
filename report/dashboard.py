"""`python -m report.dashboard`: the pages on a server of this machine, and a page for each customer.

Only reachable from this machine. Without `--private` it opens nothing but the published file, which holds no direct
identifiers; with it, the page of a customer shows the golden record too, read from the warehouse.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb

from .build import customer_html
from .customer import customer_page
from .marts import Marts
from .words import Say

_GOLDEN = """
    select field, value, source_system, updated_at from unified.golden_fields
    where customer_id = $1 and value is not null order by field
"""


class Locked(Exception):
    """The warehouse is being written; its private values can't be read now."""


def golden_record(warehouse: Path, customer_id: str) -> list[dict[str, Any]]:
    """The golden fields of a customer from the private side.

    Raises:
        Locked: a run is writing the warehouse.
    """
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            found = connection.execute(_GOLDEN, [customer_id])
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except (duckdb.IOException, duckdb.CatalogException) as error:
        raise Locked from error


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder of the report, and `customer.html?id=…` made at once."""

    def __init__(self, *arguments: Any, serving: Path, warehouse: Path | None, **named: Any) -> None:
        self.serving, self.warehouse = serving, warehouse
        super().__init__(*arguments, **named)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path.endswith("/customer.html"):
            language = "zh" if address.path.startswith("/zh/") else "en"
            wanted = parse_qs(address.query).get("id", [""])[0].strip()
            self._answer(*self._customer(language, wanted))
        else:
            super().do_GET()

    def _customer(self, language: str, customer_id: str) -> tuple[HTTPStatus, str]:
        say = Say(language)
        with duckdb.connect(str(self.serving), read_only=True) as connection:
            marts = Marts(connection)
            note = ""
            page = customer_page(marts, say, customer_id) if customer_id else None
            if page is not None and self.warehouse is not None:
                try:
                    page = customer_page(marts, say, customer_id, golden_record(self.warehouse, page.subject))
                except Locked:
                    note = say("A run is writing the warehouse: the golden record can be read when it is done.")
            if customer_id and page is None:
                note = say("No customer has this id.")
            html = customer_html(page, say, marts, customer_id, note)
        return (HTTPStatus.NOT_FOUND if customer_id and page is None else HTTPStatus.OK), html

    def _answer(self, status: HTTPStatus, html: str) -> None:
        content = html.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged: who looked at whom stays between them."""


def serve(site: Path, serving: Path, warehouse: Path | None, port: int) -> ThreadingHTTPServer:
    """A server on 127.0.0.1, ready to run; `warehouse` only for those allowed to see names. Port 0 takes a free one."""
    handler = partial(Handler, directory=str(site), serving=serving, warehouse=warehouse)
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make dashboard", description="Look at the report, and at single customers.")
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--port", type=int, default=8080, help="port on 127.0.0.1 (default 8080)")
    parser.add_argument(
        "--private", action="store_true", help="show names and contact points on the page of a customer"
    )
    options = parser.parse_args(arguments)
    serving, site = options.data / "serving.duckdb", options.data / "site"
    if not serving.exists() or not site.exists():
        raise SystemExit(f"nothing is published in {options.data}: run `make run` first")
    server = serve(site, serving, options.data / "warehouse.duckdb" if options.private else None, options.port)
    print(
        f"http://127.0.0.1:{server.server_port}/customer.html and http://127.0.0.1:{server.server_port}/ (Ctrl-C ends)",
        flush=True,
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
