"""A source column of another type than dbt declares: what can't be read is empty and named, never lost in silence."""

import duckdb

from orchestration.dbt import Dbt
from orchestration.paths import DataDir


def test_a_column_mistyped_from_the_first_load_on_is_visible_to_the_gate(tmp_path):
    data = DataDir(tmp_path)
    folder = data.raw / "crm" / "leads"
    folder.mkdir(parents=True)
    duckdb.sql(
        f"""
        copy (
            select * from (values
                ('1', '12.50', timestamptz '2017-01-01 10:00:00+00', 1700000000),
                ('2', 'a lot', timestamptz '2017-01-01 10:00:00+00', null),
                ('3', null, null, null)
            ) as leads (lead_id, expected_value, updated_at, created_at)
        ) to '{folder}/1.parquet'
        """
    )
    Dbt(data_dir=str(data.root)).invoke("run", "--select", "stg_crm__leads")
    with duckdb.connect(str(data.warehouse), read_only=True) as warehouse:
        columns = "lead_id, _unreadable, cast(expected_value as varchar)"
        rows = warehouse.sql(f"select {columns} from raw.crm__leads order by lead_id").fetchall()
    assert rows == [
        ("1", "created_at is not a timestamp", "12.50"),
        ("2", "expected_value is not a decimal(12, 2)", None),
        ("3", None, None),
    ]
