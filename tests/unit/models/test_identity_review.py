"""The review queue asks what is open and matters, and answers bring the customers nearer to the truth."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from conftest import make_people
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import IdentitySettings, pairwise
from models.identity.known import Known
from models.identity.masked import in_words, shape
from models.identity.review import COLUMNS, TO_FILL_IN, review_queue
from models.identity.step import customers_of


@pytest.fixture(scope="module")
def queue(people, resolution) -> pd.DataFrame:
    return review_queue(resolution, 40, records=people[0])


def labelled(queue: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """The queue as somebody who knows everybody would fill it in."""
    who = truth.set_index("record_key").person_id
    same = who.loc[queue.record_key_l].to_numpy() == who.loc[queue.record_key_r].to_numpy()
    return queue.assign(decision=["same" if one else "different" for one in same], decided_on="2024-03-31")


def test_the_queue_names_both_records_and_leaves_the_answer_open(people, queue) -> None:
    systems = people[0].set_index("record_key")
    assert list(queue.columns) == COLUMNS
    assert queue["rank"].tolist() == list(range(1, len(queue) + 1))
    assert len(queue) == 40
    for side, key in (("a", "record_key_l"), ("b", "record_key_r")):
        assert queue[f"source_key_{side}"].tolist() == systems.source_key.loc[queue[key]].tolist()
        assert queue[f"source_system_{side}"].tolist() == systems.source_system.loc[queue[key]].tolist()
    assert (queue[list(TO_FILL_IN)] == "").all(axis=None)


def test_no_value_of_a_person_is_in_the_queue(people, queue) -> None:
    text = " ".join([*queue.evidence, *queue.why]).lower()
    for column in ("given_name", "family_name", "email", "phone", "street"):
        values = {str(value).lower() for value in people[0][column].dropna()}
        assert not [value for value in values if value in text]
    assert "same" in text


def test_the_queue_does_not_depend_on_the_order_of_pairs(people, resolution, queue) -> None:
    from dataclasses import replace

    pairs = resolution.state.pairs
    turned = pairs.take(pa.array(range(pairs.num_rows - 1, -1, -1)))
    other = replace(resolution, state=replace(resolution.state, pairs=turned))
    pd.testing.assert_frame_equal(review_queue(other, 40, records=people[0]), queue)


def test_two_customers_are_asked_about_once_and_patterns_take_turns(resolution, queue) -> None:
    cluster = resolution.clusters.set_index("record_key").cluster_id
    sides = zip(cluster.loc[queue.record_key_l], cluster.loc[queue.record_key_r], strict=True)
    couples = [frozenset(pair) for pair in sides]
    assert len(set(couples)) == len(couples)
    pairs = resolution.state.pairs.to_pandas()
    asked = queue.merge(pairs, on=["record_key_l", "record_key_r"])
    assert asked.levels.head(10).nunique() >= 4
    assert asked.levels.head(10).value_counts().max() <= 4


def test_what_is_answered_or_follows_from_answers_is_never_asked(resolution, people, queue) -> None:
    answered = labelled(queue.head(25), people[1])
    known = Known(answered)
    again = review_queue(resolution, 200, answered, records=people[0])
    assert len(again)
    assert not [row for row in again.itertuples() if known.answer(row.record_key_l, row.record_key_r)]


def test_money_and_records_put_a_question_first(resolution, people, queue) -> None:
    last = queue.iloc[-1]
    rich = dict.fromkeys((last.record_key_l, last.record_key_r), 1e9)
    first = review_queue(resolution, 40, records=people[0], revenue=rich).iloc[0]
    cluster = resolution.clusters.set_index("record_key").cluster_id
    assert {cluster[first.record_key_l], cluster[first.record_key_r]} == {
        cluster[last.record_key_l],
        cluster[last.record_key_r],
    }


def test_a_refused_link_is_asked_about_with_its_reason(resolution, people) -> None:
    assert len(resolution.refused)
    every = review_queue(resolution, 10_000, records=people[0])
    assert every.why.str.contains("kept apart by: ").any()


def test_answers_bring_the_customers_nearer_to_the_truth(resolution, people, queue) -> None:
    truth = people[1]

    def f1(found) -> float:
        return pairwise(found.clusters.rename(columns={"cluster_id": "customer_id"}), truth)["f1"]

    after = customers_of(resolution.state, IdentitySettings(), labelled(queue, truth))
    assert f1(after) > f1(resolution)


def test_enough_answers_move_the_threshold_of_the_night(resolution, people, queue) -> None:
    told, word = labelled(queue, people[1]), IdentitySettings(least_labels=10, least_labels_of_a_kind=1)
    links = resolution.state.pairs.to_pandas().query("match_probability >= 0.7 and not is_conflict")
    strict = links.assign(decision=["same" if p >= 0.98 else "different" for p in links.match_probability])
    few, many = (customers_of(resolution.state, word, labels) for labels in (told.head(9), strict))
    assert (few.threshold.is_moved, few.threshold.probability) == (False, word.link_probability)
    assert many.threshold.is_moved and many.threshold.probability > word.link_probability
    assert many.threshold.why in many.reasons
    by_hand = IdentitySettings(link_probability=many.threshold.probability, least_labels=10**6)
    pd.testing.assert_frame_equal(many.links, customers_of(resolution.state, by_hand, strict).links)


def test_nothing_to_ask() -> None:
    from models.identity import resolve

    alone = resolve(make_people(1, seed=1)[0].head(1))
    assert review_queue(alone).empty
    assert list(review_queue(alone).columns) == COLUMNS


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), max_size=14))
def test_known_agrees_with_reachability(answers: list[tuple[int, int, bool]]) -> None:
    import networkx

    known, graph, apart = Known(), networkx.Graph(), []
    graph.add_nodes_from(range(8))
    for a, b, same in answers:
        if known.answer(str(a), str(b)) is None:
            known.add("same" if same else "different", str(a), str(b))
            graph.add_edge(a, b) if same else apart.append((a, b))
    home = {node: number for number, group in enumerate(networkx.connected_components(graph)) for node in group}
    parted = {frozenset((home[a], home[b])) for a, b in apart}
    for a in range(8):
        for b in range(8):
            settled = "same" if home[a] == home[b] else "different" if {home[a], home[b]} in parted else None
            assert known.answer(str(a), str(b)) == settled


def test_an_answer_against_what_follows_is_refused() -> None:
    rows = [("same", "a", "b"), ("different", "b", "c")]
    known = Known(pd.DataFrame(rows, columns=["decision", "record_key_l", "record_key_r"]))
    assert known.answer("c", "a") == "different"
    with pytest.raises(ValueError, match="different follows"):
        known.add("same", "a", "c")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("Ann-Marie O'Neil", "xxx-xxxxx x'xxxx"), ("+1 614", "+9 999"), ("ann68@mail.example", "*****@xxxx.xxxxxxx"),
     ("王丽", "xx"), (None, "-"), (["a", "bc"], "x, xx")],
)  # fmt: skip
def test_shapes(value: object, shown: str) -> None:
    assert shape(value) == shown


def test_evidence_says_the_level_of_every_comparison_that_speaks(resolution) -> None:
    pair = resolution.state.pairs.slice(0, 1).to_pylist()[0]
    words = in_words(resolution.state.model, pair["levels"], {}, {})
    speaking = [part for part in pair["levels"].split() if not part.endswith("=-1")]
    assert words.count(": ") == len(speaking)
