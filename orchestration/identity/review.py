"""`python -m orchestration.identity.review --by …`: the review queue, one pair after the other, in the terminal.

The private side of the pipeline: it shows what the records say. Each answer is in the file of decisions before the
next question is asked; the next night obeys it and learns from it.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from models.identity import OverridesError
from orchestration.contracts import REVIEW_QUEUE
from orchestration.identity.declaration import IdentityError, load_identity
from orchestration.identity.judged import records_of
from orchestration.identity.overrides import append_decision, read_decisions
from orchestration.identity.queue import QUEUE
from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.run_lock import AnotherRunError, take

_SHOWN = (
    *("full_name", "given_name", "family_name", "email", "phone", "birth_date", "birth_date_raw", "street", "city"),
    *("postcode", "country", "gender", "language", "loyalty_card", "device_id", "company", "created_at", "updated_at"),
)
_WIDTH = 38
_REASON = "looked at both records"
_ASK = "One customer? y(es), n(o), s(kip), q(uit); words after it are the reason: "
_WORDS = {"y": "same", "yes": "same", "n": "different", "no": "different", "s": "skip", "skip": "skip", "q": "quit"}


def side_by_side(left: dict[str, Any], right: dict[str, Any]) -> str:
    """Both records, a field per line; = where they say the same, ! where they differ."""
    lines = []
    for name in _SHOWN:
        one, two = (_text(record.get(name)) for record in (left, right))
        if one or two:
            mark = " " if not (one and two) else "=" if one.casefold() == two.casefold() else "!"
            lines.append(f"  {name:<15} {mark} {_cell(one)} {_cell(two)}".rstrip())
    return "\n".join(lines)


def _text(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    # What a record holds must not command the terminal.
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))


def _cell(text: str) -> str:
    """Cut and filled to the same width on the screen; Chinese characters take two places."""
    out, width = "", 0
    for sign in text:
        wide = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width + wide > _WIDTH - 1:
            return out + "…" + " " * (_WIDTH - width - 1)
        out, width = out + sign, width + wide
    return out + " " * (_WIDTH - width)


def answered(text: str) -> tuple[str, str] | None:
    """(same, different, skip or quit; the reason) of what somebody typed; None when it is no answer."""
    word, _, reason = text.strip().partition(" ")
    said = "quit" if word.casefold() == "quit" else _WORDS.get(word.casefold())
    return None if said is None else (said, reason.strip() or _REASON)


def review(
    queue: pd.DataFrame,
    records: dict[str, dict[str, Any]],
    path: Path,
    by: str,
    ask: Callable[[str], str],
    show: Callable[[str], None],
) -> int:
    """Ask about each pair of `queue` until somebody quits; how many answers were kept in the file `path`."""
    kept = 0
    for number, pair in enumerate(queue.itertuples(index=False), 1):
        left, right = records[pair.record_key_l], records[pair.record_key_r]
        show(
            f"\n{number} of {len(queue)}: {pair.why}, probability {pair.match_probability:.2f}, {pair.records} records"
        )
        names = [f"{record['source_system']}:{record['source_key']}" for record in (left, right)]
        show(f"  {'':<15}   {_cell(_text(names[0]))} {_text(names[1])}")
        show(side_by_side(left, right))
        answer = None
        while answer is None:
            try:
                answer = answered(ask(_ASK))
            except EOFError:
                return kept
        word, reason = answer
        if word == "quit":
            return kept
        if word != "skip":
            append_decision(path, _row(word, left, right, by, reason))
            kept += 1
    return kept


def _row(word: str, left: dict[str, Any], right: dict[str, Any], by: str, reason: str) -> dict[str, str]:
    return {
        "decision": word,
        "source_system_a": str(left["source_system"]),
        "source_key_a": str(left["source_key"]),
        "source_system_b": str(right["source_system"]),
        "source_key_b": str(right["source_key"]),
        "decided_by": by,
        # With the time: of two answers on one day the later one counts.
        "decided_on": datetime.now(UTC).isoformat(timespec="seconds"),
        "reason": reason,
    }


def _open_questions(lake: Lake, path: Path) -> tuple[pd.DataFrame, dict[str, dict[str, Any]]]:
    """The queue without what was answered since the night, and the records of its pairs by key."""
    table = records_of(lake)
    overrides = read_decisions(path, table)
    queue = lake.read(QUEUE, REVIEW_QUEUE)
    done = set(zip(overrides.decisions["record_key_l"], overrides.decisions["record_key_r"], strict=True))
    pairs = zip(queue["record_key_l"], queue["record_key_r"], strict=True)
    queue = queue[[pair not in done for pair in pairs]] if len(queue) else queue
    rows = table.to_pandas().set_index("record_key", drop=False)
    there = queue["record_key_l"].isin(rows.index) & queue["record_key_r"].isin(rows.index)
    queue = queue[there].reset_index(drop=True)
    wanted = sorted({*queue["record_key_l"], *queue["record_key_r"]})
    return queue, {key: rows.loc[key].to_dict() for key in wanted}


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the review ended, 1 when there is nothing to review or it can't be kept, 2 when a run is under way."""
    parser = argparse.ArgumentParser(description="Decide on the pairs of records that teach most.")
    parser.add_argument("--by", required=True, help="who decides")
    options = parser.parse_args(arguments)
    if not options.by.strip():
        print('BY is empty: a decision says who gave it, such as make review BY="your name"', file=sys.stderr)
        return 1
    data = DataDir.from_environment()
    try:
        path = load_identity().overrides_file(data)
        if path is None:
            print("identity.yml names no file of decisions. Write overrides: identity_overrides.csv", file=sys.stderr)
            return 1
        with take(data):  # only while reading: a night must not wait for a person
            queue, records = _open_questions(Lake(data_dir=str(data.root)), path)
    except AnotherRunError as error:
        print(error, file=sys.stderr)
        return 2
    except dg.Failure as error:
        print(error.description, file=sys.stderr)
        return 1
    except (OverridesError, IdentityError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        kept = review(queue, records, path, options.by.strip(), input, print)
    except OverridesError as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; every answer given is kept.")
        return 0
    print(f"\n{kept} answers kept in {path}. Now: make replay" if kept else "\nNothing was decided.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
