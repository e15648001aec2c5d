"""Customer ids last: through growth, merges, splits, absences and nights run twice."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import assign_ids, empty_history, update_history

FIRST = date(2017, 1, 1)


def clusters(groups: dict[str, str]) -> pd.DataFrame:
    """Clusters table from record -> group."""
    table = pd.DataFrame({"record_key": list(groups), "cluster_id": list(groups.values())})
    table = table.assign(match_probability=1.0, match_rule="name")
    return table.assign(cluster_size=table.groupby("cluster_id").record_key.transform("size"))


def night(
    history: pd.DataFrame, groups: dict[str, str], day: date
) -> tuple[dict[str, str], pd.DataFrame, pd.DataFrame]:
    """(record -> id, events, new history) of one night."""
    made = assign_ids(clusters(groups), history, history, day)
    ids = dict(zip(made.current.record_key, made.current.customer_id, strict=True))
    return ids, made.events, update_history(history, made.current, day)


def kinds(events: pd.DataFrame) -> dict[str, int]:
    return events.event.value_counts().to_dict()


def test_a_night_without_news_changes_nothing() -> None:
    first, events, history = night(empty_history(), {"a": "x", "b": "x", "c": "y"}, FIRST)
    assert kinds(events) == {"created": 2}
    second, events, later = night(history, {"a": "q", "b": "q", "c": "r"}, FIRST + timedelta(1))
    assert second == first
    assert events.empty
    pd.testing.assert_frame_equal(later, history)


def test_the_oldest_id_survives_a_merge_even_when_smaller() -> None:
    old, _, history = night(empty_history(), {"a": "x"}, FIRST)
    both, _, history = night(history, {"a": "x", "b": "y", "c": "y"}, FIRST + timedelta(1))
    merged, events, _ = night(history, {"a": "z", "b": "z", "c": "z"}, FIRST + timedelta(2))
    assert set(merged.values()) == {old["a"]}
    assert events[["event", "customer_id", "other_customer_id", "record_count"]].values.tolist() == [
        ["merged", old["a"], both["b"], 2]
    ]


def test_of_two_ids_of_one_night_the_larger_survives() -> None:
    ids, _, history = night(empty_history(), {"a": "x", "b": "y", "c": "y"}, FIRST)
    merged, _, _ = night(history, {"a": "z", "b": "z", "c": "z"}, FIRST + timedelta(1))
    assert set(merged.values()) == {ids["b"]}


def test_a_split_leaves_the_id_with_the_larger_part() -> None:
    ids, _, history = night(empty_history(), dict.fromkeys("abc", "x"), FIRST)
    split, events, _ = night(history, {"a": "p", "b": "q", "c": "q"}, FIRST + timedelta(1))
    assert split["b"] == split["c"] == ids["b"]
    assert split["a"] != ids["a"]
    assert events[["event", "customer_id", "other_customer_id"]].values.tolist() == [["split", split["a"], ids["a"]]]


def test_a_record_that_was_missing_for_a_night_comes_back_to_its_id() -> None:
    ids, _, history = night(empty_history(), {"a": "x", "b": "y"}, FIRST)
    _, events, history = night(history, {"b": "y"}, FIRST + timedelta(1))
    assert kinds(events) == {"vanished": 1}
    back, _, history = night(history, {"a": "x", "b": "y"}, FIRST + timedelta(2))
    assert back == ids
    assert len(history[history.record_key == "a"]) == 2


def test_who_held_the_id_last_night_keeps_it_when_others_come_back() -> None:
    ids, _, history = night(empty_history(), dict.fromkeys("abcd", "x"), FIRST)
    _, _, history = night(history, {"a": "x"}, FIRST + timedelta(1))
    back, _, _ = night(history, {"a": "p", "b": "q", "c": "q", "d": "q"}, FIRST + timedelta(2))
    assert back["a"] == ids["a"] != back["b"]


def test_a_night_run_again_with_another_answer_replaces_the_first() -> None:
    first = update_history(
        empty_history(), pd.DataFrame({"record_key": ["a", "b"], "customer_id": ["C1", "C2"]}), FIRST
    )
    day = FIRST + timedelta(1)
    wrong = update_history(first, pd.DataFrame({"record_key": ["a", "c"], "customer_id": ["C2", "C3"]}), day)
    right = update_history(wrong, pd.DataFrame({"record_key": ["a", "b"], "customer_id": ["C1", "C1"]}), day)
    assert wrong.values.tolist() == [
        ["a", "C1", FIRST, day],
        ["a", "C2", day, None],
        ["b", "C2", FIRST, day],
        ["c", "C3", day, None],
    ]
    assert right.values.tolist() == [["a", "C1", FIRST, None], ["b", "C2", FIRST, day], ["b", "C1", day, None]]


def test_an_id_ever_used_is_not_given_out_again() -> None:
    ids, _, _ = night(empty_history(), {"a": "x"}, FIRST)
    anew = assign_ids(
        clusters({"a": "x"}), pd.DataFrame(columns=["record_key", "customer_id"]), set(ids.values()), FIRST
    )
    assert anew.current.customer_id[0] != ids["a"]


def test_the_same_night_twice_gives_the_same_ids_events_and_history() -> None:
    _, _, history = night(empty_history(), dict.fromkeys("abc", "x"), FIRST)
    day = FIRST + timedelta(1)
    once = night(history, {"a": "p", "b": "q", "c": "q", "d": "r"}, day)
    twice = night(once[2], {"a": "p", "b": "q", "c": "q", "d": "r"}, day)
    assert once[0] == twice[0]
    pd.testing.assert_frame_equal(once[1], twice[1])
    pd.testing.assert_frame_equal(once[2], twice[2])


def test_the_past_is_not_rewritten() -> None:
    _, _, history = night(empty_history(), {"a": "x"}, FIRST)
    with pytest.raises(ValueError, match="already reaches"):
        update_history(history, pd.DataFrame({"record_key": ["a"], "customer_id": ["C1"]}), FIRST - timedelta(1))


RECORDS = [f"r{n}" for n in range(8)]
NIGHTS = st.lists(
    st.dictionaries(st.sampled_from(RECORDS), st.sampled_from("pqrst"), min_size=1), min_size=2, max_size=6
)


@settings(max_examples=7, deadline=None)
@given(NIGHTS, st.randoms(use_true_random=False))
def test_ids_over_random_nights(nights: list[dict[str, str]], shuffler) -> None:
    history = empty_history()
    closed: dict[str, set[str]] = {}
    before: dict[str, str] = {}
    for number, groups in enumerate(nights):
        day = FIRST + timedelta(number)
        ids, events, history_now = night(history, groups, day)
        # One id per cluster and one cluster per id.
        assert len({(groups[r], ids[r]) for r in groups}) == len(set(groups.values())) == len(set(ids.values()))
        # Row order plays no part.
        mixed = list(groups.items())
        shuffler.shuffle(mixed)
        again = assign_ids(clusters(dict(mixed)), history.sample(frac=1, random_state=number), history, day)
        assert dict(zip(again.current.record_key, again.current.customer_id, strict=True)) == ids
        pd.testing.assert_frame_equal(again.events, events)
        # An id that was closed comes back only with records that carried it.
        for customer_id in sorted(set(ids.values()) & set(closed)):
            assert {r for r in ids if ids[r] == customer_id} & closed.pop(customer_id)
        # A new id was never seen.
        for customer_id in set(events.customer_id[events.event.isin(["created", "split"])]):
            assert customer_id not in set(history.customer_id)
        for customer_id in set(before.values()) - set(ids.values()):
            closed[customer_id] = set(history.record_key[history.customer_id == customer_id])
        # Unchanged clusters keep their id.
        for customer_id in set(before.values()):
            members = {r for r in before if before[r] == customer_id}
            homes = {groups.get(r) for r in members}
            if homes != {None} and len(homes) == 1 and {r for r in groups if groups[r] in homes} == members:
                assert {ids[r] for r in members} == {customer_id}
        before, history = ids, history_now

        for _, rows in history.groupby("record_key"):
            rows = rows.sort_values("valid_from")
            ends = rows.valid_to.iloc[:-1].tolist()
            assert all(
                end is not None and end <= start for end, start in zip(ends, rows.valid_from.iloc[1:], strict=True)
            )
            assert all(end is None or end > start for start, end in zip(rows.valid_from, rows.valid_to, strict=True))
        open_now = history[history.valid_to.isna()]
        assert dict(zip(open_now.record_key, open_now.customer_id, strict=True)) == ids
