"""Precision and recall are what listing every pair and every record would give, in all and by kind of record."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity.measure import QUALITY_COLUMNS, bcubed, breakdown, pairwise

ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),  # customer
        st.integers(0, 4),  # person
        st.sampled_from(["crm", "erp", "web"]),
        st.sampled_from(["", "typo", "nickname,typo", "nickname"]),
    ),
    max_size=14,
)


def tables(rows: list[tuple[int, int, str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    keys = [f"k{at:02d}" for at in range(len(rows))]
    current = pd.DataFrame({"record_key": keys, "customer_id": [f"c{row[0]}" for row in rows]})
    truth = pd.DataFrame(
        {
            "record_key": keys,
            "person_id": [f"p{row[1]}" for row in rows],
            "source_system": [row[2] for row in rows],
            "error_kinds": [row[3] for row in rows],
            # People live in one home each: the household is of the person.
            "household_id": [f"h{row[1] % 3}" for row in rows],
        }
    )
    return current, truth


def listed(rows, keep) -> tuple[int, int, int]:
    """(true, found, right) pairs among those `keep` accepts, each looked at."""
    pairs = [(left, right) for left, right in combinations(rows, 2) if keep(left, right)]
    same_person = [left[1] == right[1] for left, right in pairs]
    together = [left[0] == right[0] for left, right in pairs]
    return sum(same_person), sum(together), sum(a and b for a, b in zip(same_person, together, strict=True))


def counted(table: pd.DataFrame, dimension: str, value: str) -> tuple[int, int, int]:
    row = table[(table.dimension == dimension) & (table.value == value)].iloc[0]
    return int(row.true_pairs), int(row.found_pairs), int(row.right_pairs)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_every_count_is_that_of_the_listed_pairs(rows) -> None:
    table = breakdown(*tables(rows))
    assert list(table.columns) == QUALITY_COLUMNS
    assert not table.duplicated(["dimension", "value"]).any()
    assert counted(table, "all", "all") == listed(rows, lambda a, b: True)
    for source in {row[2] for row in rows}:
        assert counted(table, "source", source) == listed(rows, lambda a, b, s=source: s in (a[2], b[2]))
        for other in {row[2] for row in rows if row[2] >= source}:
            wanted = listed(rows, lambda a, b, s=source, o=other: sorted((a[2], b[2])) == [s, o])
            assert counted(table, "source_pair", f"{source} + {other}") == wanted
    for kind in {kind for row in rows for kind in row[3].split(",") if kind}:
        wanted = listed(rows, lambda a, b, k=kind: k in a[3].split(",") or k in b[3].split(","))
        assert counted(table, "error_kind", kind) == wanted
    assert counted(table, "error_kind", "none") == listed(rows, lambda a, b: not a[3] and not b[3])
    assert counted(table, "household", "kept apart") == listed(rows, lambda a, b: a[1] % 3 == b[1] % 3)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_bcubed_is_the_mean_over_the_records(rows) -> None:
    current, truth = tables(rows)
    precisions, recalls = [], []
    for row in rows:
        both = sum(row[0] == other[0] and row[1] == other[1] for other in rows)
        precisions.append(both / sum(row[0] == other[0] for other in rows))
        recalls.append(both / sum(row[1] == other[1] for other in rows))
    found = bcubed(current, truth)
    for name, scores in (("bcubed_precision", precisions), ("bcubed_recall", recalls)):
        assert found[name] == pytest.approx(sum(scores) / len(scores) if scores else 1.0)
    assert min(found.values()) <= found["bcubed_f1"] <= max(found.values())


@settings(max_examples=20, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_neither_names_nor_order_matter(rows, random) -> None:
    current, truth = tables(rows)
    renamed = current.assign(customer_id=[f"another {name}" for name in current.customer_id])
    order = list(range(len(rows)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(
        breakdown(renamed.iloc[order], truth.iloc[order[::-1]]), breakdown(current, truth), check_exact=True
    )


def test_a_labelled_sample_is_enough() -> None:
    """Only people who were labelled count, and what the sample does not say is not broken down by."""
    current = pd.DataFrame({"record_key": list("abcde"), "customer_id": [1, 1, 1, 2, 2]})
    sample = pd.DataFrame({"record_key": list("abde"), "person_id": ["x", "x", "y", "z"]})
    table = breakdown(current, sample)
    assert table.dimension.tolist() == ["all"]
    assert counted(table, "all", "all") == (1, 2, 1)
    assert pairwise(current, sample)["precision"] == table.precision.item() == 0.5


def test_bcubed_weighs_records_and_pairwise_pairs() -> None:
    """Chains of 5, 2 and 5, of which two are joined: the example of Bagga and Baldwin."""
    people = [1] * 5 + [2] * 2 + [3] * 5
    truth = pd.DataFrame({"record_key": range(12), "person_id": people})
    joined_small = pd.DataFrame({"record_key": range(12), "customer_id": [1] * 5 + [2] * 7})
    joined_large = pd.DataFrame({"record_key": range(12), "customer_id": [1] * 5 + [2] * 2 + [1] * 5})
    assert bcubed(joined_small, truth)["bcubed_precision"] == pytest.approx(16 / 21)
    assert bcubed(joined_large, truth)["bcubed_precision"] == pytest.approx(7 / 12)
    assert bcubed(joined_small, truth)["bcubed_recall"] == 1.0


def test_households_found_are_measured_against_the_true_ones() -> None:
    current = pd.DataFrame({"record_key": list("abcd"), "customer_id": ["1", "2", "3", "3"]})
    truth = pd.DataFrame(
        {"record_key": list("abcd"), "person_id": ["p", "q", "r", "s"], "household_id": ["h", "h", "i", "i"]}
    )
    households = pd.DataFrame({"record_key": list("abcd"), "household_id": ["x", "x", "y", "z"]})
    table = breakdown(current, truth, households)
    assert counted(table, "household", "kept apart") == (0, 1, 0)  # r and s are relatives and were merged
    assert counted(table, "household", "grouping") == (2, 1, 1)


def test_a_record_that_is_twice_is_refused() -> None:
    current = pd.DataFrame({"record_key": ["a", "a"], "customer_id": [1, 2]})
    with pytest.raises(pd.errors.MergeError):
        pairwise(current, pd.DataFrame({"record_key": ["a"], "person_id": ["p"]}))
