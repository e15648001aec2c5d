"""Whoever kept an id, or a record's key, finds out whose it is: then, and now."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import assign_ids, customer_on, empty_history, merged_into, night_events, update_history
from models.identity.history import to_table

FIRST = date(2017, 1, 1)


def night(history: pd.DataFrame, groups: dict[str, str], day: date):
    """(record -> id, events, history) after one night."""
    clusters = pd.DataFrame({"record_key": list(groups), "cluster_id": list(groups.values())})
    clusters = clusters.assign(match_probability=1.0, match_rule="name", cluster_size=1)
    made = assign_ids(clusters, history, history, day)
    ids = dict(zip(made.current.record_key, made.current.customer_id, strict=True))
    return ids, made.events, update_history(history, made.current, day)


def test_which_customer_a_record_was_on_a_day() -> None:
    first, _, history = night(empty_history(), {"a": "x", "b": "y"}, FIRST)
    second, _, history = night(history, {"a": "x", "b": "x"}, FIRST + timedelta(10))
    _, _, history = night(history, {"a": "x"}, FIRST + timedelta(20))
    assert second["b"] == first["a"] != first["b"]
    assert customer_on(history, "b", FIRST - timedelta(1)) is None
    assert customer_on(history, "b", FIRST) == customer_on(history, "b", FIRST + timedelta(9)) == first["b"]
    assert customer_on(history, "b", "2017-01-11") == customer_on(history, "b", FIRST + timedelta(19)) == first["a"]
    assert customer_on(history, "b", FIRST + timedelta(20)) is None
    assert customer_on(history, "a", FIRST + timedelta(500)) == first["a"]
    assert customer_on(history, "nobody", FIRST) is None


def test_an_attempt_that_was_replaced_the_same_night_holds_no_day() -> None:
    _, _, history = night(empty_history(), {"a": "x", "b": "y"}, FIRST)
    ids, _, history = night(history, {"a": "x", "b": "x"}, FIRST)
    assert customer_on(history, "a", FIRST) == customer_on(history, "b", FIRST) == ids["a"]


def test_an_old_id_leads_to_the_ids_that_hold_its_records() -> None:
    first, _, history = night(empty_history(), {"a": "x", "b": "y", "c": "y", "d": "z"}, FIRST)
    second, _, history = night(history, {"a": "x", "b": "y", "c": "p"}, FIRST + timedelta(1))  # split, d is gone
    last, _, history = night(history, {"a": "x", "b": "x", "c": "p"}, FIRST + timedelta(2))  # b's goes up in a's
    table = merged_into(history).set_index("customer_id")
    rows = table.astype(object).where(table.notna(), None)
    split = {second["b"], second["c"]} - {first["b"]}
    assert rows.loc[[first["a"]]].values.tolist() == [[first["a"], 2, True]]
    assert last["b"] == first["a"]
    assert sorted(rows.loc[[first["b"]], "current_customer_id"]) == sorted([last["b"], last["c"]])
    assert rows.loc[[first["b"]], "is_main"].sum() == 1
    assert rows.loc[list(split)[0]].tolist()[:2] == [last["c"], 1]
    assert rows.loc[first["d"]].tolist() == [None, 0, True]


def test_the_events_of_a_night_can_be_told_again_from_the_history() -> None:
    _, _, history = night(empty_history(), {"a": "x", "b": "y", "c": "z"}, FIRST)
    _, events, history = night(history, {"a": "x", "b": "x", "d": "q"}, FIRST + timedelta(1))
    pd.testing.assert_frame_equal(night_events(history, FIRST + timedelta(1)), events)


RECORDS = [f"r{n}" for n in range(9)]
PARTITIONS = st.lists(
    st.dictionaries(st.sampled_from(RECORDS), st.sampled_from("pqrst"), min_size=1), min_size=2, max_size=5
)


@settings(max_examples=5, deadline=None)
@given(PARTITIONS)
def test_no_id_is_ever_reused_or_renumbered_and_every_id_resolves(nights: list[dict[str, str]]) -> None:
    history = empty_history()
    said: dict[tuple[str, date], str] = {}
    carried: dict[str, set[str]] = {}  # id -> all records that ever had it
    for number, groups in enumerate(nights):
        day = FIRST + timedelta(number)
        before = set(carried)
        ids, events, history = night(history, groups, day)
        # Nobody's id without one of those who carried it: what is not new was this person's before.
        for customer_id in set(ids.values()) & before:
            assert {record for record in ids if ids[record] == customer_id} & carried[customer_id]
        assert set(ids.values()) - before == set(events.customer_id[events.event.isin(["created", "split"])])
        # Renumbered would be: a customer of the very same records, another id.
        yesterday = {record: held for (record, on), held in said.items() if on == day - timedelta(1)}
        for customer_id in set(ids.values()):
            same = {record for record in ids if ids[record] == customer_id}
            held = {yesterday.get(record) for record in same}
            if len(held) == 1 and {record for record in yesterday if {yesterday[record]} == held} == same:
                assert held == {customer_id}
        for record, customer_id in ids.items():
            carried.setdefault(customer_id, set()).add(record)
        said |= {(record, day): customer_id for record, customer_id in ids.items()}

        for (record, on), customer_id in said.items():
            assert customer_on(history, record, on) == customer_id
        redirects = merged_into(history)
        assert set(redirects.customer_id) == set(carried)
        assert redirects[redirects.is_main].customer_id.is_unique
        assert redirects.is_main.sum() == len(carried)
        for row in redirects.itertuples():
            there = {record for record in carried[row.customer_id] if record in ids}
            if not there:
                assert (pd.isna(row.current_customer_id), row.records) == (True, 0)
                continue
            assert row.records == sum(ids[record] == row.current_customer_id for record in there) > 0
            if row.customer_id in ids.values() and row.is_main:
                assert row.current_customer_id == row.customer_id
        totals = redirects.groupby("customer_id").records.sum()
        assert totals.to_dict() == {one: len(carried[one] & set(ids)) for one in carried}


def test_histories_are_read_however_their_days_are_typed() -> None:
    _, _, history = night(empty_history(), {"a": "x"}, FIRST)
    table = to_table(history)
    assert table.schema.field("valid_from").type == pa.date32()
    stamps = history.assign(valid_from=pd.to_datetime(history.valid_from), valid_to=pd.NaT)
    assert to_table(stamps).equals(table)
    assert to_table(table.to_pandas(types_mapper=pd.ArrowDtype)).equals(table)
    assert customer_on(stamps, "a", FIRST) == customer_on(table, "a", FIRST)
