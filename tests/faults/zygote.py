"""A process that has imported everything once and forks a child per run, so that a run costs only its own work.

It reads one JSON line per order from its input: {"start": {...}} answers {"pid": …}, {"wait": pid} answers
{"status": exit code, or minus the signal}. Nothing is tested here; what a child injects is in `injections`.
"""

import atexit
import gc
import importlib
import json
import os
import sys
import time

_HEAVY = (
    "orchestration.raw.load",  # first: it sets what dlt reads when it is imported
    "connectorx",
    "dbt.cli.main",
    "dbt.adapters.duckdb",
    "dlt.destinations.impl.filesystem.filesystem",
    "great_expectations",
    "matplotlib.pyplot",
    "models.churn",
    "models.demand",
    "models.identity",
    "models.lifetime_value",
    "models.recommend",
    "models.scorecard",
    "models.segments",
    "orchestration.backfill.__main__",
    "orchestration.nightly",
    "orchestration.raw.files",
    "orchestration.raw.rest",
    "orchestration.raw.sql",
    "orchestration.serving.rollback",
    "psycopg",
    "report.build",
    "splink",
    "tests.faults.injections",
)

_COMMANDS = {
    "nightly": "orchestration.nightly",
    "backfill": "orchestration.backfill.__main__",
    "rollback": "orchestration.serving.rollback",
}


def main() -> None:
    """Serve until the input ends."""
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in _HEAVY:
        __import__(name)
    gc.collect()
    gc.freeze()  # a child's collector need not look through, and so copy, what was imported here
    _answer({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            _answer({"pid": _start(order["start"])})
        else:
            _, status, usage = os.wait4(order["wait"], 0)
            _answer({"status": os.waitstatus_to_exitcode(status), "peak_mb": usage.ru_maxrss // 1024})


def _answer(what: dict) -> None:
    print(json.dumps(what), flush=True)


def _start(order: dict) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.setsid()
        output = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.update(order["environment"])
        time.tzset()
        from tests.faults import injections

        command = importlib.import_module(_COMMANDS[order["command"]])
        injections.inject(order["injections"])
        code = command.main(order["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:  # what the command would have shown as a trace
        import traceback

        traceback.print_exc()
        code = 130 if isinstance(error, KeyboardInterrupt) else 70
    finally:
        atexit._run_exitfuncs()  # as at the end of the command: what libraries hold is given back
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
