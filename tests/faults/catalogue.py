"""Every fault: what is done, where it strikes, and what must come of it. docs/faults.md is written from this table.

`python -m tests.faults.catalogue` writes the page; a test keeps it in step, another that every fault is provoked.
"""

from orchestration.paths import PROJECT_DIR
from tests.faults.faults_of_data import DAMAGE, SOURCES
from tests.faults.faults_of_publications import PUBLICATIONS
from tests.faults.faults_of_runs import BACKFILLS, KILLS, MACHINE

PAGE = PROJECT_DIR / "docs" / "faults.md"


FAULTS = KILLS + BACKFILLS + PUBLICATIONS + MACHINE + DAMAGE + SOURCES


def page() -> str:
    """The text of docs/faults.md."""
    parts = (
        ("Killed runs", _ABOUT_KILLS, KILLS),
        ("Killed backfills", _ABOUT_BACKFILLS, BACKFILLS),
        ("Killed publications", _ABOUT_PUBLICATIONS, PUBLICATIONS),
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

This page is written from the tests' own table (`make docs`); a test keeps the two in step.
"""
_ABOUT_KILLS = """A chain of killed runs on one folder, then one plain run of the whole night. To fit a test suite, a
killed run executes the stage it is killed in and what the kill before left undone, as a person selects it in the UI;
`make faults WHOLE=1` kills whole nights. Random moments are drawn from a seed that a failure prints; FAULT_SEED
repeats it. Kills "just before" a file are exact."""
_ABOUT_BACKFILLS = """A chain of killed backfills of the same weeks, then one to its end. Each goes on behind the last
whole week, shows nothing before the last one, and ends with the files and tables of a backfill that was never
killed. A worker ends with its run."""
_ABOUT_PUBLICATIONS = """A night that is done up to the marts, published in serving.duckdb, the report and PostgreSQL,
and rolled back; killed between any two steps. Each of the three places shows one night whole all the time, and the
next plain night (or the same roll-back once more) brings them together."""
_ABOUT_MACHINE = """A chain on one folder with a small disk of its own (a tmpfs of 200 MB). Where the user may not mount
one, a limit on the size of files stands for the full disk, and the test says so. The clock is shifted inside the
run's process; the machine's own is left alone."""
_ABOUT_DAMAGE = """A chain on the folder that the troubles of the machine left; one plain run ends both. Raw files are
compared with the checksums noted when they landed: a single flipped bit is found. What Python steps keep in the lake
carries checksums in its pages. The warehouse is a cache and is built anew."""
_ABOUT_SOURCES = """Up to ten sources are broken in one run, each in its own way. These faults concern stage raw alone,
so the broken runs pull those sources; the plain run after them is a whole night. The pauses between one try and the
next are left out. Deliveries that were accepted stay in the raw lake."""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
