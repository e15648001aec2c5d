"""Consents of the demo company: asked for by three systems, answered in character, taken back later."""

import numpy as np
import pyarrow as pa
import pytest

from demo_company import world
from demo_company.consents import consents
from tests.unit.demo_company.conftest import SEED, SLICE


@pytest.fixture(scope="module")
def said(everyone) -> dict[str, pa.Table]:
    return consents(everyone.contacts, everyone.persons, SEED)


@pytest.mark.slow
def test_no_other_table_of_the_demo_changes_with_them(slice_world, monkeypatch):
    """Their draws are their own: with nobody asked, every other table is what it was."""
    monkeypatch.setattr(
        world, "consents", lambda *world_: {name: rows.slice(0, 0) for name, rows in consents(*world_).items()}
    )
    without = world.tables(SLICE, SEED)
    assert set(without) == set(slice_world)
    changed = {name for name, rows in without.items() if not rows.equals(slice_world[name])}
    assert slice_world["crm_consents"].num_rows > 100
    assert changed == {"crm_consents", "feed_web_consents", "feed_loyalty_consents"}


def test_only_those_who_can_be_reached_are_asked_and_not_all_answer(everyone, said):
    records = everyone.contacts.records
    crm = records["system"] == "crm"
    by_phone = {key for key in records["key"][crm & records["has_phone"]]}
    asked = {row["contact_id"] for row in said["crm"].to_pylist() if row["channel"] == "phone"}
    assert asked < by_phone
    assert 0.65 < len(asked) / len(by_phone) < 0.75


def test_a_change_of_mind_is_a_later_statement(said):
    first: dict[tuple[str, str], tuple[object, bool]] = {}
    changes = 0
    for row in said["web"].sort_by("stated_at").to_pylist():
        key, granted = (row["web_account_id"], row["topic"]), row["accepted"] == "true"
        if key in first:
            assert granted is not first[key][1], "who says the same again does not change his mind"
            assert row["stated_at"] >= first[key][0]
            changes += 1
        first[key] = (row["stated_at"], granted)
    assert 0.05 < changes / len(first) < 0.12


def test_most_say_yes_and_a_person_answers_alike_everywhere(everyone, said):
    records = everyone.contacts.records
    person = {
        (system, key): who
        for system, key, who in zip(records["system"], records["key"], records["person"], strict=True)
    }
    crm = {
        person["crm", row["contact_id"]]: row["state"] == "opt-in"
        for row in said["crm"].to_pylist()
        if row["channel"] == "email"
    }
    web = {
        person["web", row["web_account_id"]]: row["accepted"] == "true"
        for row in said["web"].to_pylist()
        if row["topic"] == "newsletter"
    }
    both = sorted(crm.keys() & web.keys())
    assert len(both) > 500
    assert 0.5 < np.mean(list(crm.values())) < 0.66
    assert np.mean([crm[who] == web[who] for who in both]) > 0.7
