"""A night's own ways to what a full run works out: the same weights as Splink's, the same records within reach."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import IdentitySettings
from models.identity.scoring import fit
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
    found = _among(np.array(values, np.uint32), np.array(sought, np.uint32))
    assert found.tolist() == [value in sought for value in values]
