"""The review queue asks what is open and nothing twice; answers move the threshold only where they prove it wrong."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.identity import IdentitySettings, review_queue, threshold_from_labels
from models.identity.overrides_file import appended, rows
from models.identity.thresholds import wilson

PAIR = ["record_key_l", "record_key_r"]


@pytest.fixture(scope="module")
def truth(people) -> dict[str, str]:
    return dict(zip(people[1].record_key, people[1].person_id, strict=True))


def _answers(table: pd.DataFrame, truth: dict[str, str]) -> pd.DataFrame:
    same = table.record_key_l.map(truth) == table.record_key_r.map(truth)
    return table[PAIR].assign(decision=np.where(same, "same", "different"))


def test_the_queue_asks_what_is_open_and_says_why(resolution) -> None:
    queue = review_queue(resolution, 30)
    assert 0 < len(queue) <= 30
    pairs = resolution.state.pairs.to_pandas().merge(queue[PAIR], on=PAIR)
    assert not pairs.is_conflict.any()
    assert pairs[pairs.rule_rank.notna()].empty
    everything = resolution.state.pairs.to_pandas().match_probability
    gap = (queue.match_probability - 0.70).abs()
    assert gap.mean() < (everything - 0.70).abs().mean()
    assert (queue.why.str.startswith(("near", "parted", "holds"))).all()
    pd.testing.assert_frame_equal(queue, review_queue(resolution, 30))


def test_nothing_is_asked_twice_until_nothing_is_left(resolution, truth) -> None:
    decided, asked = None, set()
    for _ in range(40):
        queue = review_queue(resolution, 60, decided)
        fresh = set(zip(queue.record_key_l, queue.record_key_r, strict=True))
        assert not fresh & asked
        if not fresh:
            break
        asked |= fresh
        decided = pd.concat([decided, _answers(queue, truth)])
    assert not fresh


def test_what_follows_from_answers_is_not_asked(resolution) -> None:
    first = review_queue(resolution, 1).iloc[0]
    third = next(k for k in resolution.clusters.record_key if k not in (first.record_key_l, first.record_key_r))
    for word in ("same", "different"):
        chain = pd.DataFrame(
            [("same", first.record_key_l, third), (word, third, first.record_key_r)], columns=["decision", *PAIR]
        )
        left = review_queue(resolution, 100, chain)
        assert not ((left.record_key_l == first.record_key_l) & (left.record_key_r == first.record_key_r)).any()


def test_money_and_records_bring_a_pair_forward_and_alike_pairs_do_not_crowd_it_out(resolution) -> None:
    queue = review_queue(resolution, 40)
    last = queue.iloc[-1]
    rich = review_queue(resolution, 40, revenue={last.record_key_l: 50_000.0})
    place = rich.index[(rich.record_key_l == last.record_key_l) & (rich.record_key_r == last.record_key_r)]
    assert place[0] < len(queue) - 1
    assert rich.revenue_usd.max() == 50_000
    assert queue.head(10).levels.nunique() > 1


def _scored(probability: np.ndarray) -> pa.Table:
    count = len(probability)
    return pa.table(
        {
            "record_key_l": [f"a{n}" for n in range(count)],
            "record_key_r": [f"b{n}" for n in range(count)],
            "match_probability": probability,
            "rule_rank": pa.nulls(count, pa.int32()),
            "is_conflict": [False] * count,
        }
    )


def _labelled(pairs: pa.Table, is_same: np.ndarray, chosen: np.ndarray) -> pd.DataFrame:
    table = pairs.select(PAIR).to_pandas()
    return table.assign(decision=np.where(is_same, "same", "different"))[chosen]


@pytest.mark.parametrize(("shift", "moved"), [(0.0, "default"), (3.0, "lowered"), (-3.0, "raised")])
def test_the_threshold_moves_where_the_score_is_off_and_stays_where_it_is_right(shift, moved) -> None:
    """Probabilities that are right, too low and too high by three in log odds: known truth, simulated answers."""
    draws = np.random.default_rng(7)
    probability = draws.uniform(0.05, 0.999, 4000)
    odds = np.log(probability / (1 - probability)) + shift
    same = draws.random(4000) < 1 / (1 + np.exp(-odds))
    pairs = _scored(probability)
    # As a queue asks: most answers near the threshold.
    chosen = draws.random(4000) < np.where(abs(probability - 0.7) < 0.15, 0.5, 0.1)
    found = threshold_from_labels(pairs, _labelled(pairs, same, chosen))
    assert found.reason.startswith(moved)
    assert found.default == 0.70
    assert {"default": found.value == 0.70, "lowered": found.value < 0.5, "raised": found.value > 0.85}[moved]


def test_few_answers_or_answers_of_one_kind_leave_the_default() -> None:
    probability = np.linspace(0.3, 0.95, 200)
    pairs = _scored(probability)
    for same, chosen in ((np.ones(200, bool), np.ones(200, bool)), (probability > 0.9, np.arange(200) % 20 == 0)):
        found = threshold_from_labels(pairs, _labelled(pairs, same, chosen), IdentitySettings())
        assert found.value == 0.70
        assert "answers of each kind are needed" in found.reason
    assert threshold_from_labels(pairs, None).value == 0.70


def _three_strata(low_same: int) -> tuple[pa.Table, pd.DataFrame]:
    """1,000 sure pairs with 32 answers from 0.6, 60 pairs with 40 answers from 0.5, `low_same` of them the same."""
    probability = np.r_[np.full(1000, 0.65), np.full(60, 0.55), np.full(100, 0.3)]
    same = np.r_[np.ones(1000, bool), np.arange(60) < low_same, np.zeros(100, bool)]
    chosen = np.r_[np.arange(1000) < 32, np.arange(60) < 40, np.ones(100, bool)]
    pairs = _scored(probability)
    return pairs, _labelled(pairs, same, chosen)


def test_answers_count_for_the_pairs_they_stand_for() -> None:
    """By mere numbers 56 of 72 leave it open; for the pairs they stand for, they are 98 in a hundred."""
    assert threshold_from_labels(*_three_strata(24)).value == 0.5


def test_a_stratum_that_is_proven_wrong_is_not_taken_along_with_good_ones() -> None:
    assert threshold_from_labels(*_three_strata(0)).value == 0.6


@given(st.integers(0, 400), st.integers(1, 400))
def test_the_interval_of_wilson_holds_the_share_and_narrows(same, count) -> None:
    share = min(same, count) / count
    low, high = wilson(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    wide = wilson(share, count / 4)
    assert wide[1] - wide[0] >= high - low


def test_the_interval_of_wilson_is_the_published_one() -> None:
    low, high = wilson(0.9, 10)  # 9 of 10: 0.596 to 0.982 (Newcombe 1998, method 3)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)


ROW = dict(
    zip(
        ["decision", "source_system_a", "source_key_a", "source_system_b", "source_key_b"],
        ["same", "crm", "1", "erp", "2"],
        strict=True,
    )
) | {"decided_by": "张三", "decided_on": "2024-01-01", "reason": 'said "yes", twice'}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["", "\n"])
def test_a_row_is_added_in_the_way_the_file_is_written(encoding, separator, ending) -> None:
    names = [*ROW, "note"][::-1]
    there = separator.join(names) + "\n" + separator.join(["x" if n == "note" else "旧" for n in names]) + ending
    content = there.encode(encoding)
    content += appended(content, ROW)
    content += appended(content, ROW)
    found = list(rows(content))
    assert [line for line, _ in found] == [2, 3, 4]
    assert all({name: cells[name] for name in ROW} == ROW for _, cells in found[1:])


def test_a_file_is_started_with_its_columns() -> None:
    content = appended(b"", ROW)
    assert content.startswith(b"\xef\xbb\xbfdecision,")
    assert [dict(cells) for _, cells in rows(content + appended(content, ROW))] == [ROW, ROW]
