"""Faults that strike the run: killed processes, and troubles of the machine."""

from tests.faults.fault import SAME, Fault


def _killed(name: str, where: str, at: str) -> Fault:
    return Fault(name, where, f"SIGKILL {at}")


def _before(name: str, where: str, what: str) -> Fault:
    return _killed(f"kill-before-{name}", where, f"just before {what}: the new file is written, the rename is not done")


_RANDOM_IN_DBT = "at a random moment while dbt builds"
_BY_ITSELF = "the process ends by itself; " + SAME
KILLS = (
    _killed("kill-first-night", "staged", f"{_RANDOM_IN_DBT}, on the first night ever"),
    _killed("kill-extract", "raw", "when a source is extracted and nothing of it is normalised"),
    _killed("kill-normalize", "raw", "when a source is normalised and nothing of it is loaded"),
    _killed("kill-load", "raw", "when a part of the tables has landed in the lake and the next file has not"),
    _killed("kill-raw", "raw", "at a random moment of the pull of all sources"),
    _killed("kill-staged", "staged", _RANDOM_IN_DBT),
    _killed("kill-gate", "gate", "at a random moment of the gate"),
    _before("profiles", "watch", "tonight's profile of the staged tables"),
    _before("quality", "watch", "tonight's judgement of them, the profile being new"),
    _before("quarantine", "quarantine", "the new quarantine"),
    _killed("kill-validated", "validated", _RANDOM_IN_DBT),
    _before("identity-history", "identity", "the identity history"),
    _before("identity-assignments", "identity", "the assignments, the history being new"),
    _before("identity-events", "identity", "the events, history and assignments being new"),
    _before("identity-households", "identity", "the households"),
    _before("identity-features", "identity", "the standard spellings that the next night starts from"),
    _before("identity-pairs", "identity", "the scored pairs, the standard spellings being new"),
    _killed("kill-identity", "identity", "at a random moment of the step"),
    _before("due", "grading", "the list of the past answers that are to be graded"),
    Fault("sigint-unified", "unified", f"SIGINT (Ctrl-C) {_RANDOM_IN_DBT}", outcome=_BY_ITSELF),
    _killed("kill-unified", "unified", _RANDOM_IN_DBT),
    _before("scorecard-bins", "grading", "what was predicted beside what happened"),
    _before("scorecard", "grading", "the scorecard, what was predicted beside what happened being new"),
    _before("standing", "grading", "who serves tonight, the scorecard being new"),
    _before("next-standing", "grading", "who serves for the second model, that of the first being new"),
    _before("segments", "intelligence", "the segments"),
    _before("segments-state", "intelligence", "what tomorrow's groups are carried on from, the segments being new"),
    _before("segments-grades", "intelligence", "the grades of the segments, which are new"),
    _before("churn", "intelligence", "the churn scores"),
    _before("churn-grades", "intelligence", "the grades of the churn scores, which are new"),
    _before("demand", "intelligence", "the forecast"),
    _before("demand-ledger", "intelligence", "who forecast what and why, the forecast being new"),
    _before("demand-notes", "intelligence", "the notes of what changed, forecast and ledger being new"),
    _before("demand-grades", "intelligence", "the grades of the forecast, which is new"),
    _before("replenishment", "intelligence", "what to order"),
    _killed("kill-demand", "intelligence", "at a random moment of the forecast"),
    _before("lifetime-value", "intelligence", "the lifetime values"),
    _before("lifetime-value-grades", "intelligence", "the grades of the lifetime values, which are new"),
    _before("recommendations", "intelligence", "the recommendations"),
    _before("recommendations-grades", "intelligence", "the grades of the recommendations, which are new"),
    _killed("kill-recommendations", "intelligence", "at a random moment of the recommendations"),
    _before("personas", "intelligence", "the personas of the segments"),
    _before("declared-segments", "intelligence", "the members of the declared segments"),
    _before("overlap", "intelligence", "the overlap of the declared segments, their members being new"),
    _before("identity-grades", "grading", "the grades of identity"),
    _before("drift", "grading", "the drift of features and scores"),
    _before("cards", "grading", "a model card's page, its text being new"),
    _before("run-record", "run record", "the record of the run"),
    _before("impact", "identity", "the impact of the night"),
    _killed("kill-marts", "marts", _RANDOM_IN_DBT),
    Fault("sigterm-marts", "marts", f"SIGTERM (a shutdown) {_RANDOM_IN_DBT}", outcome=_BY_ITSELF),
    _killed("kill-copy", "serving", "when some of the marts are copied"),
    _before("snapshot", "serving", "the snapshot of who is who that goes with the new serving.duckdb"),
    _before("serving-rename", "serving", "the new serving.duckdb, the snapshot lying ready"),
)
BACKFILLS = (
    _killed("kill-backfill-tables", "backfill", _RANDOM_IN_DBT + " its tables"),
    _before("backfill-standing", "backfill", "who serves in the second week, the week before being whole"),
    _before("backfill-answers", "backfill", "the second model's answers of a week, those of the first being new"),
    _before("backfill-grades", "backfill", "a model's grades of itself, its answers of the week being new"),
    _before("backfill-bins", "backfill", "the week's predicted beside what happened, earlier weeks being graded"),
    _before("backfill-scorecard", "backfill", "the week's scorecard, predicted beside what happened being new"),
    _killed("kill-backfill-workers", "backfill", "at a random moment of a week that two processes work out"),
    _killed("kill-backfill-marts", "marts", _RANDOM_IN_DBT + " the marts that show the grades"),
    _killed("kill-backfill-copy", "serving", "when some of the marts are copied, all weeks being done"),
)

