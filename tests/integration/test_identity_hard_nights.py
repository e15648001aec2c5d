"""Nights that move what is kept from the last one: cuts, homes, strays and decisions end as they do from scratch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from models.identity import IdentitySettings, Resolution, State, resolve
from models.identity.night import from_scratch
from models.identity.standardise.tables import as_arrow
from models.identity.step import customers_of
from tests.unit.models.conftest import QUICK, make_people, record

SETTINGS = replace(QUICK, least_people_blocked=3, blocked_tail=0.3, refit_growth=9.0)
Night = Callable[[pd.DataFrame, Resolution], tuple[pd.DataFrame, pd.DataFrame | None]]


@pytest.fixture(scope="module")
def first() -> tuple[pd.DataFrame, Resolution]:
    """(records, resolution) of the first night."""
    records = make_people(20, seed=9)[0].sort_values("record_key", ignore_index=True)
    return records, resolve(records, SETTINGS)


def decide(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["decision", "record_key_l", "record_key_r"])
    return table.assign(decided_on="2017-01-01")


def largest(found: Resolution) -> pd.DataFrame:
    """The records of the largest cluster."""
    clusters = found.clusters
    return clusters[clusters.cluster_id == clusters.sort_values(["cluster_size", "cluster_id"]).cluster_id.iloc[-1]]


def hub(found: Resolution) -> str:
    """The record with the most links."""
    return pd.concat([found.links.record_key_l, found.links.record_key_r]).mode()[0]


def nothing(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    return records, None


def a_hub_is_deleted(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    return records[records.record_key != hub(found)], None


def the_name_givers_are_deleted(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    return records[~records.record_key.isin(found.clusters.cluster_id.unique()[:5])], None


def a_record_moves(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    """All that one record says is from now on what another person's record says."""
    out, other = records.copy(), records[~records.record_key.isin(largest(found).record_key)].iloc[0]
    at = out.index[out.record_key == largest(found).record_key.iloc[0]]
    out.loc[at, out.columns.difference(["record_key"])] = other[out.columns.difference(["record_key"])].to_numpy()
    return out, None


