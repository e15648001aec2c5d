"""One Superset on a folder of its own: prepared, started on loopback, stopped by its pid."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

ENVIRONMENT = Path(__file__).parents[2] / ".venv-superset"
_HERE = Path(__file__).parent
_PATIENCE_S = 180
_THREADS = 8  # a dashboard asks for its charts at once
_KEPT = ("PATH", "LANG", "TMPDIR", "TZ")


class SupersetError(RuntimeError):
    """Superset is not installed, did not start, or refused; one line that says what to do."""


@dataclass(frozen=True)
class Superset:
    """A Superset that can be asked.

    Args:
        address: where it listens, without a slash at the end.
        user, password: of its administrator.
    """

    address: str
    user: str
    password: str


def is_installed(environment: Path = ENVIRONMENT) -> bool:
    """Whether `make superset-environment` was run."""
    return (environment / ".installed").exists()


@contextmanager
def running(home: Path, port: int = 0, environment: Path = ENVIRONMENT) -> Iterator[Superset]:
    """A Superset whose metadata are in `home`, a folder that may be new; port 0 takes a free one.

    Raises:
        SupersetError: not installed, or it does not come up within three minutes.
    """
    if not is_installed(environment):
        raise SupersetError("Superset is not installed. Remedy: make superset-environment")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, password = _secret(home / "secret-key"), _secret(home / "admin-password")
    settings = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "SUPERSET_HOME": str(home.resolve()),
        "SUPERSET_CONFIG_PATH": str(_HERE / "superset_config.py"),
        "SUPERSET_SECRET_KEY": key,
        "SUPERSET_ADMIN_PASSWORD": password,
        "SCARF_ANALYTICS": "false",  # its pages would report themselves
        "FLASK_APP": "superset.app:create_app()",
        "HOME": str(home.resolve()),
    }
    log = home / "superset.log"
    with log.open("ab") as said:
        python = environment / "bin/python"
        prepared = subprocess.run([python, _HERE / "prepare.py"], env=settings, stdout=said, stderr=said, cwd=home)
        if prepared.returncode:
            raise SupersetError(f"Superset's metadata could not be made: {_last_line(log)}. See {log.name}")
        port = port or _free_port()
        process = subprocess.Popen(
            [
                *(python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"),
                *("--worker-class", "gthread", "--threads", str(_THREADS), "--timeout", "120"),
                "superset.app:create_app()",
            ],
            env=settings,
            stdout=said,
            stderr=said,
            cwd=home,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process, log)
            yield Superset(address, "admin", password)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SupersetError(f"Superset ended with exit code {process.returncode}: {_last_line(log)}")
        try:
            if requests.get(f"{address}/health", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    raise SupersetError(f"Superset did not answer within {_PATIENCE_S} s: {_last_line(log)}")


def _secret(path: Path) -> str:
    """What is in a file that only its owner may read; made at the first start."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text("ascii")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
