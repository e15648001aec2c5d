"""Every fault: what is done, where it strikes, and what must come of it. docs/faults.md is written from this table.

`python -m tests.faults.catalogue` writes the page; a test keeps it in step, another that every fault is provoked.
"""

from dataclasses import dataclass

from orchestration.paths import PROJECT_DIR

SAME = "same tables"
PAGE = PROJECT_DIR / "docs" / "faults.md"


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        name: the case's id in the tests.
        where: the stage or part that it strikes.
        done: what is done.
        line: regular expression for the one line the run must say; None when it needs no person.
        outcome: what comes of it, for the page.
    """

    name: str
    where: str
    done: str
    line: str | None = None
    outcome: str = SAME


def _killed(name: str, where: str, at: str) -> Fault:
    return Fault(name, where, f"SIGKILL {at}")


def _before(name: str, where: str, what: str) -> Fault:
    return _killed(f"kill-before-{name}", where, f"just before {what}: the new file is written, the rename is not done")


_RANDOM_IN_DBT = "at a random moment while dbt builds"
_BY_ITSELF = "the process ends by itself; " + SAME
KILLS = (
    _killed("kill-first-night", "staged", f"{_RANDOM_IN_DBT}, on the first night ever"),
    _killed("kill-raw", "raw", "at a random moment of the pull of all sources"),
    _killed("kill-extract", "raw", "when a source is extracted and nothing of it is normalised"),
    _killed("kill-normalize", "raw", "when a source is normalised and nothing of it is loaded"),
    _killed("kill-load", "raw", "when a part of the tables has landed in the lake and the next file has not"),
    _killed("kill-staged", "staged", _RANDOM_IN_DBT),
    _killed("kill-gate", "gate", "at a random moment of the gate"),
    _before("profiles", "watch", "tonight's profile of the staged tables"),
    _before("quality", "watch", "tonight's judgement of them, the profile being new"),
    _before("quarantine", "quarantine", "the new quarantine"),
    _killed("kill-validated", "validated", _RANDOM_IN_DBT),
    _before("identity-history", "identity", "the identity history"),
    _before("identity-assignments", "identity", "the assignments, the history being new"),
    _before("identity-events", "identity", "the events, history and assignments being new"),
    _killed("kill-identity", "identity", "at a random moment of the step"),
    Fault("sigint-unified", "unified", f"SIGINT (Ctrl-C) {_RANDOM_IN_DBT}", outcome=_BY_ITSELF),
    _killed("kill-unified", "unified", _RANDOM_IN_DBT),
    _before("segments", "intelligence", "the segments"),
    _before("segments-grades", "intelligence", "the grades of the segments, which are new"),
    _before("churn", "intelligence", "the churn scores"),
    _before("churn-grades", "intelligence", "the grades of the churn scores, which are new"),
    _before("demand", "intelligence", "the forecast"),
    _before("demand-grades", "intelligence", "the grades of the forecast, which is new"),
    _killed("kill-demand", "intelligence", "at a random moment of the forecast"),
    _before("identity-grades", "grading", "the grades of identity"),
    _before("run-record", "run record", "the record of the run"),
    _killed("kill-marts", "marts", _RANDOM_IN_DBT),
    Fault("sigterm-marts", "marts", f"SIGTERM (a shutdown) {_RANDOM_IN_DBT}", outcome=_BY_ITSELF),
    _killed("kill-copy", "serving", "when some of the marts are copied"),
    _before("serving-rename", "serving", "the new serving.duckdb"),
)

_FULL = r"the disk of the data folder is full\. Remedy: make room there and run again"
_MAKE_ROOM = "one line: the disk is full, make room; then " + SAME

MACHINE = (
    Fault("full-raw", "raw", "The disk is full when a source's files go into the lake", _FULL, _MAKE_ROOM),
    Fault("full-staged", "staged", "The disk is full when dbt starts to build", _FULL, _MAKE_ROOM),
    Fault("full-identity", "identity", "The disk is full when the identity history is written", _FULL, _MAKE_ROOM),
    Fault("full-serving", "serving", "The disk is full when the marts are copied", _FULL, _MAKE_ROOM),
    Fault("file-size", "serving", "No file may grow past 1 MB (a quota)", _FULL, _MAKE_ROOM),
    Fault(
        "open-files",
        "staged",
        "The process may open no more files than it has open already, and a few",
        r"the run may not open more files\. Remedy: raise the limit \(ulimit -n 4096\) and run again",
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

_BACKUP = "bring it back from the backup of the data folder; without one, remove"
_RAW_REMEDY = r"Remedy: bring it back from the backup of the data folder; without one, remove lake/raw/survey, "
_PUT_BACK = "one line names the file: put it back from the backup, or remove what the line names; then " + SAME


def _damaged(name: str, where: str, done: str, path: str) -> Fault:
    return Fault(
        name,
        where,
        done,
        rf"{path} is damaged\. Remedy: {_BACKUP} it \(what it said of earlier nights is lost\) and run again",
        "one line names the file: put it back from the backup; then " + SAME,
    )


DAMAGE = (
    Fault(
        "raw-flipped",
        "raw",
        "One bit is flipped in the middle of a raw Parquet file",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is damaged\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "raw-truncated",
        "raw",
        "A raw Parquet file has lost its last bytes",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is damaged\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "raw-empty",
        "raw",
        "A raw Parquet file has no byte left",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is damaged\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "raw-gone",
        "raw",
        "A raw Parquet file is gone",
        rf"survey\.responses: lake/raw/survey/responses/\S+ is gone\. {_RAW_REMEDY}",
        _PUT_BACK,
    ),
    Fault(
        "inventory",
        "raw",
        "The list of raw files and their checksums is not readable",
        r"survey\.\*: lake/inventory/survey\.json is damaged\. Remedy: bring it back",
        "one line: put it back or remove it; then " + SAME,
    ),
    Fault("raw-half-copied", "raw", "Half a Parquet file of a load that never ended lies in the raw lake"),
    _damaged(
        "quarantine-flipped", "quarantine", "One bit is flipped in the quarantine", "lake/quarantine/rows.parquet"
    ),
    _damaged("history-truncated", "identity", "The identity history has lost its end", "lake/identity/history.parquet"),
    _damaged("events-flipped", "identity", "One bit is flipped in the identity events", "lake/identity/events.parquet"),
    _damaged(
        "scores-flipped",
        "intelligence",
        "One bit is flipped in the scores of an earlier night",
        r"lake/intelligence/churn_scores/2017-12-16\.parquet",
    ),
    Fault("warehouse-truncated", "staged", "warehouse.duckdb has lost its second half", outcome="built anew; " + SAME),
    Fault(
        "warehouse-flipped",
        "staged",
        "A block in the middle of warehouse.duckdb is overwritten",
        r"the warehouse was damaged and is removed\. Remedy: run the whole night again, which builds it anew",
        "built anew, at once or (when the block is met half-way) after one line by the next run; " + SAME,
    ),
    Fault("warehouse-garbage", "staged", "warehouse.duckdb holds something else", outcome="built anew; " + SAME),
    Fault("manifest", "start", "dbt's manifest.json is cut in half", outcome="parsed anew; " + SAME),
    Fault("partial-parse", "start", "dbt's partial_parse.msgpack holds something else", outcome="parsed anew; " + SAME),
    Fault(
        "dlt-state",
        "raw",
        "dlt's local state of a source holds something else",
        outcome="read again from the lake; " + SAME,
    ),
    Fault("dlt-gone", "raw", "dlt's working folder is gone", outcome="its state is read from the lake; " + SAME),
    Fault(
        "dagster-records",
        "start",
        "Dagster's database of runs holds something else",
        r"Dagster's own records of earlier runs are damaged\. Remedy: remove the folder dagster in the data folder",
        "one line: remove the folder; then " + SAME,
    ),
    Fault("serving-garbage", "serving", "serving.duckdb holds something else", outcome="published anew; " + SAME),
    Fault(
        "pull-anew",
        "raw",
        "No backup: a source's folders are removed as the line of raw-flipped says",
        outcome="the whole source is pulled anew; " + SAME,
    ),
)

_NEXT = "one line; nothing of the source lands; the next plain run pulls what is missing: " + SAME
_DELIVER = r"Remedy: ask "
_SET_ASIDE = "the rows are set aside by rule; delivered right under the same name: " + SAME

SOURCES = (
    Fault(
        "wrong-password",
        "sql",
        "The database refuses the password",
        r"crm\.\*: \S+ refuses the user crm_reader or its password\. Remedy: check the user and password",
        "one line: correct it; then " + SAME,
    ),
    Fault(
        "server-down",
        "sql",
        "Nobody listens at the database's address",
        r"erp\.\*: no connection to \S+\. Remedy: check that the server runs",
        _NEXT,
    ),
    Fault(
        "cut-mid-pull",
        "sql",
        "The connection to the database is cut in the middle of the pull",
        r"erp\.\S+: .*Remedy: ",
        _NEXT,
    ),
    Fault("api-500", "rest", "The API answers HTTP 500", r"helpdesk\.\S+: .*HTTP 500.*Remedy: ", _NEXT),
    Fault("api-429", "rest", "The API answers HTTP 429 to every try", r"helpdesk\.\S+: .*429.*Remedy: ", _NEXT),
    Fault("api-html", "rest", "The API answers a page of HTML, status 200", r"helpdesk\.\S+: .*Remedy: ", _NEXT),
    Fault("api-cut", "rest", "The API's answer is cut in the middle", r"helpdesk\.\S+: .*Remedy: ", _NEXT),
    Fault(
        "token-expired",
        "rest",
        "The API refuses the token",
        r"helpdesk\.\S+: .*refuses the token.*Remedy: renew the token",
        "one line: renew it; then " + SAME,
    ),
    Fault(
        "gzip-truncated",
        "files",
        "A gzip file has lost its second half on the way",
        rf"web\.events: .*events_2017-12-20.*{_DELIVER}",
        "one line: deliver it again; then " + SAME,
    ),
    Fault(
        "parquet-truncated",
        "files",
        "A Parquet file has lost its second half on the way",
        rf"marketing\.touches: .*touches_2017-12-20.*{_DELIVER}",
        "one line: deliver it again; then " + SAME,
    ),
    Fault(
        "column-removed",
        "files",
        "A CSV file comes without a declared column",
        rf"loyalty\.members: column email .*missing.*{_DELIVER}",
        "one line: deliver it again, or change the declaration; then " + SAME,
    ),
    Fault(
        "column-renamed",
        "files",
        "A column of a CSV file has another name",
        rf"bureau\.demographics: column home_ownership .*missing.*{_DELIVER}",
        "one line: deliver it again, or change the declaration; then " + SAME,
    ),
    Fault(
        "column-retyped",
        "files",
        "A column of a Parquet file changes from number to text",
        r"marketing\.touches: column cost_usd changed its type\. Remedy: ask the owner to bring the type back",
        "one line: bring the type back; then " + SAME,
    ),
    Fault(
        "files-gone",
        "files",
        "All files of a set are gone from the drop",
        rf"social\.mentions: no file matches .*{_DELIVER}",
        "one line: deliver them; then " + SAME,
    ),
    Fault(
        "file-empty",
        "files",
        "A CSV file has no byte, not even a header",
        rf"survey\.responses: .*responses_2017-12-20.*{_DELIVER}",
        "one line: deliver it again; then " + SAME,
    ),
    Fault("column-added", "files", "A CSV file comes with one column more", outcome="it lands; " + SAME),
    Fault("columns-reordered", "files", "The columns of a CSV file come in another order",
          outcome="read by name; " + SAME),
    Fault("delivered-twice", "files", "The same file is delivered again under a second name"),
    Fault("rows-twice", "files", "A file holds each of its rows twice"),
    Fault("out-of-order", "files", "The second half of a file arrives a run before the first"),
    Fault("changed-file", "files", "A file is delivered with other values, and later right"),
    Fault(
        "csv-truncated",
        "files",
        "A CSV file has lost its end on the way, in the middle of a row",
        outcome="the cut row is set aside, unless the cut only shortened its last value; delivered whole: " + SAME,
    ),
    Fault("broken-encoding", "files", "A line is not UTF-8", outcome=_SET_ASIDE),
    Fault("nuls", "files", "A line is a megabyte of NUL bytes", outcome=_SET_ASIDE),
    Fault(
        "wide-row",
        "files",
        "A line is 300 MB wide",
        r"callcentre\.calls: .*Remedy: ",
        "one line, memory bounded: deliver it again; then " + SAME,
    ),
    Fault(
        "many-columns",
        "files",
        "A row has 10,000 columns",
        rf"social\.mentions: 10,0\d\d columns at once, at most 2,000 are taken\. {_DELIVER}",
        "one line: deliver it again; then " + SAME,
    ),
    Fault(
        "columns-swapped",
        "files",
        "The values of two columns are swapped, both text: score and comment",
        outcome="rows whose values break a rule of their new column are set aside. Two columns whose values look alike"
        " (given and family name) can't be told apart by any rule: nobody notices. Delivered right: " + SAME,
    ),
)  # fmt: skip

FAULTS = KILLS + MACHINE + DAMAGE + SOURCES


def page() -> str:
    """The text of docs/faults.md."""
    parts = (
        ("Killed runs", _ABOUT_KILLS, KILLS),
        ("Troubles of the machine", _ABOUT_MACHINE, MACHINE),
        ("Damaged files", _ABOUT_DAMAGE, DAMAGE),
        ("Sources", _ABOUT_SOURCES, SOURCES),
    )
    lines = [_HEAD.format(count=len(FAULTS))]
    for title, about, faults in parts:
        lines += [f"## {title}", "", about, "", "| fault | strikes | what is done | outcome |", "|---|---|---|---|"]
        lines += [f"| {fault.name} | {fault.where} | {fault.done} | {fault.outcome} |" for fault in faults]
        lines.append("")
    return "\n".join(lines)


_HEAD = """# Faults

