"""Changes of who is who that wait for a person, and those that a person has approved.

Approvals are only ever added: one file per change, with exactly the moves it is for, who approved, when and why. An
approval is spent by the next publication: should the same change come up again later, a person has to look again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from models.identity import Impact
from orchestration.contracts import IDENTITY_CHANGE
from orchestration.identity.published import APPROVALS, approval_files, read_published
from orchestration.lake import Lake

WAITING = "identity/impact/waiting.parquet"
_WAIT = "no change of identity waits for approval: look at identity/impact of the newest run"


class ApprovalError(Exception):
    """The change can't be approved; one line that says what to do."""


@dataclass(frozen=True)
class Approval:
    """An approval as it is kept."""

    change: str
    approved_by: str
    approved_at: str
    reason: str
    records: int


def waiting(lake: Lake) -> str | None:
    """Fingerprint of the change that waits for approval; None when none does."""
    return lake.notes(WAITING).get("change")


def hold(lake: Lake, found: Impact, as_of: str) -> None:
    """Keep a change that must not be published as it is."""
    lake.write(WAITING, found.change, IDENTITY_CHANGE, {"change": found.fingerprint, "as_of": as_of})


def release(lake: Lake) -> None:
    """Nothing waits any more: tonight's identity may be published."""
    (lake.data.lake / WAITING).unlink(missing_ok=True)


def approved_moves(lake: Lake) -> pa.Table:
    """The moves that were approved since the last publication, as IDENTITY_CHANGE."""
    spent = read_published(lake).spent
    tables = [
        lake.read_table(f"{APPROVALS}/{path.name}").select(IDENTITY_CHANGE.names)
        for path in approval_files(lake)
        if path.stem not in spent
    ]
    return pa.concat_tables([IDENTITY_CHANGE.empty_table(), *tables])


def approve(lake: Lake, change: str, by: str, why: str) -> Approval:
    """Approve the change that waits, by its fingerprint.

    Raises:
        ApprovalError: nobody or no reason is named, nothing waits, or another change does.
    """
    for name, said in (("BY", by), ("WHY", why)):
        if not said.strip():
            raise ApprovalError(f"{name} is empty: an approval says who gives it and why")
    given = [path.stem for path in approval_files(lake) if path.stem.split("-")[0] == change]
    if open_ones := sorted(set(given) - read_published(lake).spent):
        earlier = lake.notes(f"{APPROVALS}/{open_ones[0]}.parquet")
        raise ApprovalError(
            f"{change} is approved already, by {earlier['approved_by']} at {earlier['approved_at']}: make replay"
        )
    there = waiting(lake)
    if there is None:
        raise ApprovalError(_WAIT)
    if change != there:
        raise ApprovalError(f"no change {change!r} waits for approval; the one that does is {there}: look at its table")
    moves = lake.read_table(WAITING)
    approval = Approval(
        change, by.strip(), datetime.now(UTC).isoformat(timespec="seconds"), why.strip(), moves.num_rows
    )
    notes = {name: str(value) for name, value in vars(approval).items()}
    name = f"{change}-{len(given) + 1}" if given else change
    lake.write(f"{APPROVALS}/{name}.parquet", moves, IDENTITY_CHANGE, notes)
    return approval
