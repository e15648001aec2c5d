"""A night that starts from the last one's state ends where a night from scratch does, frame for frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.identity import State, resolve
from models.identity.night import from_scratch
from models.identity.standardise.tables import as_arrow
from models.identity.step import customers_of
from tests.unit.models.conftest import QUICK, make_people, record

# Shared by more people than this a contact point names nobody: the nights below move values over and back.
SETTINGS = replace(QUICK, least_people_blocked=3, blocked_tail=0.3, refit_growth=9.0, unique_sources=("erp",))
CROWDED = "614 555 0199"
FRAMES = ["clusters", "links", "refused", "households"]


def assert_same(one, two) -> None:
    """Every frame and the whole state, to the byte."""
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    for name in ("features", "hashes", "blocked", "pairs"):
        assert getattr(one.state, name).equals(getattr(two.state, name)), name
    assert one.alarms == two.alarms
    assert one.state.fingerprint == two.state.fingerprint


def next_evening(records: pd.DataFrame, draws: np.random.Generator, spare: pd.DataFrame) -> pd.DataFrame:
    """Some records changed, some gone, some new, one contact point shared by more or fewer people than before."""
    out = records.copy()
    some = draws.choice(len(out), 6, replace=False)
    column = out.columns.get_indexer(["email", "phone", "full_name", "street", "birth_date", "updated_at"])
    for row in some:
        at, other = draws.choice(column), draws.integers(len(out))
        out.iat[row, at] = out.iat[other, at]
    if (out.phone == CROWDED).any():
        out.loc[out.phone == CROWDED, "phone"] = None
    else:
        out.iloc[draws.choice(len(out), 12, replace=False), out.columns.get_loc("phone")] = CROWDED
    out = out.drop(index=out.index[draws.choice(len(out), 3, replace=False)])
    back = spare[~spare.record_key.isin(out.record_key)]
    out = pd.concat([out, back.iloc[draws.choice(len(back), min(4, len(back)), replace=False)]])
    return out.sample(frac=1, random_state=int(draws.integers(1000))).reset_index(drop=True)


def decisions(records: pd.DataFrame, draws: np.random.Generator) -> pd.DataFrame:
    """Four decisions of people, another lot each night: some added, some withdrawn."""
    keys = records.record_key.to_numpy()
    rows = [
        (word, *draws.choice(keys, 2, replace=False), f"2017-01-0{n + 1}")
        for n, word in enumerate(["same", "different"] * 2)
    ]
    return pd.DataFrame(rows, columns=["decision", "record_key_l", "record_key_r", "decided_on"])


@pytest.fixture(scope="module")
def first() -> tuple[pd.DataFrame, pd.DataFrame, State]:
    """(records of the first night, records that may come later, state of the first night)."""
    everybody, _ = make_people(24, seed=5)
    tonight = everybody.sample(frac=0.9, random_state=1)
    return tonight, everybody, resolve(tonight, SETTINGS).state


@pytest.mark.parametrize("seed", range(20))
def test_night_by_night_equals_from_scratch(first, seed: int) -> None:
    records, everybody, state = first
    draws = np.random.default_rng(seed)
    for night in range(2):
        records = next_evening(records, draws, everybody)
        overrides = decisions(records, draws) if draws.random() < 0.7 else None
        found = resolve(records, SETTINGS, overrides=overrides, state=state)
        assert found.reasons[0] == "model kept"
        assert 0 < int(found.reasons[1].split()[0]) < len(records)
        shuffled = records.sample(frac=1, random_state=seed)
        whole = from_scratch(as_arrow(shuffled), SETTINGS, None, like=state)
        assert_same(found, customers_of(whole, SETTINGS, overrides))
        assert ("+16145550199" in found.state.blocked["value"].to_pylist()) is (night == 0)
        state = State.from_tables(found.state.to_tables())  # as it comes back from the lake


def test_a_state_that_is_not_whole_is_ignored(first) -> None:
    records, _, state = first
    half = replace(state, pairs=state.pairs.slice(1))
    mixed = State.from_tables(state.to_tables() | {"hashes": state.hashes.slice(0, 5)})
    for broken in (half, mixed, replace(state, fingerprint="")):
        found = resolve(records, SETTINGS, state=broken)
        assert "not whole" in found.reasons[0]
        assert found.state.fingerprint == state.fingerprint


@pytest.mark.parametrize(
    ("settings", "word"),
    [(replace(SETTINGS, keep_probability=0.1), "settings"), (replace(SETTINGS, refit_growth=0.01), "settings")],
)
def test_other_settings_fit_the_model_again(first, settings, word: str) -> None:
    records, _, state = first
    assert word in resolve(records, settings, state=state).reasons[0]


def test_growth_fits_the_model_again_and_clustering_settings_do_not() -> None:
    records, _ = make_people(6, seed=2)
    grows = replace(SETTINGS, refit_growth=0.1)
    state = resolve(records.head(len(records) // 2), grows).state
    assert "fitted on" in resolve(records, grows, state=state).reasons[0]
    stricter = replace(grows, link_probability=0.9, most_records_per_customer=5, unique_sources=())
    kept = resolve(records.head(len(records) // 2), stricter, state=state)
    assert kept.reasons == ("model kept", f"0 of {len(records) // 2} records scored again")


def test_a_key_of_another_name_and_columns_that_nobody_reads() -> None:
    records, _ = make_people(6, seed=2)
    named = records.rename(columns={"record_key": "id"})
    one, two = resolve(records, SETTINGS), resolve(named, SETTINGS)
    pd.testing.assert_frame_equal(one.clusters, two.clusters, check_exact=True)
    touched = named.assign(updated_at="2030-01-01")
    assert resolve(touched, SETTINGS, state=two.state).reasons[1].startswith("0 of")


def test_columns_that_nobody_reads_come_and_go() -> None:
    """The model is fitted again for a new column that tells people apart, and for no other."""
    records, _ = make_people(6, seed=2)
    state = resolve(records, SETTINGS).state
    wider = records.assign(shirt_size="XL", note="loves blue")
    found = resolve(wider, SETTINGS, state=state)
    assert found.reasons == ("model kept", f"0 of {len(records)} records scored again")
    assert_same(found, customers_of(from_scratch(as_arrow(wider), SETTINGS, None, like=state), SETTINGS))
    state = State.from_tables(found.state.to_tables())
    assert resolve(records, SETTINGS, state=state).reasons[0] == "model kept"
    assert "columns" in resolve(wider.assign(tax_id="7"), SETTINGS, state=state).reasons[0]
    assert "columns" in resolve(wider.drop(columns="phone"), SETTINGS, state=state).reasons[0]
    assert "kinds" in resolve(wider, SETTINGS, state=state, kinds={"company": "note"}).reasons[0]


def test_nobody_and_somebody() -> None:
    nobody = make_people(1, seed=1)[0].head(0)
    state = resolve(nobody, SETTINGS).state
    somebody = pd.DataFrame([record("one", full_name="Susan Yarrow", email="s@mail.example")])
    found = resolve(somebody, replace(SETTINGS), state=state)
    assert found.clusters.cluster_size.tolist() == [1]
    assert found.households.household.tolist() == found.clusters.cluster_id.tolist()


@pytest.mark.parametrize("keys", [lambda n: np.arange(n) * 1.0, lambda n: pd.date_range("2000-01-01", periods=n)])
def test_keys_that_are_no_texts_meet_their_records_again(keys) -> None:
    records, _ = make_people(6, seed=2)
    records["record_key"] = keys(len(records))
    state = resolve(records, SETTINGS).state
    changed = records.assign(email=["new@mail.example", *records.email[1:]])
    found = resolve(changed, SETTINGS, state=state)
    assert found.reasons == ("model kept", f"1 of {len(records)} records scored again")
    assert_same(found, customers_of(from_scratch(as_arrow(changed), SETTINGS, None, like=state), SETTINGS))


def test_values_that_too_many_records_bear_are_an_alarm() -> None:
    records, _ = make_people(6, seed=2)
    mass = records.iloc[[0] * 40].assign(record_key=[f"z{n}" for n in range(40)])
    alarms = resolve(pd.concat([records, mass]), replace(SETTINGS, largest_block=20)).alarms
    assert any(line.startswith("1 value(s) of email are borne by more than 20 records") for line in alarms)
