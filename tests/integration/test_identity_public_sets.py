"""The call without configuration on sets it was never shown: FEBRL 1 to 4 and fake_1000, with their published truth."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.identity import public_sets
from models.identity import IdentitySettings, resolve
from models.identity.measure import bcubed, pairwise


def measured(records: pd.DataFrame, truth: pd.DataFrame, settings: IdentitySettings | None = None) -> dict[str, float]:
    clusters = pd.DataFrame(resolve(records, settings).clusters).rename(columns={"cluster_id": "customer_id"})
    assert set(clusters["record_key"]) == set(records["record_key"]), "every record is in one cluster"
    return pairwise(clusters, truth) | bcubed(clusters, truth)


# The bars of docs/identity-quality.md; plain Splink as its documentation sets it up reaches 0.9980, 0.9982 and 0.9972.
@pytest.mark.parametrize(("name", "least_f1"), [("febrl1", 0.998), ("febrl2", 0.998), ("febrl3", 0.995)])
def test_the_duplicates_of_febrl_are_found(name: str, least_f1: float) -> None:
    found = measured(*public_sets.febrl(name))
    assert found["f1"] >= least_f1, found
    assert found["bcubed_f1"] >= least_f1, found


def test_the_two_lists_of_febrl4_are_linked_one_to_one() -> None:
    records, truth = public_sets.febrl("febrl4")
    settings = IdentitySettings(unique_sources=("a", "b"))
    found = measured(records, truth, settings)
    assert found["f1"] >= 0.998, found
    both = pd.DataFrame(resolve(records, settings).clusters).merge(records[["record_key", "source"]], on="record_key")
    assert not both.duplicated(["cluster_id", "source"]).any(), "a list without duplicates is never merged with itself"


def test_a_small_table_with_many_errors_is_resolved() -> None:
    """Plain Splink reaches 0.9218 at its best threshold."""
    if not public_sets.fake_1000_file().exists():
        pytest.skip(f"fake_1000 is not there; {public_sets.SHARED_VARIABLE} may name the folder of the shared data")
    found = measured(*public_sets.fake_1000())
    assert found["f1"] >= 0.9218, found
    assert found["precision"] >= 0.97, found


def test_the_records_say_nothing_of_the_truth() -> None:
    """Neither a key nor the order gives it away: the set's own do."""
    for name in ("febrl3", "febrl4"):
        records, truth = public_sets.febrl(name)
        assert "rec_id" not in records
        assert records["record_key"].is_monotonic_increasing and records["record_key"].is_unique
        assert not records.astype(str).apply(lambda column: column.str.contains("rec-")).any().any()
        assert truth["record_key"].equals(records["record_key"])
        neighbours = (truth["person_id"] == truth["person_id"].shift()).mean()
        assert neighbours < 0.01
