"""The simulated stock fits the real sales: empty shelves sell nothing, counts are possible, two runs agree."""

import numpy as np
import pytest

from demo_company.broken import Broken
from demo_company.columns import columns
from demo_company.journey import open_journey
from demo_company.stock import stock_tables


@pytest.fixture(scope="module")
def made():
    journey = open_journey(60, 7)
    broken = Broken(7)
    return journey, stock_tables(journey, broken, 7), broken


def test_a_shelf_is_never_empty_on_a_day_with_a_sale(made):
    journey, tables, _ = made
    journey.con.register("stock_outs", tables["erp_stock_outs"])
    sold, periods = journey.con.sql(
        """select count(*) filter (where transactions.product_id is not null), count(distinct stock_outs.rowid)
        from (select *, row_number() over () as rowid from stock_outs where out_until is not null) as stock_outs
        left join transactions
            on transactions.product_id::varchar = stock_outs.product_id
            and transactions.store_id::varchar = stock_outs.store_id
            and transaction_timestamp::date between out_from and out_until"""
    ).fetchone()
    assert periods > 20
    assert sold == 0


def test_counts_are_possible_but_for_the_mistakes_that_are_on_record(made):
    _, tables, broken = made
    levels = columns(tables["erp_stock_levels"])
    notes = columns(broken.truth())
    keys = levels["product_id"] + "|" + levels["store_id"]
    bad = (levels["on_hand"] < 0) | (levels["service_level"] >= 1)
    planted = np.isin(notes["defect"], ("negative_stock", "impossible_service_level"))
    assert set(keys[bad]) == set(notes["source_key"][planted])
    assert (levels["pack_size"] > 0).all()
    assert (levels["on_order"] >= 0).all()
    on_its_way = levels["on_order"] > 0
    assert (~np.isnat(levels["next_delivery_on"]) == on_its_way).all()


def test_a_period_is_opened_before_it_is_closed_and_only_then_has_an_end(made):
    outs = columns(made[1]["erp_stock_outs"])
    is_open = np.isnat(outs["out_until"])
    assert is_open.sum() >= (~is_open).sum() > 0
    assert (outs["updated_at"][is_open].astype("M8[D]") == outs["out_from"][is_open].astype("M8[D]")).all()
    closed = outs["out_until"][~is_open].astype("M8[D]")
    assert (outs["updated_at"][~is_open].astype("M8[D]") == closed + 1).all()


def test_the_same_seed_gives_the_same_stock(made):
    again = stock_tables(open_journey(60, 7), Broken(7), 7)
    assert all(again[name].equals(table) for name, table in made[1].items())
