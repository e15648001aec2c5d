"""Explaining on a small lake, and decisions of people: the real asset, the real job, the real command."""

import json
import os
import subprocess
import sys

import dagster as dg
import duckdb
import pandas as pd
import pytest

from models.identity.overrides import COLUMNS
from orchestration.identity.assets import build_identity
from orchestration.identity.declaration import IdentityDeclaration
from orchestration.identity.explanation import build_explain
from orchestration.lake import Lake
from orchestration.paths import PROJECT_DIR, DataDir

DECLARED = IdentityDeclaration()
_FIRST = ["Robert", "Walter", "Diana", "Susan", "Helen", "Martin", "Laura", "Peter", "Nora", "Simon", "Grace", "Hugo"]
_LAST = [
    "Ashdown",
    "Barrowman",
    "Coldwell",
    "Dunmore",
    "Eastgate",
    "Farnley",
    "Garside",
    "Hollins",
    "Jarrow",
    "Penrose",
]
_FIELDS = ("email", "phone", "birth_date", "street", "city", "postcode", "country", "birth_date_raw", "gender")
_MORE = ("language", "loyalty_card", "device_id", "company", "created_at", "updated_at")


def _records() -> pd.DataFrame:
    """Sixty people in two systems; every fourth has nothing but the name in the second, and some share names."""
    rows = []
    for n in range(60):
        given, family = _FIRST[n % 12], _LAST[(n // 6) % 10]
        mail = f"{given}.{family}{n}@mail.example".lower()
        common = {"given_name": given, "family_name": family, "country": "US"}
        rows.append({"source_system": "crm", "source_key": f"C{n}", "email": mail, "city": "Millbrook"} | common)
        rows.append({"source_system": "web", "source_key": f"W{n}", "email": mail if n % 4 else None} | common)
    table = pd.DataFrame(rows, columns=["source_system", "source_key", "given_name", "family_name", *_FIELDS, *_MORE])
    table.insert(0, "record_key", [f"r{at:03d}" for at in range(len(table))])
    return table.assign(full_name=None, has_source_key=True, record_kind="contact").astype("str").replace("None", None)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> DataDir:
    data = DataDir(tmp_path_factory.mktemp("night"))
    records = _records()
    with duckdb.connect(str(data.warehouse)) as connection:
        connection.register("records", records)
        connection.execute(
            """
            create schema staged; create schema validated;
            create table staged.run_date as select date '2017-12-31' as as_of;
            create table validated.customer_records as select * from records;
            """
        )
    return data


def _night(data: DataDir) -> dg.ExecuteInProcessResult:
    return dg.materialize([build_identity(DECLARED)], resources={"lake": Lake(data_dir=str(data.root))})


def _metadata(result: dg.ExecuteInProcessResult, name: str) -> dict:
    return result.asset_materializations_for_node("identity")[_at(result, name)].metadata


def _at(result: dg.ExecuteInProcessResult, name: str) -> int:
    found = result.asset_materializations_for_node("identity")
    return next(at for at, one in enumerate(found) if one.asset_key.path[-1] == name)


@pytest.fixture(scope="module")
def first(data) -> dg.ExecuteInProcessResult:
    return _night(data)


def _run(module: str, data: DataDir, *arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PIPELINE_DATA_DIR": str(data.root), "PYTHONPATH": str(PROJECT_DIR)}
    command = [sys.executable, "-m", f"orchestration.identity.{module}", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _config(*sides: tuple[str, str]) -> dict:
    (system_a, key_a), (system_b, key_b) = sides
    values = {"source_system_a": system_a, "source_key_a": key_a, "source_system_b": system_b, "source_key_b": key_b}
    return {"ops": {"explain_pair": {"config": values}}}


def _explain(data: DataDir, *sides: tuple[str, str], ok: bool = True) -> dg.ExecuteInProcessResult:
    result = build_explain(DECLARED).execute_in_process(
        run_config=_config(*sides), resources={"lake": Lake(data_dir=str(data.root))}, raise_on_error=False
    )
    assert result.success == ok
    return result


def test_the_job_explains_two_records_with_table_and_picture_and_no_value(data, first) -> None:
    result = _explain(data, ("crm", "C1"), ("web", "W1"))
    (event,) = [event for event in result.all_events if event.event_type_value == "ASSET_OBSERVATION"]
    told = event.event_specific_data.asset_observation.metadata
    assert told["verdict"].value.startswith("One customer, because of crm:C1 - web:W1")
    assert "same e-mail" in told["evidence"].value
    assert "data:image/png;base64,iVBOR" in told["picture"].value
    everything = json.dumps({name: str(value.value) for name, value in told.items()})
    assert "mail.example" not in everything
    assert "ashdown" not in everything.lower()


def test_the_job_says_in_one_line_what_it_cannot_find(data, first) -> None:
    for sides, said in (
        ((("crm", "C1"), ("shop", "1")), "there are crm, web"),
        ((("crm", "C1"), ("web", "W999")), "no validated record web:W999"),
        ((("crm", "C1"), ("crm", "C1")), "one and the same record"),
    ):
        result = _explain(data, *sides, ok=False)
        (failure,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
        assert said in failure.event_specific_data.user_failure_data.description


def test_the_command_writes_a_page_and_shows_values_only_when_asked(data, first) -> None:
    done = _run("explanation", data, "crm:C1", "web:W1")
    assert done.returncode == 0, done.stderr
    assert "One customer, because of crm:C1 - web:W1" in done.stdout
    assert "ashdown" not in done.stdout.lower()
    page = (data.root / "explanations" / "crm-C1--web-W1.html").read_text(encoding="utf-8")
    assert "vega" in page
    assert "mail.example" not in page
    asked = _run("explanation", data, "crm:C1", "web:W1", "--show-values")
    assert "mail.example" in asked.stdout
    assert _run("explanation", data, "crm:C1", "web:none").returncode == 1


def test_a_decision_is_obeyed_told_in_the_verdict_and_a_bad_row_stands_in_the_table_of_problems(data, first) -> None:
    file = data.root / "identity_overrides.csv"
    row = 'different,web,W1,crm,C1,a steward,2024-03-31,"two people, phoned"'
    file.write_text("\n".join([",".join(COLUMNS), row, "same,crm,C404,web,W1,a steward,2024-01-01,why", ""]))
    second = _night(data)
    told = _metadata(second, "override_problems")
    assert told["decisions_obeyed"].value == 1
    assert told["rows_not_obeyed"].value == 1
    assert "line 3: there is no record crm:C404" in told["in_short"].value
    problems = Lake(data_dir=str(data.root)).read_table("identity/override_problems.parquet").to_pydict()
    assert problems["line"] == [3]
    sides = (("crm", "C1"), ("web", "W1"))
    (event,) = [e for e in _explain(data, *sides).all_events if e.event_type_value == "ASSET_OBSERVATION"]
    verdict = event.event_specific_data.asset_observation.metadata["verdict"].value
    assert "different by review of a steward on 2024-03-31 (two people, phoned)" in verdict


def test_a_file_that_is_no_table_stops_the_night_with_one_line(data, first) -> None:
    file = data.root / "identity_overrides.csv"
    before = file.read_bytes() if file.exists() else None
    file.write_text("decision,who\nsame,me\n", encoding="utf-8")
    try:
        result = dg.materialize(
            [build_identity(DECLARED)], resources={"lake": Lake(data_dir=str(data.root))}, raise_on_error=False
        )
        (failure,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
        assert (
            "identity_overrides.csv: column source_system_a"
            in failure.event_specific_data.user_failure_data.description
        )
        assert _run("explanation", data, "crm:C1", "web:W1").returncode == 1
    finally:
        file.unlink() if before is None else file.write_bytes(before)
