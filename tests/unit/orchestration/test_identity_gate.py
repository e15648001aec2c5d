"""The impact gate can't be walked around: what is published was judged, against what was published before."""

from datetime import date

import dagster as dg
import duckdb
import pandas as pd
import pytest

from models.identity import ImpactLimits
from orchestration.contracts import ASSIGNMENTS, HOUSEHOLD_HISTORY, IDENTITY_HISTORY
from orchestration.identity.approvals import ApprovalError, approve, hold, release
from orchestration.identity.approve import main as approve_main
from orchestration.identity.gate import judge, refuse_unjudged
from orchestration.identity.label import main as review_main
from orchestration.identity.published import prepare, settle
from orchestration.lake import Lake

STRICT = ImpactLimits(records_moved=0.0, moved_records_floor=1)
YESTERDAY, TONIGHT = date(2017, 12, 30), date(2017, 12, 31)
APART, MERGED = {"a": "A", "b": "B", "c": "C"}, {"a": "A", "b": "A", "c": "C"}
UNJUDGED = "who is who has changed since the marts were built or the impact gate judged it"


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(data_dir=str(tmp_path))


def _resolved(lake: Lake, customers: dict[str, str]) -> None:
    """The identity step's tables, as a night that found `customers` leaves them."""
    keys, ids = list(customers), list(customers.values())
    frame = pd.DataFrame({"record_key": keys, "customer_id": ids})
    frame = frame.assign(match_probability=1.0, match_rule="single record", cluster_size=1)
    lake.write("identity/assignments.parquet", frame, ASSIGNMENTS)
    rows = [(key, key.upper(), YESTERDAY, None if key.upper() == now else TONIGHT) for key, now in customers.items()]
    rows += [(key, now, TONIGHT, None) for key, now in customers.items() if key.upper() != now]
    lake.write("identity/history.parquet", pd.DataFrame(rows, columns=IDENTITY_HISTORY.names), IDENTITY_HISTORY)
    lake.write("identity/household_history.parquet", HOUSEHOLD_HISTORY.empty_table(), HOUSEHOLD_HISTORY)


def _built(lake: Lake) -> None:
    """The warehouse, with marts of the identity that is there."""
    assignments = lake.data.lake / "identity/assignments.parquet"
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        for schema in ("staged", "validated", "unified", "identity", "marts"):
            warehouse.execute(f"create schema if not exists {schema}")
        warehouse.execute(
            f"""
            create or replace table staged.run_date as select date '{TONIGHT}' as as_of;
            create or replace view identity.assignments as from read_parquet('{assignments}');
            create or replace table validated.orders as select '1' as order_id, 'b' as customer_record_key;
            create or replace table unified.orders as select '1' as order_id, 5.00 as sales_usd;
            create or replace table marts.customers as select distinct customer_id from identity.assignments;
            create or replace table marts.customer_segments as select customer_id, 'loyal' as rfm_segment
            from marts.customers;
            """
        )


def _publish(lake: Lake) -> None:
    refuse_unjudged(lake)
    finished = lake.data.root / "finished"
    finished.write_bytes((lake.data.lake / "identity/assignments.parquet").read_bytes())
    prepare(lake, finished)
    finished.rename(lake.data.serving)
    settle(lake)


def _night(lake: Lake, customers: dict[str, str]):
    """Resolve, build and judge."""
    _resolved(lake, customers)
    _built(lake)
    found = judge(lake, STRICT)[1]
    if found.is_stopped:
        hold(lake, found, str(TONIGHT))
    else:
        release(lake)
    return found


def test_what_the_gate_has_passed_is_published(lake) -> None:
    assert not _night(lake, APART).is_stopped
    _publish(lake)
    refuse_unjudged(lake)  # once more, as after a publication that was lost


def test_an_identity_that_nobody_judged_is_not_published(lake) -> None:
    _night(lake, APART)
    _publish(lake)
    _resolved(lake, MERGED)
    _built(lake)  # and killed before the gate; serving is then run alone
    with pytest.raises(dg.Failure, match=UNJUDGED):
        refuse_unjudged(lake)
    assert judge(lake, STRICT)[1].is_stopped  # and killed before the change was held
    with pytest.raises(dg.Failure, match=UNJUDGED):
        refuse_unjudged(lake)


def test_marts_of_another_identity_are_not_published(lake) -> None:
    _night(lake, APART)
    _resolved(lake, MERGED)
    assert not judge(lake, ImpactLimits())[1].is_stopped  # the marts were left out of this run
    with pytest.raises(dg.Failure, match=UNJUDGED):
        refuse_unjudged(lake)


def test_without_a_snapshot_the_night_is_compared_with_the_history(lake) -> None:
    lake.data.serving.write_bytes(b"published before there were snapshots")
    found = _night(lake, MERGED)
    assert (found.figures["known_records"], found.figures["records_moved"]) == (3, 1)
    assert found.is_stopped


def test_the_first_publication_has_nothing_to_be_compared_with(lake) -> None:
    assert _night(lake, MERGED).figures["known_records"] == 0


@pytest.mark.slow
def test_an_approval_is_spent_by_the_publication_and_can_be_given_again(lake) -> None:
    _night(lake, APART)
    _publish(lake)
    change = _night(lake, MERGED).fingerprint
    approve(lake, change, "me", "looked at")
    with pytest.raises(ApprovalError, match="approved already"):
        approve(lake, change, "me", "again")
    assert not _night(lake, MERGED).is_stopped
    _publish(lake)
    back = _night(lake, APART).fingerprint
    approve(lake, back, "me", "it was wrong")
    assert not _night(lake, APART).is_stopped
    _publish(lake)
    # The very merge of before: it was right then, and nobody has looked at it now.
    assert _night(lake, MERGED).fingerprint == change
    with pytest.raises(dg.Failure, match="waits for approval"):
        refuse_unjudged(lake)
    approve(lake, change, "me", "looked at again")
    assert not _night(lake, MERGED).is_stopped
    _publish(lake)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(approve_main, ["0123456789ab", "--by", "me", "--why", "so"]), (review_main, ["--by", "me"])],
)
def test_commands_before_the_first_night_and_on_damaged_files_are_one_line(
    lake, monkeypatch, capsys, command, arguments
) -> None:
    monkeypatch.setenv("PIPELINE_DATA_DIR", str(lake.data.root))
    assert command(arguments) == 1
    _night(lake, APART)
    for name in ("published", "impact/waiting", "state/about"):
        (lake.data.lake / f"identity/{name}.parquet").parent.mkdir(parents=True, exist_ok=True)
        (lake.data.lake / f"identity/{name}.parquet").write_bytes(b"PAR1 no")
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute(
            "create table validated.customer_records (record_key text, source_system text, source_key text)"
        )
    assert command(arguments) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "make " in first or "newest run" in first
    assert "is damaged. Remedy: " in second
