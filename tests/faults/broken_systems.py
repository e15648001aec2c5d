"""Systems that break in their own ways: an API that answers nonsense, a network that cuts a connection."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_TALKS = {
    "500": (500, "application/json", b'{"error": "a bad day"}'),
    "429": (429, "application/json", b'{"error": "slow down"}'),
    "401": (401, "application/json", b'{"error": "this token has expired"}'),
    "html": (200, "text/html", b"<html><body>We are moving. Come back soon.</body></html>"),
    "no-list": (200, "application/json", b'{"data": {"users": 3}}'),
    "cut": (200, "application/json", b'{"data": [{"user_id": "U1", "na'),
}


@contextmanager
def talking(how: str) -> Iterator[str]:
    """The address of an API that answers every request alike; "cut" promises more bytes than it sends."""
    status, kind, body = _TALKS[how]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) * (10 if how == "cut" else 1)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def cutting(port: int, after_bytes: int) -> Iterator[int]:
    """A port that passes on to `port` and cuts every connection once so many bytes have come back."""
    listener = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def back(server: socket.socket, client: socket.socket) -> None:
        passed = 0
        while passed < after_bytes and (chunk := _received(server)):
            passed += len(chunk)
            client.sendall(chunk[: max(0, len(chunk) - max(0, passed - after_bytes))])
        for end in (server, client):
            _close(end)

    def forth(client: socket.socket, server: socket.socket) -> None:
        while chunk := _received(client):
            try:
                server.sendall(chunk)
            except OSError:
                return

    def accept() -> None:
        while not is_over.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=back, args=(server, client), daemon=True).start()
            threading.Thread(target=forth, args=(client, server), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        is_over.set()
        _close(listener)
        thread.join(5)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(1 << 16)
    except OSError:
        return b""


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]
