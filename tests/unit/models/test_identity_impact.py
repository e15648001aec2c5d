"""What counts as a change of who is who, and when a person has to look at it."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity.impact import ImpactLimits, impact

STRICT = ImpactLimits(records_moved=0.0, revenue_moved=0.0, moved_records_floor=1, largest_new_cluster=10)


def published(groups: dict[str, str], sales: float = 10.0, segment: str | None = "loyal") -> pd.DataFrame:
    rows = [(record, customer, sales, segment) for record, customer in groups.items()]
    table = pd.DataFrame(rows, columns=["record_key", "customer_id", "sales_usd", "segment"])
    table["sales_usd"] = table.sales_usd.map(lambda value: Decimal(str(value)))
    return table


def now(groups: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"record_key": list(groups), "customer_id": list(groups.values())})


def test_growth_is_no_change() -> None:
    found = impact(published({"a": "1"}), now({"a": "1", "b": "1", "c": "2"}), limits=STRICT)
    assert not found.is_stopped
    assert (found.figures["records_moved"], found.figures["records_new"], found.figures["customers_new"]) == (0, 2, 1)


def test_nothing_published_passes() -> None:
    found = impact(None, now({f"r{n}": "1" for n in range(100)}), limits=STRICT)
    assert not found.is_stopped
    assert found.fingerprint == ""


def test_a_merge_is_told_with_its_money() -> None:
    before = published({"a": "1", "b": "2", "c": "2", "d": "3"})
    found = impact(before, now({"a": "1", "b": "1", "c": "1", "d": "3"}), limits=STRICT)
    assert {name: value for name, value in found.figures.items() if value} == {
        "known_records": 4,
        "records_moved": 2,
        "customers_merged": 1,
        "revenue_usd": 40.0,
        "revenue_moved_usd": 20.0,
        "segments_changed": 1,  # of 1; 2 is gone, and no segment of tonight was given
        "largest_new_cluster": 3,
    }
    assert found.moves.to_dict("records") == [
        {"from_customer_id": "2", "to_customer_id": "1", "records": 2, "sales_usd": 20.0}
    ]
    assert found.breaches == (
        "2 of 4 known records would belong to another customer (50.0%, the limit is 0.0%)",
        "20 of 40 US dollars would belong to another customer (50.0%, the limit is 0.0%)",
    )


def test_splits_gone_customers_and_segments_are_told() -> None:
    before = published({"a": "1", "b": "1", "c": "2", "d": "3", "e": "4"})
    tonight = pd.DataFrame({"customer_id": ["1", "3"], "segment": ["asleep", "asleep"]})
    found = impact(before, now({"a": "1", "b": "9", "d": "3", "e": "4"}), tonight, limits=STRICT).figures
    assert (found["customers_split"], found["customers_gone"], found["customers_new"]) == (1, 1, 0)
    assert found["segments_changed"] == 1  # of 1, who was split; 3 changed too, but nothing of 3 was moved


def test_a_small_company_is_not_stopped_by_a_few_merges() -> None:
    before = published({f"r{n}": str(n) for n in range(30)})
    after = now({f"r{n}": str(n // 2 * 2) if n < 10 else str(n) for n in range(30)})
    assert not impact(before, after, limits=ImpactLimits(moved_records_floor=6)).is_stopped
    assert impact(before, after, limits=ImpactLimits(moved_records_floor=5)).is_stopped


def test_a_few_records_that_are_the_business_stop_the_night() -> None:
    before = published({f"r{n}": str(n) for n in range(1000)})
    before["sales_usd"] = [Decimal(100_000 if n < 40 else 1) for n in range(1000)]
    found = impact(before, now({f"r{n}": "999" if n < 40 else str(n) for n in range(1000)}))
    assert found.breaches == (
        "4,000,000 of 4,000,960 US dollars would belong to another customer (100.0%, the limit is 30.0%)",
    )
    assert not impact(before, now({f"r{n}": "999" if n < 10 else str(n) for n in range(1000)})).is_stopped


def test_a_chain_of_new_records_stops_the_night_too() -> None:
    before = published({"a": "1", "b": "2"})
    after = {"a": "1", "b": "2"} | {f"n{n}": "1" for n in range(11)}
    found = impact(before, now(after), limits=STRICT)
    assert found.breaches == ("one customer would have 12 records, at least twice as many as before (the limit is 10)",)
    assert found.change.num_rows == 11
    assert not impact(before, now(after), approved=found.change, limits=STRICT).is_stopped


def test_a_large_customer_that_grows_is_not_stopped_every_night() -> None:
    before = published({f"r{n}": "1" for n in range(40)})
    assert not impact(before, now({f"r{n}": "1" for n in range(41)}), limits=STRICT).is_stopped


def test_approval_is_for_exactly_these_moves() -> None:
    before = published({record: record for record in "abcdef"})
    first = now({"a": "a", "b": "a", "c": "c", "d": "d", "e": "e", "f": "f"})
    found = impact(before, first, limits=STRICT)
    assert found.change.to_pylist() == [{"record_key": "b", "from_customer_id": "b", "to_customer_id": "a"}]
    again = impact(before, first, approved=found.change, limits=STRICT)
    assert not again.is_stopped
    assert (again.figures["records_moved"], again.figures["records_approved"]) == (1, 1)
    more = impact(before, now({"a": "a", "b": "a", "c": "d", "d": "d"}), approved=found.change, limits=STRICT)
    assert more.is_stopped
    assert more.change.to_pylist() == [{"record_key": "c", "from_customer_id": "c", "to_customer_id": "d"}]
    elsewhere = impact(before, now({"a": "a", "b": "c", "c": "c"}), approved=found.change, limits=STRICT)
    assert elsewhere.is_stopped


GROUPS = st.dictionaries(st.sampled_from([f"r{n}" for n in range(9)]), st.sampled_from("12345"), min_size=1)


@settings(max_examples=8, deadline=None)
@given(GROUPS, GROUPS, st.randoms(use_true_random=False))
def test_order_plays_no_part_and_the_figures_add_up(before: dict, after: dict, shuffler) -> None:
    found = impact(published(before), now(after), limits=STRICT)
    mixed = list(after.items())
    shuffler.shuffle(mixed)
    again = impact(published(before).sample(frac=1, random_state=1), now(dict(mixed)), limits=STRICT)
    assert (again.figures, again.breaches, again.fingerprint) == (found.figures, found.breaches, found.fingerprint)
    assert again.change.equals(found.change)
    pd.testing.assert_frame_equal(again.moves, found.moves)

    known = set(before) & set(after)
    moved = {record for record in known if before[record] != after[record]}
    assert found.figures["known_records"] == len(known)
    assert found.figures["records_moved"] == len(moved)
    assert found.figures["revenue_moved_usd"] == 10.0 * len(moved)
    assert set(found.change["record_key"].to_pylist()) == moved
    assert found.is_stopped == bool(moved)
    assert bool(found.fingerprint) == found.is_stopped
    if moved:  # another change is another fingerprint
        record = min(moved)
        other = impact(published(before), now(after | {record: "6"}), limits=STRICT)
        assert other.fingerprint != found.fingerprint
