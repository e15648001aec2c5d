"""`python -m orchestration.identity.label`: the review queue question by question, values side by side.

For the private side only: it shows what people are called. Each answer is in the file of decisions before the next
question comes, and counts from the next night on.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pandas as pd

from models.identity.known import Known
from models.identity.overrides import OverridesError
from orchestration.identity.answers import AnswersError, answered, append_answer, append_answers
from orchestration.identity.declaration import IdentityDeclaration, IdentityError, load_identity
from orchestration.identity.queue import NothingToReviewError, load_night
from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.run_lock import AnotherRunError, take

_ASK = "  one customer? y, n, s to skip, q to quit (y or n may be followed by the reason): "
_REASON = "looked at side by side"
_WORDS = {"y": "same", "n": "different"}
_NOT_SHOWN = ("record_key", "source_key", "has_source_key", "unreadable_line", "birth_date_raw", "party_data_class")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the questions are through or the person quits, 1 when they can't be asked, 2 when a run is under way."""
    parser = argparse.ArgumentParser(description="Answer the questions of the review queue.")
    parser.add_argument("--by", default="", help="who answers (default: the user of this machine)")
    parser.add_argument("--size", type=int, default=50, help="at most so many questions")
    parser.add_argument("--take", type=Path, help="take the answers of a filled-in queue instead of asking")
    options = parser.parse_args(arguments)
    data = DataDir.from_environment()
    try:
        declared = load_identity()
        decisions = declared.overrides_file(data)
        if decisions is None:
            print("identity.yml names no file of decisions (overrides: …), so answers have no place", file=sys.stderr)
            return 1
        if options.take:
            return _take_sheet(data.root / options.take, decisions)
        queue, rows, known = _load(data, declared, options.size)
        count = ask(queue, rows, known, decisions, options.by.strip() or getpass.getuser(), input, print)
    except AnotherRunError as error:
        print(error, file=sys.stderr)
        return 2
    except (AnswersError, IdentityError, OverridesError, NothingToReviewError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except dg.Failure as error:  # a damaged file of the lake; it says which and what to do
        print(error.description, file=sys.stderr)
        return 1
    print(f"{count} answers in {decisions.name}. They count from the next night on: make replay")
    return 0


def ask(
    queue: pd.DataFrame,
    rows: pd.DataFrame,
    known: Known,
    decisions: Path,
    by: str,
    read: Callable[[str], str],
    say: Callable[[str], None],
) -> int:
    """Go through the questions; how many were answered. A question whose answer follows by now is left out.

    Args:
        queue: as from `review_queue`.
        rows: records by record_key, as their systems have them.
        known: what is decided already; answers are added.
        decisions: file that each answer is appended to.
        by: who answers.
        read: asks for a line, and raises EOFError at the end of input.
        say: shows a line.
    """
    count = 0
    for place, question in enumerate(queue.itertuples(index=False), start=1):
        if known.answer(question.record_key_l, question.record_key_r) is not None:
            continue
        say(f"\n{place} of {len(queue)}: {question.why}")
        for line in side_by_side(rows, question):
            say(line)
        letter, reason = _answer(read, say)
        if letter == "q":
            break
        if letter == "s":
            continue
        append_answer(
            decisions,
            {
                "decision": _WORDS[letter],
                "source_system_a": question.source_system_a,
                "source_key_a": question.source_key_a,
                "source_system_b": question.source_system_b,
                "source_key_b": question.source_key_b,
                "decided_by": by,
                "decided_on": datetime.now(UTC).isoformat(timespec="seconds"),
                "reason": reason or _REASON,
            },
        )
        known.add(_WORDS[letter], question.record_key_l, question.record_key_r)
        count += 1
    return count


def _answer(read: Callable[[str], str], say: Callable[[str], None]) -> tuple[str, str]:
    while True:
        try:
            typed = read(_ASK).strip()
        except (EOFError, KeyboardInterrupt):
            return "q", ""
        letter, _, reason = typed.partition(" ")
        letter = letter.lower().strip(",;:")
        letter = {"yes": "y", "no": "n", "skip": "s", "quit": "q"}.get(letter, letter)
        if letter in ("y", "n", "s", "q"):
            return letter, reason.strip()
        say("  please y, n, s or q")


def side_by_side(rows: pd.DataFrame, question: object) -> list[str]:
    """The two records, a line per column that says something; = before what is the same."""
    names = [
        f"{question.source_system_a}:{question.source_key_a}",
        f"{question.source_system_b}:{question.source_key_b}",
    ]
    left, right = (rows.loc[key] for key in (question.record_key_l, question.record_key_r))
    lines = [("", "", *names)]
    for column in rows.columns:
        a, b = (_printable(row[column]) for row in (left, right))
        if a or b:
            lines.append(("=" if a == b else " ", column, a, b))
    width = [max(len(line[place]) for line in lines) for place in (1, 2)]
    return [f"  {mark or ' '} {name:<{width[0]}}  {a:<{width[1]}}  {b}".rstrip() for mark, name, a, b in lines]


def _printable(value: object) -> str:
    """Text for a terminal: what somebody typed into a web form must not steer it."""
    if value is None or value is pd.NaT or value != value:
        return ""
    return "".join(c if c.isprintable() else "?" for c in str(value))[:60]


def _load(data: DataDir, declared: IdentityDeclaration, size: int) -> tuple[pd.DataFrame, pd.DataFrame, Known]:
    """(questions, their records as their systems have them, what is decided)."""
    lake = Lake(data_dir=str(data.root))
    with take(data):
        night = load_night(lake, declared)
        queue = night.queue(size)
        with lake.warehouse() as warehouse:
            warehouse.register("wanted", pd.DataFrame({"record_key": [*queue.record_key_l, *queue.record_key_r]}))
            rows = warehouse.sql(
                "select * from validated.customer_records semi join wanted using (record_key) order by record_key"
            ).df()
    shown = [column for column in rows.columns if column not in _NOT_SHOWN]
    return queue, rows.set_index("record_key")[shown], Known(night.overrides.decisions)


def _take_sheet(path: Path, decisions: Path) -> int:
    answers = answered(path.read_bytes())
    append_answers(decisions, answers)
    emptied = path.with_name(f"{path.stem}_taken_{datetime.now(UTC):%Y%m%dT%H%M%S}.csv")
    path.rename(emptied)
    print(f"{len(answers)} answers of {path.name} are in {decisions.name}; the sheet is kept as {emptied.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