def a_customer_moves_house(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    out, mine = records.copy(), records.record_key.isin(largest(found).record_key)
    other = records[~mine & records.street.notna()].iloc[0]
    out.loc[mine & out.street.notna(), ["street", "city", "postcode"]] = other[
        ["street", "city", "postcode"]
    ].to_numpy()
    return out, None


def a_home_becomes_a_hostel(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    """So many customers move to one address that it makes no household any more, and those who were one part."""
    out, at = records.copy(), records.index[records.street.notna()]
    out.loc[at[: len(at) // 2], ["street", "city", "postcode"]] = out.loc[
        at[0], ["street", "city", "postcode"]
    ].to_numpy()
    return out, None


def a_phone_becomes_a_switchboard(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    return records.assign(phone=records.phone.where(records.index % 7 > 0, records.phone.dropna().iloc[0])), None


def everybody_writes_in_capitals(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    return records.assign(email=records.email.str.upper()), None


def strays_come(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, None]:
    """Records with nothing but a name: of one that a customer bears, and of one that nobody does."""
    names = records.given_name.str.cat(records.family_name, sep=" ").dropna()
    new = [record(f"a{n}", full_name=name) for n, name in enumerate([*names.iloc[::9], "Ottoline Quill"])]
    return pd.concat([records, pd.DataFrame(new)]), None


def people_part_and_join(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, pd.DataFrame]:
    together, others = found.links.iloc[0], found.clusters[found.clusters.cluster_size == 1]
    apart = decide(
        ("different", together.record_key_l, together.record_key_r),
        ("same", found.links.record_key_l.iloc[-1], (others if len(others) else found.clusters).record_key.iloc[0]),
    )
    return records, apart


def one_decided_on_is_deleted(records: pd.DataFrame, found: Resolution) -> tuple[pd.DataFrame, pd.DataFrame]:
    records, decided = people_part_and_join(records, found)
    return records[records.record_key != decided.record_key_r.iloc[1]], decided


NIGHTS = [
    nothing, a_hub_is_deleted, the_name_givers_are_deleted, a_record_moves, a_customer_moves_house,
    a_home_becomes_a_hostel, a_phone_becomes_a_switchboard, everybody_writes_in_capitals, strays_come,
    people_part_and_join, one_decided_on_is_deleted,
]  # fmt: skip


def assert_as_from_scratch(
    found: Resolution, records: pd.DataFrame, state: State, settings: IdentitySettings, overrides: pd.DataFrame | None
) -> None:
    """Every frame, the alarms and the whole state, to the byte."""
    assert found.reasons[0] == "model kept"
    whole = from_scratch(as_arrow(records.sample(frac=1, random_state=3)), settings, None, like=state)
    other = customers_of(whole, settings, overrides)
    for name in ("clusters", "links", "refused", "households"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(other, name), check_exact=True)
    assert found.alarms == other.alarms
    tables, others = found.state.to_tables(), other.state.to_tables()
    assert [name for name, table in tables.items() if not table.equals(others[name])] == []


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: night.__name__)
def test_a_hard_night_and_the_way_back_end_as_from_scratch(first, night: Night) -> None:
    records, found = first
    tonight, overrides = night(records, found)
    there = resolve(tonight, SETTINGS, overrides=overrides, state=found.state)
    assert_as_from_scratch(there, tonight, found.state, SETTINGS, overrides)
    back = resolve(records, SETTINGS, state=State.from_tables(there.state.to_tables()))
    assert back.state.fingerprint == found.state.fingerprint
    pd.testing.assert_frame_equal(back.clusters, found.clusters, check_exact=True)
    pd.testing.assert_frame_equal(back.households, found.households, check_exact=True)


def test_other_limits_of_clusters_cut_all_of_them_again(first) -> None:
    records, found = first
    stricter = replace(SETTINGS, link_probability=0.95, most_customers_per_household=2, most_records_per_customer=2)
    tonight = records.iloc[1:]
    there = resolve(tonight, stricter, state=found.state)
    assert_as_from_scratch(there, tonight, found.state, stricter, None)
    assert (there.clusters.cluster_id.nunique() > found.clusters.cluster_id.nunique()) or len(there.refused)


def test_strays_come_home_and_leave_as_from_scratch(first) -> None:
    """One stray goes, another one's home changes, a third one's name is borne by somebody else as well."""
    records, found = first
    picky = replace(SETTINGS, link_probability=0.97, most_namesakes=0.9)  # a name alone is no link here
    evening = strays_come(records, found)[0]
    one = resolve(evening, picky)
    home = one.links[one.links.match_rule == "only bearer of the name"]
    strays = evening.tail(6)
    strays = strays[strays.record_key.isin([*home.record_key_l, *home.record_key_r])]
    assert len(strays) > 2
    tonight = evening[evening.record_key != strays.record_key.iloc[0]].copy()
    there = one.clusters.set_index("record_key").cluster_id
    of_home = there.index[there == there[strays.record_key.iloc[1]]].difference([strays.record_key.iloc[1]])
    tonight.loc[tonight.record_key.isin(of_home[:1]), "phone"] = "614 555 0188"
    other = record("z1", full_name=strays.full_name.iloc[2], email="z1@mail.example", birth_date="1950-02-03")
    tonight = pd.concat([tonight, pd.DataFrame([other])], ignore_index=True)
    two = resolve(tonight, picky, state=State.from_tables(one.state.to_tables()))
    assert_as_from_scratch(two, tonight, one.state, picky, None)
    assert (two.links.match_rule == "only bearer of the name").sum() < len(home)


def test_hard_nights_are_hard(first) -> None:
    """Decisions part, and nobody is known by a hostel's address here: else the nights above would show nothing."""
    records, found = first
    parted, overrides = people_part_and_join(records, found)
    assert (
        resolve(parted, SETTINGS, overrides=overrides, state=found.state).refused.reason.eq("review: different").any()
    )
    hostel = resolve(a_home_becomes_a_hostel(records, found)[0], SETTINGS, state=found.state)
    assert "address" in hostel.state.blocked["kind"].to_pylist()