_FULL = r"the disk of the data folder is full or fails\. Remedy: make room there and run again"
_MAKE_ROOM = "one line: the disk is full, make room; then " + SAME

MACHINE = (
    Fault("full-raw", "raw", "The disk is full when a source's files go into the lake", _FULL, _MAKE_ROOM),
    Fault("full-staged", "staged", "The disk is full when dbt starts to build", _FULL, _MAKE_ROOM),
    Fault("full-identity", "identity", "The disk is full when the identity history is written", _FULL, _MAKE_ROOM),
    Fault("full-serving", "serving", "The disk is full when the marts are copied", _FULL, _MAKE_ROOM),
    Fault("full-site", "report", "The disk is full when the pages are written", _FULL, _MAKE_ROOM),
    Fault("file-size", "serving", "No file may grow past 1 MB (a quota)", _FULL, _MAKE_ROOM),
    Fault(
        "open-files",
        "staged",
        "The process may open no more files than it has open already, and a few",
        r"(may not open more files|too few files may be opened)\. Remedy: .*raise the limit \(ulimit -n 4096\)",
        "one line: raise the limit; then " + SAME,
    ),
    Fault(
        "closed-folder",
        "start",
        "The run's user may not write in the data folder",
        r"the data folder can't be written\. Remedy: let this user write in it, and run again",
        "one line: give the right back; then " + SAME,
    ),
    Fault(
        "closed-publications",
        "serving",
        "The run's user may not write in the folder of the publications",
        r"the data folder can't be written\. Remedy: let this user write in it, and run again",
        "one line: give the right back; then " + SAME,
    ),
    Fault(
        "read-only-disk",
        "start",
        "The data folder's disk is mounted read-only",
        r"the data folder can't be written\. Remedy: let this user write in it, and run again",
        "one line: make it writable; then " + SAME,
    ),
    Fault(
        "clock-back",
        "raw",
        "The machine's clock stands two days before the last load",
        r"survey\.\*: this machine's clock stands \d+ (hours|days) before the last load\. Remedy: set the clock right",
        "one line: set the clock; nothing was loaded; then " + SAME,
    ),
    Fault(
        "warehouse-held",
        "staged",
        "Another program holds warehouse.duckdb open",
        r"another program holds the warehouse open\. Remedy: close it there and run again",
        "one line: close it there; then " + SAME,
    ),
    Fault(
        "two-runs",
        "start",
        "A second run is started while the first is under way",
        r"another run is under way on data/; wait for its end or stop it",
        "the second says so in one line and ends; the first goes on",
    ),
    Fault("left-overs", "all", "An old lock file, .unfinished files and a foreign warehouse.duckdb.wal lie around"),
    Fault("time-zone", "all", "The machine's time zone is Pacific/Auckland, on night 1 it was another"),
    Fault(
        "reader",
        "serving",
        "A reader holds serving.duckdb open while tonight's is put in place",
        outcome="the reader reads yesterday's to its end; " + SAME,
    ),
)
