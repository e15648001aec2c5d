"""Customer ids last: through growth, merges, splits, absences and nights run twice."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import assign_ids, empty_history, update_history

pytestmark = pytest.mark.slow

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
    # What the first attempt published holds no day, but stays known as used.
    assert right.values.tolist() == [
        ["a", "C1", FIRST, None],
        ["a", "C2", day, day],
        ["b", "C2", FIRST, day],
        ["b", "C1", day, None],
        ["c", "C3", day, day],
    ]


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


def told(events: pd.DataFrame) -> list[list[object]]:
    return events[["event", "customer_id", "other_customer_id", "record_count"]].values.tolist()


def same_again(
    history: pd.DataFrame, groups: dict[str, str], day: date
) -> tuple[dict[str, str], pd.DataFrame, pd.DataFrame]:
    """(record -> id, events, history) of a night, run a second time to see that nothing moves."""
    once = assign_ids(clusters(groups), history, history, day)
    first = update_history(history, once.current, day)
    twice = assign_ids(clusters(groups), first.sample(frac=1, random_state=1), first, day)
    pd.testing.assert_frame_equal(twice.current, once.current)
    pd.testing.assert_frame_equal(twice.events, once.events)
    pd.testing.assert_frame_equal(update_history(first, twice.current, day), first)
    return dict(zip(once.current.record_key, once.current.customer_id, strict=True)), once.events, first


def test_a_first_night_twice_gives_the_same_ids_events_and_history() -> None:
    same_again(empty_history(), {"a": "x", "b": "x", "c": "y"}, FIRST)


@pytest.mark.parametrize("nights_before", [0, 1])
def test_a_record_that_joins_in_a_night_run_again_does_not_renumber(nights_before: int) -> None:
    """The id of m used to turn into one made from a, with no more than a created event."""
    history = night(empty_history(), {"z": "z"}, FIRST)[2] if nights_before else empty_history()
    day = FIRST + timedelta(nights_before)
    ids, _, history = night(history, {"z": "z", "m": "x"}, day)
    again, events, later = night(history, {"z": "z", "m": "x", "a": "x"}, day)
    assert again == {**ids, "a": ids["m"]}
    assert ["created", ids["m"], None, 2] in told(events)
    assert len(events) == 2 - nights_before
    same_again(later, {"z": "z", "m": "x", "a": "x"}, day)


def test_ids_published_earlier_the_same_night_merge_split_and_vanish_on_record() -> None:
    ids, _, history = night(empty_history(), {"a": "x", "b": "y", "c": "y", "d": "z"}, FIRST)
    merged, events, history = night(history, dict.fromkeys("abc", "x"), FIRST)
    assert set(merged.values()) == {ids["b"]}
    assert told(events) == sorted(
        [
            ["created", ids["a"], None, 1],
            ["created", ids["b"], None, 3],
            ["created", ids["d"], None, 1],
            ["merged", ids["b"], ids["a"], 1],
            ["vanished", ids["d"], None, 1],
        ]
    )
    split, events, history = night(history, {"a": "p", "b": "q", "c": "q"}, FIRST)
    assert split["b"] == split["c"] == ids["b"]
    assert split["a"] not in set(ids.values())
    assert ["split", split["a"], ids["b"], 1] in told(events)
    back, _, history = night(history, {"d": "z"}, FIRST)
    assert back["d"] == ids["d"]
    assert set(history.customer_id) == {*ids.values(), *split.values()}


def test_an_old_id_split_and_joined_again_in_one_night_tells_both() -> None:
    old, _, history = night(empty_history(), dict.fromkeys("abc", "x"), FIRST)
    day = FIRST + timedelta(1)
    split, _, history = night(history, {"a": "p", "b": "q", "c": "q"}, day)
    joined, events, history = night(history, dict.fromkeys("abc", "x"), day)
    assert joined == old
    assert told(events) == [["merged", old["a"], split["a"], 1], ["split", split["a"], old["a"], 1]]
    # The empty interval does not win over the one that holds, that night or later.
    assert night(history, dict.fromkeys("abc", "x"), day + timedelta(1))[0] == old


def test_the_past_is_not_rewritten() -> None:
    _, _, history = night(empty_history(), {"a": "x"}, FIRST)
    with pytest.raises(ValueError, match="already reaches"):
        update_history(history, pd.DataFrame({"record_key": ["a"], "customer_id": ["C1"]}), FIRST - timedelta(1))
    with pytest.raises(ValueError, match="already reaches 2017-01-01; a run for an earlier day .* can't be added"):
        assign_ids(clusters({"a": "x"}), history, history, FIRST - timedelta(1))


RECORDS = [f"r{n}" for n in range(8)]
NIGHTS = st.lists(
    st.dictionaries(st.sampled_from(RECORDS), st.sampled_from("pqrst"), min_size=1), min_size=3, max_size=4
)


@settings(max_examples=4, deadline=None)
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


@settings(max_examples=4, deadline=None)
@given(NIGHTS, st.lists(st.integers(0, 1), min_size=4, max_size=4))
def test_ids_over_random_nights_run_again(nights: list[dict[str, str]], steps: list[int]) -> None:
    history, day = empty_history(), FIRST
    ids: dict[str, str] = {}
    ever: set[str] = set()
    started: set[str] = set()  # all ids known before the day began
    open_before: set[str] = set()  # those that somebody had then
    for groups, step in zip(nights, steps, strict=False):
        if step:
            day += timedelta(1)
            started, open_before = set(ever), set(ids.values())
        before, (ids, events, history) = ids, same_again(history, groups, day)
        assert len({(groups[r], ids[r]) for r in groups}) == len(set(groups.values())) == len(set(ids.values()))

        # All that was ever published stays known, and one not held before was never held by others.
        fresh = set(ids.values()) - ever
        ever |= set(ids.values())
        assert set(history.customer_id) == ever
        # A record leaves its id only for one that others bring, or for a new one.
        for customer_id in set(before.values()):
            homes = {groups.get(r) for r in before if before[r] == customer_id} - {None}
            others = {r for r in groups if groups[r] in homes and before.get(r) != customer_id}
            if len(homes) == 1 and not others & set(history.record_key[history.customer_id != customer_id]):
                assert {ids[r] for r in groups if groups[r] in homes} == {customer_id}

        # The events tell the day as a whole: each id born in it once, each that is gone once.
        born = events[events.event.isin(["created", "split"])]
        assert sorted(born.customer_id) == sorted(ever - started)
        assert fresh <= set(born.customer_id)
        merged = events[events.event == "merged"]
        ended = [*merged.other_customer_id, *events.customer_id[events.event == "vanished"]]
        assert len(ended) == len(set(ended))
        published = set(history.customer_id[history.valid_from == day])
        assert set(ended) == (open_before | published) - set(ids.values())
        assert set(before.values()) - set(ids.values()) <= set(ended)
        assert set(merged.customer_id) <= set(ids.values())

        held = history[history.valid_to.isna() | (history.valid_to != history.valid_from)]
        assert not history.duplicated(["record_key", "customer_id", "valid_from"]).any()
        for _, rows in held.groupby("record_key"):
            ends = rows.valid_to.iloc[:-1].tolist()
            assert all(
                end is not None and end <= start for end, start in zip(ends, rows.valid_from.iloc[1:], strict=True)
            )
            assert all(end is None or end > start for start, end in zip(rows.valid_from, rows.valid_to, strict=True))
        open_now = history[history.valid_to.isna()]
        assert dict(zip(open_now.record_key, open_now.customer_id, strict=True)) == ids
