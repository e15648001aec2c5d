"""Decisions of people on single pairs: read strictly from a reviewed CSV, checked against the records there are.

A file that cannot be read as a whole raises, for a night without its decisions would join what people have parted.
A row that cannot be used is left out and told in one line; all others are obeyed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pandas as pd
import pyarrow as pa

from .clustering.decisions import decide
from .overrides_file import COLUMNS, OverridesError, rows

DECISIONS = ("same", "different")
DECIDED = ["decision", "record_key_l", "record_key_r", "decided_by", "decided_on", "reason"]
_NAMED = 3  # this many lines of problems name the line in question, the rest is in the table


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with a row of the file. No value of it is quoted but system and key.

    is_obeyed: the row itself counts all the same, the line is for information.
    """

    line: int
    what: str
    remedy: str
    is_obeyed: bool = False

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}. {self.remedy}"


@dataclass(frozen=True)
class Overrides:
    """decisions: the rows that hold tonight, as `resolve` takes them, with their `line`. problems: by line."""

    decisions: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    rows: int = 0

    @property
    def not_obeyed(self) -> int:
        """How many problems keep their row from being obeyed."""
        return sum(not problem.is_obeyed for problem in self.problems)

    def in_short(self) -> str:
        """One line for a summary."""
        counts = self.decisions["decision"].value_counts()
        same, different = int(counts.get("same", 0)), int(counts.get("different", 0))
        said = f"{same + different:,} decisions obeyed ({same:,} same, {different:,} different)"
        if not self.problems:
            return said
        told = "; ".join(str(problem) for problem in self.problems[:_NAMED])
        more = f"; and {len(self.problems) - _NAMED} more" if len(self.problems) > _NAMED else ""
        return f"{said}, {self.not_obeyed:,} rows not: {told}{more}"


