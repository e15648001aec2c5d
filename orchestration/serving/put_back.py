"""Puts an earlier publication back: the file by one rename, who is who with it, and a record of who did it and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.identity.published import CUSTOMERS_KEPT, HOUSEHOLDS_KEPT, prepare_rollback
from orchestration.identity.published import settle as settle_identity
from orchestration.lake import Lake, file_digest, replace_durably
from orchestration.serving.kept import FILE, Kept, link
from orchestration.serving.manifest import Manifest
from orchestration.trouble import machine_trouble

Elsewhere = Callable[[Path, Manifest], None]


class RollbackError(Exception):
    """Nothing was rolled back; one line that says why and what to do."""


class AlreadyPublishedError(RollbackError):
    """The file is the wanted one already; `manifest` is its manifest."""

    def __init__(self, manifest: Manifest) -> None:
        super().__init__(f"publication {manifest.number} ({manifest.as_of}) is the published one already")
        self.manifest = manifest


@dataclass(frozen=True)
class Reason:
    """by: who rolls back. why: the reason."""

    by: str
    why: str


def choose(kept: Kept, wanted: str | None) -> Manifest:
    """The publication to put back.

    Args:
        kept: the kept publications.
        wanted: its number, night (YYYY-MM-DD: the last one of that night), run or name; None for the one before the
            published one, those left out that were rolled back themselves.

    Raises:
        RollbackError: there is none such, or several.
    """
    all_kept, current = kept.all(), kept.current()
    if not wanted:
        gone = kept.withdrawn()
        before = [one for one in all_kept if one.number not in gone and (not current or one.number < current.number)]
        if not before:
            raise RollbackError(f"there is no publication before the published one. {_which(all_kept)}")
        return before[-1]
    if wanted.isdigit() and int(wanted) in [one.number for one in all_kept]:
        return next(one for one in all_kept if one.number == int(wanted))
    found = [one for one in all_kept if wanted in (one.name, str(one.as_of)) or one.run_id.startswith(wanted)]
    if not found:
        raise RollbackError(f"no publication {wanted!r} is kept. {_which(all_kept)}")
    if len({one.as_of for one in found}) > 1:
        raise RollbackError(f"{wanted!r} are several: {', '.join(one.name for one in found)}. Remedy: TO=<number>")
    return found[-1]


def _which(all_kept: list[Manifest]) -> str:
    numbers = ", ".join(f"{one.number} ({one.as_of})" for one in all_kept) or "none"
    return f"Kept are: {numbers}. Remedy: TO=<number>, or make replay for tonight's"


def verify(kept: Kept, manifest: Manifest) -> None:
    """The kept file is the one that was published, byte for byte.

    Raises:
        RollbackError: it is damaged or gone.
    """
    file = kept.path(manifest) / FILE
    if not file.exists():
        raise _cannot(manifest, f"{FILE} is gone")
    if file_digest(file) != manifest.sha256:
        raise _cannot(manifest, f"{FILE} is damaged")


def _identity(kept: Kept, manifest: Manifest, name: str) -> pa.Table:
    try:
        return pq.read_table(kept.path(manifest) / name, page_checksum_verification=True)
    except FileNotFoundError:
        raise _cannot(manifest, f"{name} is gone") from None
    except (pa.ArrowException, OSError) as error:
        if machine_trouble(error):
            raise
        raise _cannot(manifest, f"{name} is damaged") from None


def _cannot(manifest: Manifest, what: str) -> RollbackError:
    return RollbackError(
        f"publication {manifest.number} can't be put back: {what}. Remedy: another one (LIST=1 shows them), or bring"
        f" publications/{manifest.name} back from the backup of the data folder"
    )


def roll_back(
    lake: Lake,
    kept: Kept,
    wanted: str | None,
    reason: Reason,
    first_elsewhere: Elsewhere = lambda file, manifest: None,
) -> tuple[Manifest | None, Manifest]:
    """Publish a kept publication again: (the one before, the one now). Killed anywhere, one of the two is published.

    Args:
        lake: the data folder, whose lock the caller holds.
        kept: its publications.
        wanted: see `choose`.
        reason: kept with the record.
        first_elsewhere: called with the file and its manifest just before the rename.

    Raises:
        AlreadyPublishedError: it is published already.
        RollbackError: there is none such, or it is damaged.
        dagster.Failure: a file of the lake is damaged; says what a person must do.
    """
    settle_identity(lake)
    kept.settle()
    before, chosen = kept.current(), choose(kept, wanted)
    verify(kept, chosen)
    if before and before.number == chosen.number and file_digest(kept.served) == chosen.sha256:
        raise AlreadyPublishedError(chosen)
    folder = kept.path(chosen)
    customers, households = (_identity(kept, chosen, name) for name in (CUSTOMERS_KEPT, HOUSEHOLDS_KEPT))
    prepare_rollback(lake, customers, households)
    runs = {one.number: one.run_id for one in kept.all()}
    source = before.number if before else max(runs) + 1
    taken_back = [run for number, run in runs.items() if chosen.number < number <= source]
    brought_back = [run for number, run in runs.items() if source <= number <= chosen.number]
    kept.lay_rollback_ready(
        {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "by": reason.by,
            "why": reason.why,
            "from": source,
            "from_night": str(before.as_of) if before else None,
            "to": chosen.number,
            "to_night": str(chosen.as_of),
            "runs_taken_back": taken_back,
            "runs_brought_back": sorted({*brought_back, chosen.run_id}),
            "newest": kept.next_number() - 1,
            "sha256": chosen.sha256,
        }
    )
    kept.unfinished.unlink(missing_ok=True)
    link(folder / FILE, kept.unfinished)
    first_elsewhere(kept.unfinished, chosen)
    replace_durably(kept.unfinished, kept.served)
    settle_identity(lake, chosen.sha256)
    kept.settle(chosen.sha256)
    return before, chosen


def rolled_back_before(kept: Kept, manifest: Manifest) -> list[str]:
    """A line for each roll-back between a publication and the one before it."""
    return [
        f"publication {entry['from']} ({entry['from_night'] or 'not known'}) was rolled back to {entry['to']}"
        f" ({entry['to_night']}) at {entry['at']} by {entry['by']}: {entry['why']}"
        for entry in kept.rollbacks()
        if entry.get("newest") == manifest.number - 1
    ]


def statuses(kept: Kept) -> dict[str, str]:
    """What the roll-backs made of earlier runs: `rolled back`, or `published` once more, by run id."""
    said: dict[str, str] = {}
    for entry in kept.rollbacks():
        said |= dict.fromkeys(entry.get("runs_taken_back", []), "rolled back")
        said |= dict.fromkeys(entry.get("runs_brought_back", []), "published")
    return said
