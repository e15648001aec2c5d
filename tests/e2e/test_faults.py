"""When something is broken: one clear line, the rest still lands, and yesterday's tables stand."""

import re
import shutil
from pathlib import Path

import pytest

from orchestration.paths import DataDir
from tests.e2e.conftest import Company, Night, digest, run_night


@pytest.fixture(scope="module")
def broken(company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataDir, Night]:
    """One night in which four sources are broken, each in its own way."""
    data = _copy(company, tmp_path_factory.mktemp("broken"))
    drop = tmp_path_factory.mktemp("drop") / "drop"
    shutil.copytree(company.systems.environment["DROP_DIR"], drop)
    for path in (drop / "social" / "mentions").glob("*"):
        path.unlink()
    newest = sorted((drop / "loyalty" / "members").glob("*.csv"))[-1]
    newest.write_text(newest.read_text(encoding="utf-8").replace("email", "mail", 1), encoding="utf-8")
    newest.with_name("members_2017-12-21.csv").write_text(newest.read_text(encoding="utf-8"), encoding="utf-8")
    (drop / "survey" / "responses" / "responses_2017-12-21.csv").write_text(
        "response_id,card_number,email,survey,question,score,comment,answered_at\n"
        "late-1,,,nps,How likely?,9,fine,2017-12-19T10:00:00Z\n"
    )
    values = dict(company.systems.environment) | {"DROP_DIR": str(drop)}
    values["CRM_DATABASE_URL"] = re.sub(r"//([^:]+):[^@]+@", r"//\1:wrong-password@", values["CRM_DATABASE_URL"])
    company.systems.helpdesk.fail_with(500)
    try:
        return data, run_night(data, values)
    finally:
        company.systems.helpdesk.fail_with(None)


def _copy(company: Company, folder: Path) -> DataDir:
    data = DataDir(folder)
    shutil.copytree(company.data.lake, data.lake)
    shutil.copy(company.data.warehouse, data.warehouse)
    shutil.copy(company.data.serving, data.serving)
    return data


def _line(night: Night, step: str) -> str:
    [line] = [line for line in night.failures if line.startswith(f"{step}: ")]
    assert "\n" not in line
    return line.removeprefix(f"{step}: ")


def test_a_wrong_password_is_one_clear_line(broken):
    line = _line(broken[1], "raw_crm")
    assert line.startswith("crm.*: ")
    assert "refuses the user crm_reader or its password" in line
    assert "Remedy: check the user and password" in line
    assert "wrong-password" not in line


def test_a_missing_file_is_one_clear_line(broken):
    line = _line(broken[1], "raw_social")
    assert line.startswith("social.mentions: no file matches mentions/mentions_*.jsonl in social/. Remedy: ")


def test_an_api_that_answers_500_is_one_clear_line(broken):
    line = _line(broken[1], "raw_helpdesk")
    assert re.match(r"helpdesk\.(users|tickets): /api/\w+ answers HTTP 500\. Remedy: ", line)


def test_a_missing_column_is_one_clear_line(broken):
    line = _line(broken[1], "raw_loyalty")
    assert line.startswith("loyalty.members: column email is missing in members_2017-1")
    assert "Remedy: ask loyalty-programme@example.com" in line


def test_the_other_sources_still_land(broken):
    night = broken[1]
    assert {table.split("/")[0] for table in night.pulled} == {
        "bureau",
        "callcentre",
        "erp",
        "marketing",
        "survey",
        "web",
    }
    assert night.pulled["survey/responses"] == 1
    assert len(night.failures) == 4


def test_a_broken_source_leaves_the_published_tables_standing(company, broken):
    data, night = broken
    assert not night.is_success
    assert digest(data.serving) == digest(company.data.serving)


def test_a_gate_failure_stops_the_run_and_leaves_the_published_tables_standing(company, tmp_path):
    """A delivery that is mostly unreadable must not become tonight's truth."""
    data = _copy(company, tmp_path / "data")
    drop = tmp_path / "drop"
    shutil.copytree(company.systems.environment["DROP_DIR"], drop)
    with (drop / "survey" / "responses" / "responses_2017-12-21.csv").open("w", encoding="utf-8") as stream:
        stream.write("response_id,card_number,email,survey,question,score,comment,answered_at\n")
        stream.writelines(f"r{number};;;nps;How likely?;9;fine;2017-12-19\n" for number in range(5_000))
    night = run_night(data, dict(company.systems.environment) | {"DROP_DIR": str(drop)})
    assert not night.is_success
    assert night.pulled["survey/responses"] == 5_000
    [line] = [line for line in night.failures if line.startswith("staged/survey_responses, check gate_")]
    assert "gate_mostly_readable" in line
    assert digest(data.serving) == digest(company.data.serving)


def test_a_run_for_an_earlier_day_is_refused_before_anything_is_written(company, tmp_path):
    data = _copy(company, tmp_path / "data")
    history = (data.lake / "identity" / "history.parquet").read_bytes()
    night = run_night(data, dict(company.systems.environment), as_of="2017-12-01")
    assert not night.is_success
    line = _line(night, "quarantine__rows")
    assert line.startswith("tonight's run speaks for 2017-12-01, but an earlier one spoke for 2017-12-19. Remedy: ")
    assert (data.lake / "identity" / "history.parquet").read_bytes() == history
    assert digest(data.serving) == digest(company.data.serving)
