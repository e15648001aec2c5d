"""How hard the records are to match, measured on all of them: the figures the demo promises."""

from types import SimpleNamespace

import numpy as np
import pytest

from demo_company.errors import KINDS
from demo_company.people import PROSPECT, SHOPPER


def one(everyone: SimpleNamespace, question: str) -> float:
    return float(everyone.truth.sql(question).fetchone()[0])


def test_three_records_per_person_at_least(everyone: SimpleNamespace) -> None:
    records = one(everyone, "select count(*) from records")
    assert records / len(everyone.persons["role"]) >= 3.0


def test_three_in_ten_records_have_an_error_and_one_in_ten_several(everyone: SimpleNamespace) -> None:
    assert one(everyone, "select avg((n_errors >= 1)::int) from records") == pytest.approx(0.30, abs=0.015)
    assert one(everyone, "select avg((n_errors >= 2)::int) from records") == pytest.approx(0.10, abs=0.01)


def test_every_kind_of_error_occurs(everyone: SimpleNamespace) -> None:
    found = everyone.truth.sql("select distinct unnest(string_split(error_kinds, ',')) from records").fetchall()
    assert {kind for (kind,) in found} - {""} == set(KINDS)


def test_a_fifth_of_the_people_is_chinese(everyone: SimpleNamespace) -> None:
    assert np.mean(everyone.persons["language"] == "zh") == pytest.approx(0.20, abs=0.02)


def test_one_contact_point_in_twelve_is_shared_and_only_within_its_household(
    everyone: SimpleNamespace,
) -> None:
    versions, records = everyone.contacts.versions, everyone.contacts.records
    who = records["person"][versions["record"]]
    owners: dict[str, set[int]] = {}
    homes: dict[str, set[int]] = {}
    for point in ("email", "phone"):
        known = np.not_equal(versions[point], None)
        cleaned = [text.lower().strip() for text in versions[point][known]]
        for value, person in zip(cleaned, who[known], strict=True):
            owners.setdefault(value, set()).add(person)
            homes.setdefault(value, set()).add(everyone.persons["home"][person])
    shared = [value for value, people in owners.items() if len(people) > 1]
    assert len(shared) / len(owners) == pytest.approx(0.08, abs=0.01)
    across = [value for value in shared if len(homes[value]) > 1]
    assert len(across) < 0.02 * len(shared)  # a typo may hit upon a stranger's address


def test_three_in_ten_shoppers_have_two_accounts_and_their_baskets_are_split(
    everyone: SimpleNamespace,
) -> None:
    assert np.mean(~np.isnat(everyone.contacts.splits)) == pytest.approx(0.30, abs=0.03)


def test_moves_marriages_twins_and_namesakes_occur(everyone: SimpleNamespace) -> None:
    persons = everyone.persons
    assert 0.15 < np.mean(~np.isnat(persons["moved_on"])) < 0.27
    assert 0.02 < np.mean(~np.isnat(persons["married_on"])) < 0.08
    assert persons["is_twin"].sum() >= 5
    assert persons["is_namesake"].sum() >= 10
    twins = np.flatnonzero(persons["is_twin"])
    shopper_of = {home: row for row, home in enumerate(persons["home"]) if persons["role"][row] == SHOPPER}
    sibling = np.array([shopper_of[home] for home in persons["home"][twins]])
    assert (persons["birth_date"][twins] == persons["birth_date"][sibling]).all()
    assert (persons["family"][twins] == persons["family"][sibling]).all()


def test_households_and_prospects_have_the_sizes_promised(everyone: SimpleNamespace) -> None:
    role = everyone.persons["role"]
    assert (role == SHOPPER).sum() == 2469
    assert (role == PROSPECT).sum() == 900
    assert np.sum(role != PROSPECT) / 2469 == pytest.approx(1.65, abs=0.08)


def test_a_stale_address_is_an_error_only_between_the_move_and_the_update(everyone: SimpleNamespace) -> None:
    everyone.truth.register("moves", _moves(everyone))
    wrong = one(
        everyone,
        """
        select count(*) from history inner join moves using (source_system, source_key)
        where contains(error_kinds, 'moved_house') and (
            visible_at < moved_on or visible_at >= coalesce(refreshed_at, timestamp '9999-01-01'))""",
    )
    assert wrong == 0
    assert one(everyone, "select count(*) from history where contains(error_kinds, 'moved_house')") > 100


def _moves(everyone: SimpleNamespace) -> object:
    from demo_company.columns import table

    records = everyone.contacts.records
    mine = records["system"] == "loyalty"
    return table(
        source_system=records["system"][mine],
        source_key=records["key"][mine],
        moved_on=everyone.persons["moved_on"][records["person"][mine]].astype("M8[s]"),
        refreshed_at=records["refreshed_at"][mine],
    )
