"""`make superset` and `make check-superset`."""

from __future__ import annotations

import argparse
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from bi.superset.check import check
from bi.superset.client import Client
from bi.superset.server import SupersetError, running
from bi.superset.starter import make_charts, make_dashboard, make_datasets
from bi.superset.targets import READ_ONLY


def serve(data: Path, port: int) -> None:
    """A Superset on the data folder's published file, with the starter dashboard, until Ctrl-C.

    Its metadata stay in `superset` of the data folder: what a person makes there is still there the next time.
    """
    serving = _published(data)
    for end in (signal.SIGTERM, signal.SIGINT):  # either ends Superset too
        signal.signal(end, signal.default_int_handler)
    with running(data / "superset", port) as superset:
        client = Client(superset)
        database = client.database("marts", f"duckdb:///{serving.resolve()}", READ_ONLY)
        dashboard = make_dashboard(client, make_charts(client, make_datasets(client, database)))
        print(
            f"{superset.address}/superset/dashboard/{dashboard}/  (user {superset.user}, password in"
            f" {data / 'superset/admin-password'}; Ctrl-C ends)",
            flush=True,
        )
        try:
            Event().wait()
        except KeyboardInterrupt:
            print()


def _published(data: Path) -> Path:
    serving = data / "serving.duckdb"
    if not serving.exists():
        raise SystemExit(f"nothing is published in {data}: run `make run` first")
    return serving


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit code 1 when a number is wrong or Superset can't be asked."""
    parser = argparse.ArgumentParser(
        prog="python -m bi.superset", description="Apache Superset on the published tables."
    )
    parser.add_argument("what", choices=("serve", "check"))
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--port", type=int, default=8088, help="port on 127.0.0.1 of `serve` (default 8088)")
    options = parser.parse_args(arguments)
    try:
        if options.what == "serve":
            serve(options.data, options.port)
            return
        with tempfile.TemporaryDirectory(prefix="superset-") as folder:
            wrong = check(_published(options.data), Path(folder))
    except SupersetError as error:
        raise SystemExit(str(error)) from None
    if wrong:
        raise SystemExit(f"{len(wrong)} wrong: {'; '.join(wrong)}")
    print("Superset shows what the tables say, on both targets.")


if __name__ == "__main__":
    main()
