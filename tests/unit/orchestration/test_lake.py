"""What Python steps keep in the lake is checked when it is read: a damaged history must never become tonight's."""

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest

from orchestration.lake import Lake

_COLUMNS = pa.schema([("record_key", pa.string()), ("customer_id", pa.string())])


@pytest.fixture
def lake(tmp_path) -> Lake:
    lake = Lake(data_dir=str(tmp_path))
    keys = [f"record {number}" for number in range(3_000)]
    lake.write("identity/history.parquet", pd.DataFrame({"record_key": keys, "customer_id": keys}), _COLUMNS)
    return lake


def _damaged(lake: Lake, how: str) -> None:
    path = lake.data.lake / "identity" / "history.parquet"
    content = bytearray(path.read_bytes())
    if how == "flipped":
        content[len(content) // 3] ^= 4
    path.write_bytes(content if how == "flipped" else content[:-9] if how == "truncated" else b"")


def test_a_sound_file_comes_back_as_it_was_written(lake):
    lake.verify("identity")
    assert len(lake.read("identity/history.parquet", _COLUMNS)) == 3_000


@pytest.mark.parametrize("how", ["flipped", "truncated", "emptied"])
def test_a_damaged_file_is_one_line_with_a_remedy_wherever_it_is_met(lake, how):
    _damaged(lake, how)
    for look in (lambda: lake.verify("identity"), lambda: lake.read("identity/history.parquet", _COLUMNS)):
        with pytest.raises(dg.Failure) as caught:
            look()
        assert caught.value.description.startswith("lake/identity/history.parquet is damaged. Remedy: bring it back")
        assert "\n" not in caught.value.description
