"""`python -m demo_company serve -- CMD ARGS...`: runs a command beside the demo company's systems.

PIPELINE_DATA_DIR says where the data lie (default ./data), DEMO_TODAY which day it is, DEMO_HOUSEHOLDS how
many households to take. The command gets the systems' addresses in its environment; its exit code is ours.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from demo_company.postgres import PostgresError
from demo_company.systems import DemoError, running


def main(arguments: list[str] | None = None) -> int:
    """The exit code of the command; 2 when the demo company cannot run."""
    parser = argparse.ArgumentParser(prog="python -m demo_company", description="The demo company's source systems.")
    actions = parser.add_subparsers(dest="action", required=True)
    serve = actions.add_parser("serve", help="run a command beside the systems, then stop them")
    serve.add_argument("command", nargs=argparse.REMAINDER, help="-- CMD ARGS...")
    command = parser.parse_args(arguments).command
    command = command[1:] if command[:1] == ["--"] else command
    if not command:
        parser.error("say what to run: python -m demo_company serve -- CMD ARGS...")
    try:
        return _serve(command)
    except (DemoError, PostgresError, ValueError) as problem:
        print(f"demo company: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _serve(command: list[str]) -> int:
    households = os.environ.get("DEMO_HOUSEHOLDS")
    if households and not households.isdigit():
        raise DemoError(f"DEMO_HOUSEHOLDS must be a whole number, not {households!r}.")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    # A shell's background job inherits "ignore Ctrl-C", and would hand it on to a command that stops by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic()
    with running(
        os.environ.get("PIPELINE_DATA_DIR") or "data",
        households=int(households) if households else None,
        today=os.environ.get("DEMO_TODAY") or None,
        report=lambda text: print(text, flush=True),
    ) as systems:
        print(f"demo company: ready after {time.monotonic() - started:.1f} s", flush=True)
        return _run(command, systems.environment)


def _leave(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough: a second signal must not cut the stopping short
    raise SystemExit(128 + number)


def _own_key() -> dict[str, str]:
    """The caller's token key, if set: sources of their own beside the demo keep their tokens."""
    key = os.environ.get("PIPELINE_TOKEN_KEY")
    return {"PIPELINE_TOKEN_KEY": key} if key else {}


def _run(command: list[str], environment: dict[str, str]) -> int:
    """The command's exit code, or 128 + the signal that ended it, as shells have it."""
    try:
        child = subprocess.Popen(command, env=os.environ | environment | _own_key())
    except OSError as problem:
        raise DemoError(f"cannot run {command[0]}: {problem.strerror}.") from problem
    try:
        while True:
            try:
                code = child.wait()
                return code if code >= 0 else 128 - code
            except KeyboardInterrupt:
                continue  # Ctrl-C reached the command too: let it end in its own way
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


if __name__ == "__main__":
    sys.exit(main())
