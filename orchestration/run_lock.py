"""One run at a time on a data folder, whoever starts it: the command line, the UI or the schedule."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from orchestration.paths import DataDir

_PATIENCE_S = 1.0  # longer than a look at the lock takes, shorter than a person notices


class AnotherRunError(Exception):
    """Another run is under way on the same data folder."""


def run_lock(data: DataDir) -> FileLock:
    """The folder's lock: one object per process, so that its steps share it; a killed process lets go of it."""
    data.root.mkdir(parents=True, exist_ok=True)
    return _lock(_lock_file(data))


@cache
def _lock(path: Path) -> FileLock:
    # Kept for the life of the process: a lock that nobody refers to any more is given back while the run goes on.
    return FileLock(path, timeout=_PATIENCE_S, thread_local=False)


def is_run_under_way(data: DataDir) -> bool:
    """Whether somebody holds the lock now; looking takes a moment in which `take` has to be patient."""
    if not data.root.exists():
        return False
    try:
        with FileLock(_lock_file(data), timeout=0, thread_local=False):
            return False
    except Timeout:
        return True


def _lock_file(data: DataDir) -> Path:
    return data.root / ".run.lock"


def take(data: DataDir) -> AcquireReturnProxy:
    """Take the lock, or say within a second who has to wait; as a context manager it gives the lock back.

    Raises:
        AnotherRunError: another process runs on this data folder.
    """
    try:
        return run_lock(data).acquire()
    except Timeout:
        raise AnotherRunError(f"another run is under way on {data.root.name}/; wait for its end or stop it") from None
