"""A night's own ways to what a full run works out: the same weights as Splink's, the same records within reach."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import IdentitySettings
from models.identity.scoring import fit, meetings, score, score_again
from models.identity.scoring.linker import on_records
from models.identity.scoring.prepare import load, prepared
from models.identity.scoring.reach import _among
from models.identity.scoring.weights import prediction_sql, rated
from models.identity.standardise import standardise

FIRST = ["Anna", "Bruno", "Clara", "Dieter", "Emilia", "Fabian", "Greta", "Hannes"]
LAST = ["Albrecht", "Baumann", "Castell", "Dornfeld", "Ebersbach", "Falkner", "Gruber"]


@pytest.mark.slow
@pytest.mark.parametrize("least", [None, 0.01])
def test_the_weights_are_those_of_splink_to_the_last_bit(least: float | None) -> None:
    """Every pair of 60 records, so that levels of all kinds and values of all frequencies come up."""
    draws = np.random.default_rng(5)
    rows = {"record_key": [f"k{n:03d}" for n in range(400)]}
    for name, values in (("first_name", FIRST), ("last_name", LAST), ("city", ["Bonn", "Ulm", "Kiel"])):
        rows[name] = draws.choice(values, 400).tolist()
    rows["birth_date"] = [
        f"19{draws.integers(60, 63)}-0{draws.integers(1, 4)}-1{draws.integers(3)}" for _ in range(400)
    ]
    rows["email"] = [f"{rows['first_name'][n].lower()}{draws.integers(40)}@example.org" for n in range(400)]
    features, _ = standardise(pa.table(rows))
    model = fit(features, IdentitySettings(threads=1))
    assert any(level.frequency for c in model.comparisons for level in c.levels)
    with duckdb.connect(":memory:") as connection:
        load(connection, features.slice(0, 60), model)
        connection.execute(
            "create table candidates as select l.row_id as row_id_l, r.row_id as row_id_r"
            " from records as l inner join records as r on l.row_id < r.row_id"
        )
        connection.register("rated", rated(prepared(features.slice(0, 60), model.common_words), model))
        linker = on_records(connection, model)
        pairs = connection.sql(
            "select '0' as match_key, row_id_l as join_key_l, row_id_r as join_key_r from candidates"
        )
        linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register(pairs.to_arrow_table()))
        theirs = linker.inference.predict(threshold_match_probability=least, warning_mode="never").physical_name
        columns = "row_id_l, row_id_r, match_weight, match_probability"
        ours = connection.sql(f"{prediction_sql(model, 'candidates', least)} order by 1, 2").fetchall()
        assert ours == connection.sql(f"select {columns} from {theirs} order by 1, 2").fetchall()
        assert len(ours) == 60 * 59 // 2 if least is None else 0 < len(ours) < 60 * 59 // 2


_NUMBERS = st.lists(st.integers(1, 2**32 - 1) | st.sampled_from([1, 2**20 + 1, 2**21 + 1]), max_size=20)


@given(_NUMBERS, _NUMBERS)
@settings(max_examples=30, deadline=None)
def test_numbers_among_others(values: list[int], sought: list[int]) -> None:
    found = _among(np.array(values, np.uint32), np.sort(np.array(sought, np.uint32)))
    assert found.tolist() == [at for at, value in enumerate(values) if value in sought]


@st.composite
def nights(draw) -> tuple[dict[str, list[int]], list[int], list[int]]:
    """(keys of tonight's records by rule, 0 for none; records that are new or changed; records that are gone)."""
    count = draw(st.integers(0, 12))
    column = st.lists(st.sampled_from([0, 1, 2, 2**20 + 1, 2**32 - 1]), min_size=count, max_size=count)
    some = st.lists(st.booleans(), min_size=count, max_size=count)
    return {"b0": draw(column), "b1": draw(column)}, draw(some), draw(some)


@given(nights(), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_who_meets_whom(night, gone: int) -> None:
    """All pairs with a changed record that share a key of one rule, each once, and no other."""
    keys, changed, new = night
    tonight = range(len(changed))
    rows = np.array([at for at in tonight if changed[at] or new[at]], np.int64)
    then = [at for at in tonight if not new[at]]
    # Last night's records: those still there, where changed with other keys, and some that are gone.
    former = {
        name: pa.array([one[at] if not changed[at] else 1 for at in then] + [2] * gone, pa.uint32())
        for name, one in keys.items()
    }
    to = np.array([-1 if changed[at] else at for at in then] + [-1] * gone, np.int64)
    own = pa.table({name: pa.array([one[at] for at in rows], pa.uint32()) for name, one in keys.items()})
    found = zip(*(side.tolist() for side in meetings(pa.table(former), to, own, rows)), strict=True)
    assert list(found) == [
        (a, b)
        for a in tonight
        for b in tonight
        if a < b and {a, b} & set(rows.tolist()) and any(one[a] == one[b] != 0 for one in keys.values())
    ]


def test_pairs_of_two_keys_with_one_half_are_left_out() -> None:
    """The stored halves bring up a pair by chance that shares no block: a full run would never look at it."""
    rows = {
        "record_key": [f"k{n:02d}" for n in range(60)],
        "first_name": [FIRST[n // 2 % 8] for n in range(60)],
        "last_name": [LAST[n // 2 % 7] for n in range(60)],
        "email": [f"mail{n // 2}@example.org" for n in range(60)],
    }
    features, _ = standardise(pa.table(rows))
    all_kept = IdentitySettings(keep_probability=1e-9, threads=1)
    model = replace(fit(features, all_kept), blocking=("email",))
    left, right = np.triu_indices(60, 1)
    found, *ends = score_again(features, model, all_kept, left, right)
    assert [side.tolist() for side in ends] == [list(range(0, 60, 2)), list(range(1, 60, 2))]
    assert found.equals(score(features, model, all_kept))
