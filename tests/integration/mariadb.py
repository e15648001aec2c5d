"""A MariaDB server for tests: a folder of its own, on loopback; tests skip where it is missing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pymysql

MISSING = "mariadbd is not installed (Debian: apt-get install mariadb-server)"
USER, PASSWORD, DATABASE = "reader", "p@ss:/word", "shop"
_PATIENCE_S = 30


def binary() -> str | None:
    """Where the server's program is, if it is installed."""
    return shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class MariaDb:
    """One server on one new folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder.resolve(), _free_port()
        self._socket = self.folder / "server.sock"
        self._user = "mysql" if os.geteuid() == 0 else None  # it refuses to run as root
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server with one database and one user that reads it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._user:
            shutil.chown(self.folder, self._user, self._user)
            self.folder.chmod(0o755)
        as_user = [f"--user={self._user}"] if self._user else []
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", *as_user, "--skip-test-db"]
            + ["--auth-root-authentication-method=normal"],
            check=True,
            capture_output=True,
        )
        self._process = subprocess.Popen(
            [binary() or "mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self._socket}"]
            + [f"--port={self.port}", "--bind-address=127.0.0.1", f"--pid-file={self.folder}/server.pid", *as_user]
            + ["--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--sql-mode=", "--max-connections=20"]
            + ["--innodb-buffer-pool-size=256M", "--default-time-zone=+05:00", "--character-set-server=utf8mb4"],
            stdout=(self.folder / "server.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        patience = time.monotonic() + _PATIENCE_S
        while True:
            try:
                connection = self.connect(None)
                break
            except pymysql.Error:
                if time.monotonic() > patience or self._process.poll() is not None:
                    raise
                time.sleep(0.1)
        with connection, connection.cursor() as cursor:
            cursor.execute(f"create database {DATABASE} character set utf8mb4")
            cursor.execute(f"create user {USER}@'127.0.0.1' identified by '{PASSWORD}'")
            cursor.execute(f"grant select on {DATABASE}.* to {USER}@'127.0.0.1'")

    def stop(self) -> None:
        """Stops the server and waits until it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_PATIENCE_S)

    def connect(self, database: str | None = DATABASE) -> pymysql.Connection:
        """An administrator's connection, over the socket."""
        return pymysql.connect(
            unix_socket=str(self._socket), user="root", database=database, autocommit=True, charset="utf8mb4"
        )

    def url(self, scheme: str = "mysql", password: str = "p%40ss%3A%2Fword") -> str:
        """The address of the database for its reader."""
        return f"{scheme}://{USER}:{password}@127.0.0.1:{self.port}/{DATABASE}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
