"""A labelled sample that somebody made by hand: what it can't say is not counted as right."""

import dagster as dg
import duckdb
import pandas as pd
import pytest

from orchestration.contracts import ASSIGNMENTS
from orchestration.grading.assets import grades
from orchestration.grading.quality import identity_quality
from orchestration.grading.truth import NONE_LABELLED, labelled
from orchestration.lake import Lake


@pytest.fixture
def lake(tmp_path, monkeypatch) -> Lake:
    lake = Lake(data_dir=str(tmp_path))
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute(
            """
            create schema staged; create schema validated;
            create table staged.run_date as select date '2017-12-31' as as_of;
            create table validated.customer_records as
                select key as record_key, 'crm' as source_system, number as source_key, null::varchar as email
                from (values ('a', '1'), ('b', '2'), ('c', '3')) as rows(key, number);
            """
        )
    frame = pd.DataFrame({"record_key": ["a", "b", "c"], "customer_id": "A", "match_probability": 1.0})
    lake.write("identity/assignments.parquet", frame.assign(match_rule="email", cluster_size=3), ASSIGNMENTS)
    monkeypatch.setenv("TRUTH_DIR", str(tmp_path))
    return lake


def _write(lake: Lake, rows: list[tuple], columns=("source_system", "source_key", "person_id")) -> None:
    pd.DataFrame(rows, columns=list(columns)).to_parquet(lake.data.root / "records.parquet")


def _labelled(lake: Lake) -> dict[str, str]:
    with lake.warehouse() as warehouse:
        truth = labelled(warehouse, lake, lake.data.root / "records.parquet").truth
    return dict(zip(truth.record_key, truth.person_id, strict=True))


def test_records_without_a_person_are_not_one_person_and_double_labels_count_once(lake) -> None:
    _write(lake, [("crm", "1", "P"), ("crm", "1", "P"), ("crm", "2", None), ("crm", "3", "Q"), ("crm", "3", "R")])
    assert _labelled(lake) == {"a": "P"}


def test_keys_that_a_spreadsheet_made_numbers_are_found(lake) -> None:
    _write(lake, [("crm", 1, "P"), ("crm", 3, "Q")])
    assert _labelled(lake) == {"a": "P", "c": "Q"}


@pytest.mark.parametrize("asset", [grades, identity_quality])
def test_a_truth_of_other_records_is_no_perfect_grade(lake, asset) -> None:
    _write(lake, [("crm", "4", "P"), ("erp", "1", "P")])
    result = dg.materialize([asset], resources={"lake": lake})
    [event] = result.asset_materializations_for_node("__".join(asset.key.path))
    assert event.metadata["identity"].value == NONE_LABELLED
    assert not (lake.data.lake / "grading").exists()


def test_a_truth_that_can_t_be_used_is_one_line(lake) -> None:
    _write(lake, [("crm", "1")], columns=("source_system", "source_key"))
    with pytest.raises(dg.Failure, match="records.parquet lacks person_id. Remedy: "):
        _labelled(lake)
    (lake.data.root / "records.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(dg.Failure, match="records.parquet can't be read as Parquet. Remedy: "):
        _labelled(lake)
