"""One run at a time on a data folder, whoever starts it: the command line, the UI or the schedule."""

from __future__ import annotations

from filelock import AcquireReturnProxy, FileLock, Timeout

from orchestration.paths import DataDir


class AnotherRunError(Exception):
    """Another run is under way on the same data folder."""


def run_lock(data: DataDir) -> FileLock:
    """The folder's lock: one object per process, so that its steps share it; a killed process lets go of it."""
    data.root.mkdir(parents=True, exist_ok=True)
    return FileLock(data.root / ".run.lock", timeout=0, thread_local=False, is_singleton=True)


def take(data: DataDir) -> AcquireReturnProxy:
    """Take the lock, or say at once who has to wait; as a context manager it gives the lock back.

    Raises:
        AnotherRunError: another process runs on this data folder.
    """
    try:
        return run_lock(data).acquire()
    except Timeout:
        raise AnotherRunError(f"another run is under way on {data.root.name}/; wait for its end or stop it") from None
