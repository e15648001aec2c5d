"""Faults that strike the publication: killed between any two of its steps, in the file, the report and PostgreSQL."""

from tests.faults.fault import SAME, Fault

YESTERDAY, TONIGHT = "yesterday's", "tonight's"


def _killed(name: str, where: str, at: str, shown: str) -> Fault:
    return Fault(f"kill-{name}", where, f"SIGKILL {at}", outcome=f"readers find {shown}, whole; " + SAME)


_FILE, _PAGES, _POSTGRES, _BACK = "serving", "report", "PostgreSQL", "rollback"
PUBLICATIONS = (
    _killed("keeping", _FILE, "when the new file is kept and what goes with it is not", YESTERDAY),
    _killed("after-serving-rename", _FILE, "just after the new serving.duckdb is in place", TONIGHT),
    _killed("before-snapshot-settles", _FILE, "before the snapshot of who is who takes its name", TONIGHT),
    _killed("between-snapshots", _FILE, "when the households have taken their name and the customers not", TONIGHT),
    _killed("before-kept-name", _FILE, "before the kept publication takes its name", TONIGHT),
    _killed("before-manifest", _FILE, "before the manifest beside serving.duckdb is tonight's", TONIGHT),
    _killed("before-old-goes", _FILE, "before the publication that is one too many is removed", TONIGHT),
    _killed("pages", _PAGES, "when some of the pages are written", YESTERDAY),
    _killed("before-pages", _PAGES, "just before the new pages are put in place", YESTERDAY),
    _killed("after-pages", _PAGES, "when the new pages are in place and the old ones are not removed", TONIGHT),
    _killed("postgres-load", _POSTGRES, "when some of the tables are loaded", YESTERDAY),
    _killed("postgres-renames", _POSTGRES, "between the two renames of the swap", YESTERDAY),
    _killed("postgres-after-swap", _POSTGRES, "just after the swap", TONIGHT),
    _killed("rollback-record", _BACK, "before the roll-back is noted", TONIGHT),
    _killed("rollback-rename", _BACK, "just before the file of before is put in place", TONIGHT),
    _killed("rollback-after-rename", _BACK, "when the file is back and the record of it is not settled", YESTERDAY),
    _killed("rollback-postgres", _BACK, "when the file is back and PostgreSQL is not", YESTERDAY),
    _killed("rollback-pages", _BACK, "when file and PostgreSQL are back and the pages are not", YESTERDAY),
)