@dataclass
class _Rows:
    """Usable rows by column, with their line."""

    values: list[dict[str, object]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: int = 0


def no_overrides() -> Overrides:
    """What holds when nobody has decided anything."""
    return Overrides(pd.DataFrame({name: pd.Series(dtype="str") for name in [*DECIDED, "line"]}).astype({"line": int}))


def shown(system: str, key: str) -> str:
    """A record as system:key; a key that is itself an e-mail address is shown as a shape."""
    return f"{system}:{''.join('x' if c.isalnum() else c for c in key) if '@' in key else key}"


def read_overrides(content: bytes, records: pa.Table) -> Overrides:
    """The decisions in a CSV file that hold for `records` (record_key, source_system, source_key).

    UTF-8 with or without a mark, UTF-16 and GB18030 are read, and commas, semicolons or tabs, as spreadsheets write
    them. Of two answers about one pair the newer counts; see `clustering.decisions` for chains that contradict.

    Raises:
        OverridesError: it is no such table: another encoding, a column is missing, a quote never ends.
    """
    found = _Rows()
    keys = _record_keys(records)
    systems = sorted({system for system, _ in keys})
    for line, cells in rows(content):
        found.seen += 1
        row = _checked(line, cells, keys, systems)
        if isinstance(row, Problem):
            found.problems.append(row)
        else:
            found.values.append(row)
    return _settled(found, records)


def _record_keys(records: pa.Table) -> dict[tuple[str, str], list[str]]:
    """(system, key) -> record keys; more than one where a system's key is not its own."""
    keys: dict[tuple[str, str], list[str]] = {}
    columns = (records[name].cast(pa.string()).to_pylist() for name in ("source_system", "source_key", "record_key"))
    for system, key, record in zip(*columns, strict=True):
        if system is not None and key is not None:
            keys.setdefault((system, key), []).append(record)
    return keys


def _checked(
    line: int, cells: Mapping[str, str] | None, keys: Mapping[tuple[str, str], list[str]], systems: list[str]
) -> dict[str, object] | Problem:
    if cells is None:
        return Problem(
            line, "it has another number of cells than the first line", "Quote cells that hold the separator"
        )
    row = {name: cells[name].strip() for name in COLUMNS}
    empty = [name for name in COLUMNS if not row[name]]
    if empty:
        return Problem(line, f"{', '.join(empty)} is empty", "Fill it in: a decision says what, who, when and why")
    decision = row["decision"].lower()
    if decision not in DECISIONS:
        return Problem(line, "decision is neither same nor different", "Write one of the two words")
    when = _moment(row["decided_on"])
    if when is None:
        return Problem(line, "decided_on is no date", "Write it as year-month-day, such as 2024-03-31")
    pair = []
    for side in ("a", "b"):
        at = row[f"source_system_{side}"], row[f"source_key_{side}"]
        if at[0] not in systems:
            return Problem(
                line, f"source_system_{side} is no system with records", f"It is one of {', '.join(systems) or 'none'}"
            )
        there = keys.get(at, [])
        if len(there) != 1:
            return Problem(line, *_not_one(shown(*at), len(there)))
        pair.append((there[0], shown(*at)))
    if pair[0][0] == pair[1][0]:
        return Problem(line, f"{pair[0][1]} is compared with itself", "Name two records, or remove the line")
    (left, name_l), (right, name_r) = sorted(pair)
    return {
        "decision": decision,
        "record_key_l": left,
        "record_key_r": right,
        "decided_by": row["decided_by"],
        "decided_on": when,
        "reason": row["reason"],
        "line": line,
        "name": f"{name_l} - {name_r}",
    }


def _not_one(name: str, there: int) -> tuple[str, str]:
    if there:
        return f"{name} is the key of {there} records", "Only records with a key of their own can be decided on"
    return (
        f"there is no record {name}",
        "Look at the key (spreadsheets drop leading zeros and round long numbers), or remove the line if it is gone"
        " for good",
    )


def _moment(text: str) -> str | None:
    """A date or a time as text that sorts by time (UTC); None when it is neither. Day and month are never guessed."""
    parts = text.replace("/", "-").split("-")
    if len(parts) == 3 and all(part.isdecimal() and part.isascii() for part in parts) and len(parts[0]) == 4:
        try:
            return date(*(int(part) for part in parts)).isoformat()
        except ValueError:
            return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat(timespec="seconds")


def _settled(found: _Rows, records: pa.Table) -> Overrides:
    """Which rows hold, by the rules of `decide`, and a line for each that does not."""
    table = pd.DataFrame(found.values, columns=[*DECIDED, "line", "name"])
    if table.empty:
        return Overrides(no_overrides().decisions, tuple(sorted(found.problems)), found.seen)
    pairs = ["record_key_l", "record_key_r"]
    keys = pa.array(sorted({*table.record_key_l, *table.record_key_r}), pa.string())
    decided = decide(table, keys)
    names = keys.to_pylist()
    # The last of a pair is its newest, by the same order as in `decide`: on one day 'different' holds.
    ordered = table.sort_values(["decided_on", "decision", "line"], ascending=[True, False, True])
    newest = ordered.drop_duplicates(pairs, keep="last").set_index(pairs)
    problems = list(found.problems)
    for left, right, word in decided.both_ways:
        row = newest.loc[(names[left], names[right])]
        problems.append(
            Problem(
                int(row.line),
                f"{row['name']} is decided both ways: the newest, '{word}', holds",
                "Remove the lines that are no longer true",
                is_obeyed=True,
            )
        )
    for left, right, one, two in decided.unobeyed:
        row, foe = newest.loc[(names[left], names[right])], newest.loc[(names[one], names[two])]
        problems.append(
            Problem(
                int(row.line),
                f"{row['name']} same is not obeyed: with other lines it would join {foe['name']}, different by line"
                f" {foe.line}",
                "Correct one of the two",
            )
        )
    held = {(names[a], names[b], "same") for a, b in decided.same}
    held |= {(names[a], names[b], "different") for a, b in decided.different}
    newest = newest.reset_index()
    holds = [key in held for key in zip(newest.record_key_l, newest.record_key_r, newest.decision, strict=True)]
    obeyed = newest[holds].sort_values("line", ignore_index=True)[[*DECIDED, "line"]]
    return Overrides(obeyed, tuple(sorted(problems)), found.seen)


def to_table(problems: tuple[Problem, ...]) -> pd.DataFrame:
    """The problems as a table: line, what, remedy, is_obeyed."""
    return pd.DataFrame(
        {
            "line": pd.Series([problem.line for problem in problems], dtype="int64"),
            "what": pd.Series([problem.what for problem in problems], dtype="str"),
            "remedy": pd.Series([problem.remedy for problem in problems], dtype="str"),
            "is_obeyed": pd.Series([problem.is_obeyed for problem in problems], dtype="bool"),
        }
    )


__all__ = ["COLUMNS", "Overrides", "OverridesError", "Problem", "no_overrides", "read_overrides", "shown", "to_table"]
