"""Records of one person find each other; records of a household do not."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from conftest import QUICK, make_people, record, records_table

from models.identity import pairwise, resolve
from models.identity.scoring import conflicting

pytestmark = pytest.mark.slow


def cluster_of(clusters: pd.DataFrame, key: str) -> str:
    wanted = record(key)["record_key"]
    return clusters.loc[clusters.record_key == wanted, "cluster_id"].item()


def test_people_are_found_with_high_precision_and_recall(people, resolution) -> None:
    records, truth = people
    found = pairwise(resolution.clusters.rename(columns={"cluster_id": "customer_id"}), truth)
    assert found["records"] == len(records)
    assert found["precision"] >= 0.97
    assert found["recall"] >= 0.90


def test_a_shared_email_and_phone_never_merge_a_couple(people, resolution) -> None:
    _, truth = people
    both = resolution.clusters.merge(truth, on="record_key")
    people_per_cluster = both.groupby("cluster_id").agg(people=("person_id", "nunique"), homes=("household", "nunique"))
    assert (people_per_cluster.query("homes == 1").people > 1).mean() < 0.01


def test_the_order_of_rows_changes_no_byte(people, resolution) -> None:
    """With Splink trained (many records) and untrained (few)."""
    few, _ = make_people(4, seed=9)
    for records, first in ((people[0], resolution), (few, resolve(few, QUICK))):
        mixed = records.sample(frac=1, random_state=4).reset_index(drop=True)
        second = resolve(mixed, QUICK)
        pd.testing.assert_frame_equal(first.clusters, second.clusters, check_exact=True)
        pd.testing.assert_frame_equal(first.links, second.links, check_exact=True)


def test_clusters_are_what_the_links_connect(people, resolution) -> None:
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(people[0].record_key)
    graph.add_edges_from(zip(resolution.links.record_key_l, resolution.links.record_key_r, strict=True))
    wanted = {frozenset(group) for group in networkx.connected_components(graph)}
    found = {frozenset(group) for group in resolution.clusters.groupby("cluster_id").record_key.agg(list)}
    assert found == wanted


def test_no_cluster_holds_a_contradiction(resolution) -> None:
    """Asked about all pairs within customers again, from the clusters alone."""
    clusters = resolution.clusters[["record_key", "cluster_id"]]
    both = clusters.merge(clusters, on="cluster_id", suffixes=("_l", "_r"))
    inside = both.loc[both.record_key_l < both.record_key_r, ["record_key_l", "record_key_r"]]
    assert len(inside) > 100
    state = resolution.state
    asked = pa.Table.from_pandas(inside, preserve_index=False)
    assert not conflicting(asked, state.effective, state.model).num_rows


def test_every_record_has_one_row_a_probability_and_a_rule(people, resolution) -> None:
    clusters = resolution.clusters
    assert sorted(clusters.record_key) == sorted(people[0].record_key)
    assert clusters.match_probability.between(0, 1).all()
    assert (clusters.match_rule == "single record").equals(clusters.cluster_size == 1)
    assert (clusters.groupby("cluster_id").record_key.transform("size") == clusters.cluster_size).all()


def test_a_nameless_record_does_not_bridge_a_couple() -> None:
    """Husband and wife share an e-mail with a record that has no given name."""
    shared = {"email": "the.marburys@mail.example", "phone": "6145550101", "street": "1 Mill Lane", "postcode": "43011"}
    rows = [
        record("he", full_name="Walter Marbury", birth_date="1960-02-03", **shared),
        record("she", full_name="Diana Marbury", birth_date="1962-05-06", **shared),
        record("they", full_name="Marbury", **shared),
    ]
    clusters = resolve(records_table(rows)).clusters
    assert cluster_of(clusters, "he") != cluster_of(clusters, "she")


def test_twins_stay_two_people_and_so_do_father_and_son() -> None:
    home = {"street": "9 Elm Street", "postcode": "43022", "phone": "6145550102", "loyalty_card": "2900001"}
    rows = [
        record("twin1", full_name="Robert Penrose", birth_date="1980-07-09", **home),
        record("twin2", full_name="Edward Penrose", birth_date="1980-07-09", **home),
        record("father", full_name="Thomas Penrose", birth_date="1950-01-31", **home),
        record("son", full_name="Thomas Penrose", birth_date="1982-11-24", **home),
    ]
    assert resolve(records_table(rows)).clusters.cluster_id.nunique() == 4


def test_a_wedding_and_a_move_do_not_lose_a_person() -> None:
    rows = [
        record(
            "before",
            full_name="Rebecca Varley",
            email="becky.v@mail.example",
            birth_date="1985-03-02",
            phone="6145550177",
        ),
        record(
            "after",
            full_name="Rebecca Westerby",
            email="becky.v@mail.example",
            birth_date="1985-03-02",
            street="5 Oak Road",
        ),
    ]
    assert resolve(records_table(rows)).clusters.cluster_id.nunique() == 1


def test_a_switchboard_number_names_nobody() -> None:
    """Sixty people of one company call from one number, and have nothing else in common."""
    rows = [record(f"c{k}", full_name=f"{g} {f}", phone="6145550100") for k, (g, f) in enumerate(_sixty_names())]
    assert resolve(records_table(rows)).clusters.cluster_id.nunique() == 60


def _sixty_names() -> list[tuple[str, str]]:
    given = ["Arvid", "Bogdan", "Cosima", "Dragana", "Eberhard", "Folke", "Gudrun", "Hedwig", "Ingrid", "Jorunn"]
    family = ["Quist", "Rostock", "Sandvik", "Tiedemann", "Uhlig", "Vogt"]
    return [(g, f) for f in family for g in given]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_records(count: int) -> None:
    rows = [record(f"r{k}", full_name="Susan Yarrow", email="s.yarrow@mail.example") for k in range(count)]
    found = resolve(records_table(rows)).clusters
    assert len(found) == count
    assert found.cluster_id.nunique() == min(count, 1)


def test_records_without_anything_stay_alone() -> None:
    assert resolve(records_table([record(f"r{k}") for k in range(5)])).clusters.cluster_id.nunique() == 5


def test_pairwise_counts_pairs() -> None:
    current = pd.DataFrame({"record_key": list("abcde"), "customer_id": [1, 1, 1, 2, 2]})
    truth = pd.DataFrame({"record_key": list("abcdef"), "person_id": ["x", "x", "y", "y", "y", "y"]})
    found = pairwise(current, truth)
    assert (found["found_pairs"], found["true_pairs"], found["right_pairs"]) == (4, 4, 2)
    assert (found["precision"], found["recall"]) == (0.5, 0.5)
    assert (found["true_people"], found["found_customers"]) == (2, 2)
