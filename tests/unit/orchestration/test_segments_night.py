"""The segment assets on a small warehouse: a night starts from the one before, and gives the same bytes again."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.segments import CustomSegment
from orchestration.contracts import CUSTOM_SEGMENTS, SEGMENT_OVERLAP, SEGMENT_PERSONAS
from orchestration.intelligence.custom_segments import custom_segments_night
from orchestration.intelligence.night import keep
from orchestration.intelligence.personas import personas_night
from orchestration.intelligence.segments import STATE, last_night, segments_night
from orchestration.lake import Lake

FIRST = date(2017, 12, 1)


@pytest.fixture(scope="module")
def warehouse():
    """Sixty buyers, half of them heavy, and one who never bought, on three days."""
    draws = np.random.default_rng(1)
    heavy = np.arange(60) % 2 == 0
    rows = [
        pd.DataFrame(
            {
                "customer_id": [f"C{k:02d}" for k in range(60)],
                "as_of": FIRST + timedelta(days=day),
                "orders_84d": np.where(heavy, 20.0, 2.0),
                "spend_84d": np.where(heavy, 900.0, 40.0) * np.exp(np.abs(draws.normal(0, 0.1, 60))),
                "spend_28d": np.where(heavy, 300.0, 10.0),
                "recency_days": np.where(heavy, 2.0, 40.0) + day,
            }
        )
        for day in (0, 1, 2)
    ]
    with duckdb.connect() as connection:
        connection.execute("create schema unified")
        connection.register("features", pd.concat(rows))
        connection.execute("create table unified.customer_features as from features")
        connection.execute(
            "create table unified.customer_groups as select distinct customer_id, as_of, 'frequent' as frequency_group"
            " from features union all select 'never', as_of, 'never' from (select distinct as_of from features)"
        )
        connection.execute(
            "create table unified.customer_360 as select customer_id, as_of, 5 as orders from unified.customer_groups"
        )
        connection.execute(
            "create table unified.customer_lifecycle as select customer_id, as_of, 'loyal' as lifecycle_stage"
            " from unified.customer_groups"
        )
        connection.execute(
            "create table unified.order_lines as select customer_id, 'MILK' as product_category, as_of as order_date,"
            " 10.0 as sales_usd from features"
        )
        connection.execute("create table unified.customer_interests as select 'MILK' as product_category")
        yield connection


def _bytes(lake: Lake, name: str, day: date) -> bytes:
    return (lake.data.lake / f"intelligence/{name}/{day}.parquet").read_bytes()


def test_nights_are_carried_on_and_can_be_run_again(warehouse, tmp_path):
    lake = Lake(data_dir=str(tmp_path))
    said = []
    for day in (0, 1, 1, 0):
        as_of = FIRST + timedelta(days=day)
        night = segments_night(warehouse, as_of, before=last_night(lake, as_of))
        keep(lake, as_of, night)
        said.append((night.metadata["groups"], _bytes(lake, "behaviour_segments", as_of), _bytes(lake, STATE, as_of)))
    assert said[0][0] == "drawn for the first time"
    assert said[1][0].startswith("drawn anew (there was one group only); 1 of 1 groups continue"), "it read the first"
    assert said[1] == said[2], "a night that is run again does not start from itself"
    assert said[0] == said[3], "nor from a later one"


def test_cards_and_declared_segments_are_written_as_declared(warehouse, tmp_path):
    lake = Lake(data_dir=str(tmp_path))
    keep(lake, FIRST, segments_night(warehouse, FIRST))
    shown = personas_night(warehouse, lake, FIRST).metadata
    cards = lake.read(f"intelligence/segment_personas/{FIRST}.parquet", SEGMENT_PERSONAS)
    assert cards.customers.sum() == 60, "who never bought is in no behaviour group"
    assert cards.card.iloc[0] in shown["cards"].value
    segments = [
        CustomSegment("spends", "", 1, "spend_84d > 500 and behaviour_segment is not null"),
        CustomSegment("never", "", 2, "frequency_group = 'never' and churn_probability is null"),
    ]
    about = custom_segments_night(warehouse, lake, FIRST, segments)
    members = lake.read(f"intelligence/custom_segments/{FIRST}.parquet", CUSTOM_SEGMENTS)
    assert members.segment.value_counts().to_dict() == {"spends": 30, "never": 1}
    overlap = lake.read(f"intelligence/segment_overlap/{FIRST}.parquet", SEGMENT_OVERLAP)
    assert overlap.customers_in_both.tolist() == [0, 0] and set(overlap.all_customers) == {61}
    assert "spends" in about["segments"].value
