"""Every night's publication is kept as it was, and put back to the byte."""

import shutil

import duckdb

from orchestration.identity.published import read_published
from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.manifest import measured, read_manifest
from orchestration.serving.put_back import Reason, roll_back
from tests.e2e.conftest import digest


def test_a_roll_back_gives_the_tables_of_the_night_before_to_the_byte(company, tmp_path):
    data = DataDir(tmp_path)
    shutil.copy(company.data.serving, data.serving)
    shutil.copytree(company.data.publications, data.publications)
    shutil.copytree(company.data.lake / "identity", data.lake / "identity")
    lake, kept = Lake(data_dir=str(tmp_path)), Kept.of(data)
    last = kept.current()
    assert [one.number for one in kept.all()] == [last.number - 2, last.number - 1, last.number]
    ids = read_published(lake).current.num_rows
    for night in (company.second, company.first):
        _, now = roll_back(lake, kept, None, Reason("Ann", "a test"))
        assert digest(data.serving) == night.marts
        assert read_published(lake).as_of == now.as_of
    assert read_published(lake).current.num_rows <= ids
    roll_back(lake, kept, str(last.number), Reason("Ann", "a test"))
    assert digest(data.serving) == company.again.marts


def test_the_manifest_says_what_is_in_the_file(company):
    manifest = read_manifest(company.data.root / "serving.manifest.json")
    assert company.data.serving.samefile(Kept.of(company.data).path(manifest) / FILE)
    with duckdb.connect(str(company.data.serving), read_only=True) as connection:
        for name, table in manifest.tables.items():
            assert measured(connection, f"marts.{name}", [column for column, _ in table.columns]) == (
                table.rows,
                table.checksum,
            )
        run_id = connection.sql("select max_by(run_id, started_at) from marts.pipeline_runs").fetchone()[0]
    assert manifest.run_id == run_id
    keyless = {name for name, table in manifest.tables.items() if not table.key}
    assert len(keyless) < len(manifest.tables) / 2
    assert manifest.tables["order_lines"].key == ("order_line_id",)
    assert manifest.tables["orders"].indexed == ("customer_id", "order_date", "store_id")
