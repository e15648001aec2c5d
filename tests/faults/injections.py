"""What goes wrong inside a run's own process: a kill at an exact place, too little room, a clock that lies.

Everything here is done to the process from outside its code's knowledge: by a signal, by a limit of the system, or
by a library's function that is counted. No result is changed.
"""

import importlib
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any


def inject(wanted: list[dict[str, Any]]) -> None:
    """Arm every injection: {"kind": name, …} with the arguments of the function of that name."""
    for injection in wanted:
        arguments = dict(injection)
        _KINDS[arguments.pop("kind")](**arguments)


def _signal_at(
    place: str, call: int = 1, after: bool = False, name: str = "SIGKILL", of: str = "", step: str = ""
) -> None:
    """Send the signal at the n-th call of `module:attribute.path`, before it does anything or when it has ended.

    Only calls count that are given something with `of` in its text, such as a file's name, and that come after the
    start of `step`: so the same call is meant in a run of one stage and in a whole night.
    """
    _counted(place, call, after, lambda: os.kill(os.getpid(), getattr(signal, name)), of, step)


def _hold_at(place: str, path: str, call: int = 1, after: bool = False) -> None:
    """Wait at the n-th call of a place until the file `path`.go appears; `path` says that the run is there."""

    def wait() -> None:
        open(path, "w").close()
        while not os.path.exists(path + ".go"):
            time.sleep(0.01)

    _counted(place, call, after, wait)


def _counted(place: str, call: int, after: bool, act: Callable[[], None], of: str = "", step: str = "") -> None:
    module_name, path = place.split(":")
    owner: Any = importlib.import_module(module_name)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    real = getattr(owner, name)
    calls, has_started = 0, _started_steps() if step else {step}

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        is_meant = step in has_started and (not of or any(of in str(one) for one in arguments))
        calls += is_meant
        mine = calls if is_meant else 0
        if mine == call and not after:
            act()
        result = real(*arguments, **named)
        if mine == call and after:
            act()
        return result

    setattr(owner, name, counted)
    for module in list(sys.modules.values()):  # who imported it by name has it too
        if getattr(module, "__name__", "").startswith("orchestration") and getattr(module, name, None) is real:
            setattr(module, name, counted)


def _started_steps() -> set[str]:
    """The steps of the run that have started, which grows while it goes on."""
    from orchestration import console

    real, started = console._event_line, set()

    def noted(event: Any) -> str | None:
        line = real(event)
        if line and line.endswith(" …"):
            started.add(event.step_key)
        return line

    console._event_line = noted
    return started


def _largest_file(bytes: int) -> None:
    """No file may grow past this size; a write past it fails as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, bytes))


def _open_files(most: int) -> None:
    """No more open files than this."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _clock(seconds: float) -> None:
    """The process's clock is off by so much; dlt, the loader and Dagster all ask `time` and `datetime`."""
    import datetime as datetimes

    real, Real = time.time, datetimes.datetime
    time.time = lambda: real() + seconds
    time.time_ns = lambda: int((real() + seconds) * 1e9)

    class Shifted(Real):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return Real.fromtimestamp(real() + seconds, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return Real.fromtimestamp(real() + seconds, datetimes.UTC).replace(tzinfo=None)

    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("orchestration") and getattr(module, "datetime", None) is Real:
            module.datetime = Shifted
        for name in ("time", "precise_time"):
            if getattr(module, "__name__", "").startswith("dlt") and vars(module).get(name) is real:
                setattr(module, name, time.time)


def _no_waiting() -> None:
    """The pauses between one try and the next are left out."""
    real = time.sleep

    def hardly(seconds: float) -> None:
        real(min(seconds, 0.05))

    time.sleep = hardly
    for module in list(sys.modules.values()):  # who took it by name has it too
        if getattr(module, "__name__", "").startswith("orchestration") and vars(module).get("sleep") is real:
            module.sleep = hardly


def _cores(count: int) -> None:
    """The machine has no more cores than this."""
    os.cpu_count = lambda: count


def _user(uid: int) -> None:
    """Go on as another user of the machine."""
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


_KINDS: dict[str, Callable[..., None]] = {
    "signal": _signal_at,
    "hold": _hold_at,
    "largest_file": _largest_file,
    "open_files": _open_files,
    "clock": _clock,
    "no_waiting": _no_waiting,
    "cores": _cores,
    "user": _user,
}