{count} faults, each provoked by `make faults` on a real night of a tiny company. Two promises are tested for every
one of them:

- What was published the day before stays as it was, byte for byte, until tonight's tables take its place whole.
- Afterwards one plain run gives the same tables as a night that never failed ("same tables": every published table
  but the record of the runs, and the histories of quarantine, identity, scores and grades). Or the run says in one
  line what a person must do, and gives the same tables once that is done.

This page is written from the tests' own table (`make faults-page`); a test keeps the two in step.
"""
_ABOUT_KILLS = """A chain of killed runs on one folder, then one plain run of the whole night. To fit a test suite, a
killed run executes the stage it is killed in and what the kill before left undone, as a person selects it in the UI;
`make faults WHOLE=1` kills whole nights. Random moments are drawn from a seed that a failure prints; FAULT_SEED
repeats it. Kills "just before" a file are exact."""
_ABOUT_MACHINE = """A chain on one folder with a small disk of its own (a tmpfs of 200 MB). Where the user may not mount
one, a limit on the size of files stands for the full disk, and the test says so. The clock is shifted inside the
run's process; the machine's own is left alone."""
_ABOUT_DAMAGE = """Raw files are compared with the checksums noted when they landed: a single flipped bit is found.
What Python steps keep in the lake carries checksums in its pages. The warehouse is a cache and is built anew."""
_ABOUT_SOURCES = """Up to ten sources are broken in one run, each in its own way. These faults concern stage raw alone,
so the broken runs execute that stage; the plain run after them is a whole night. The pauses between one try and the
next are left out. Deliveries that were accepted stay in the raw lake."""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
