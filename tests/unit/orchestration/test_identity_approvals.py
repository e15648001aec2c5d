"""A change that stopped a night: only exactly it can be approved, once, by somebody, for a reason."""

import pandas as pd
import pytest

from models.identity import ImpactLimits, impact
from orchestration.identity.approvals import ApprovalError, approve, approved_moves, hold, release, waiting
from orchestration.lake import Lake

STRICT = ImpactLimits(records_moved=0.0, moved_records_floor=1)


def _found(now: dict[str, str], approved=None):
    before = pd.DataFrame({"record_key": ["a", "b", "c"], "customer_id": ["A", "B", "C"], "segment": "loyal"})
    before["sales_usd"] = None
    current = pd.DataFrame({"record_key": list(now), "customer_id": list(now.values())})
    return impact(before, current, approved=approved, limits=STRICT)


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(data_dir=str(tmp_path))


def test_the_change_that_waits_is_approved_with_who_when_and_why(lake) -> None:
    merge = {"a": "A", "b": "A", "c": "C"}
    found = _found(merge)
    hold(lake, found, "2017-12-31")
    assert waiting(lake) == found.fingerprint
    approval = approve(lake, found.fingerprint, "  a steward ", "the same family")
    assert (approval.approved_by, approval.reason, approval.records) == ("a steward", "the same family", 1)
    notes = lake.notes(f"identity/approvals/{found.fingerprint}.parquet")
    assert (notes["approved_by"], notes["reason"]) == ("a steward", "the same family")
    assert notes["approved_at"].endswith("+00:00")
    assert not _found(merge, approved_moves(lake)).is_stopped
    assert _found(merge | {"c": "A"}, approved_moves(lake)).is_stopped


@pytest.mark.parametrize(
    ("change", "by", "why", "line"),
    [
        ("000000000000", "me", "so", "no change '000000000000' waits for approval; the one that does is "),
        ("../../raw", "me", "so", "no change '../../raw' waits for approval"),
        ("", "me", "so", "no change '' waits for approval"),
        ("000000000000", " ", "so", "BY is empty"),
        ("000000000000", "me", "", "WHY is empty"),
    ],
)
def test_what_can_t_be_approved_is_one_line(lake, change: str, by: str, why: str, line: str) -> None:
    hold(lake, _found({"a": "A", "b": "A", "c": "C"}), "2017-12-31")
    with pytest.raises(ApprovalError) as error:
        approve(lake, change, by, why)
    assert str(error.value).startswith(line)
    assert approved_moves(lake).num_rows == 0


def test_an_approval_is_given_once_and_not_for_what_no_longer_waits(lake) -> None:
    first, second = _found({"a": "A", "b": "A", "c": "C"}), _found({"a": "A", "b": "B", "c": "B"})
    hold(lake, first, "2017-12-31")
    approve(lake, first.fingerprint, "me", "so")
    with pytest.raises(ApprovalError, match=f"{first.fingerprint} is approved already, by me"):
        approve(lake, first.fingerprint, "you", "again")
    hold(lake, second, "2018-01-01")
    release(lake)
    with pytest.raises(ApprovalError, match="no change of identity waits"):
        approve(lake, second.fingerprint, "me", "so")
