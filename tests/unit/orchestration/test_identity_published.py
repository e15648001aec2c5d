"""Who is who as readers see it: the snapshot belongs to the file that is served, wherever a run was killed."""

from datetime import date

import duckdb
import pandas as pd
import pytest

from orchestration.contracts import HOUSEHOLD_HISTORY, IDENTITY_HISTORY
from orchestration.identity.published import HOUSEHOLDS, SNAPSHOT, prepare, read_published, settle
from orchestration.lake import Lake


@pytest.fixture
def lake(tmp_path) -> Lake:
    lake = Lake(data_dir=str(tmp_path))
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute(
            """
            create schema staged; create schema validated; create schema unified; create schema marts;
            create table staged.run_date as select date '2017-12-31' as as_of;
            create table validated.orders as
                select * from (values ('1', 'a'), ('2', 'a'), ('3', 'b')) as rows(order_id, customer_record_key);
            create table unified.orders as
                select * from (values ('1', 1.25), ('2', 2.00), ('3', 4.00)) as rows(order_id, sales_usd);
            create table marts.customer_segments as select 'A' as customer_id, 'loyal' as rfm_segment;
            """
        )
    return lake


def _tonight(lake: Lake, customer_of_b: str) -> None:
    day = date(2017, 12, 31)
    rows = [("a", "A", day, None), ("b", customer_of_b, day, None), ("c", "C", date(2017, 12, 1), day)]
    lake.write("identity/history.parquet", pd.DataFrame(rows, columns=IDENTITY_HISTORY.names), IDENTITY_HISTORY)
    homes = pd.DataFrame([("A", "H", day, None)], columns=HOUSEHOLD_HISTORY.names)
    lake.write("identity/household_history.parquet", homes, HOUSEHOLD_HISTORY)


def _serve(lake: Lake, content: bytes) -> None:
    finished = lake.data.root / "finished"
    finished.write_bytes(content)
    prepare(lake, finished)
    finished.rename(lake.data.serving)


def _customers(lake: Lake) -> dict[str, str]:
    current = read_published(lake).current.to_pandas()
    return dict(zip(current.record_key, current.customer_id, strict=True))


def test_a_snapshot_has_the_history_and_what_a_change_would_move(lake) -> None:
    assert read_published(lake).as_of is None
    _tonight(lake, "B")
    _serve(lake, b"night 1")
    settle(lake)
    published = read_published(lake)
    assert published.as_of == date(2017, 12, 31)
    assert published.history.num_rows == 3
    assert published.households.num_rows == 1
    rows = published.current.select(["record_key", "sales_usd", "segment"]).to_pylist()
    assert [(row["record_key"], str(row["sales_usd"]), row["segment"]) for row in rows] == [
        ("a", "3.25", "loyal"),
        ("b", "4.00", None),
    ]


def test_killed_before_the_rename_the_night_before_stays_published(lake) -> None:
    _tonight(lake, "B")
    _serve(lake, b"night 1")
    settle(lake)
    _tonight(lake, "A")
    (lake.data.root / "finished").write_bytes(b"night 2")
    prepare(lake, lake.data.root / "finished")  # and killed: serving.duckdb is still night 1
    assert _customers(lake) == {"a": "A", "b": "B"}
    assert list((lake.data.lake / "identity").glob("*.pending")) == []


@pytest.mark.parametrize("is_half_settled", [False, True])
def test_killed_after_the_rename_tonight_is_published(lake, is_half_settled: bool) -> None:
    _tonight(lake, "B")
    _serve(lake, b"night 1")
    settle(lake)
    _tonight(lake, "A")
    _serve(lake, b"night 2")  # and killed before the snapshot took its name, or between the two
    if is_half_settled:
        pending = lake.data.lake / f"{HOUSEHOLDS}.pending"
        pending.rename(lake.data.lake / HOUSEHOLDS)
    assert _customers(lake) == {"a": "A", "b": "A"}
    assert (lake.data.lake / SNAPSHOT).exists()
