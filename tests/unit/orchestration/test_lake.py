"""What Python steps keep in the lake is checked when it is read: a damaged history must never become tonight's."""

import dagster as dg
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
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


def _keep(lake: Lake, *customers: str) -> int:
    frame = pd.DataFrame({"record_key": list(customers), "customer_id": list(customers)})
    return lake.keep_once("scores/2017-01-01.parquet", frame, _COLUMNS)


def _said(lake: Lake, relative: str) -> list[str]:
    return lake.read(relative, _COLUMNS)["customer_id"].tolist()


def test_what_was_said_is_kept_for_ever_and_the_newest_is_served(lake):
    relative = "scores/2017-01-01.parquet"
    assert [_keep(lake, "a"), _keep(lake, "a"), _keep(lake, "b"), _keep(lake, "b"), _keep(lake, "a")] == [1, 1, 2, 2, 3]
    assert (_said(lake, lake.first_kept(relative)), _said(lake, relative)) == (["a"], ["a"])
    assert _said(lake, "scores/earlier/2017-01-01.r2.parquet") == ["b"]
    assert lake.revisions(relative) == 3
    assert [path.name for path in (lake.data.lake / "scores").glob("*.parquet")] == ["2017-01-01.parquet"]


def test_the_same_answer_again_does_not_touch_the_file(lake):
    _keep(lake, "a")
    path = lake.data.lake / "scores" / "2017-01-01.parquet"
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
    _keep(lake, "a")
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert sorted(entry.name for entry in path.parent.iterdir()) == [path.name]


def test_a_run_killed_between_the_two_steps_of_a_revision_loses_nothing_and_counts_once(lake, monkeypatch):
    _keep(lake, "a")
    kept = lake._set_aside

    def killed(path) -> None:
        kept(path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Lake, "_set_aside", lambda self, path: killed(path))
        _keep(lake, "b")
    assert _keep(lake, "b") == 2
    assert _said(lake, lake.first_kept("scores/2017-01-01.parquet")) == ["a"]
    assert _said(lake, "scores/2017-01-01.parquet") == ["b"]


def test_the_order_of_a_dictionary_is_no_new_revision(tmp_path):
    lake = Lake(data_dir=str(tmp_path))
    words = pa.schema([("said", pa.dictionary(pa.int32(), pa.string()))])
    for order in (["b", "a", "unused"], ["a", "b"]):
        indices = pa.array([order.index(word) for word in "abba"], pa.int32())
        column = pa.DictionaryArray.from_arrays(indices, pa.array(order))
        assert lake.keep_once("one.parquet", pa.table({"said": column}, schema=words), words) == 1
    assert lake.read("one.parquet", words)["said"].tolist() == list("abba")


def test_many_rows_are_written_group_by_group_and_come_back_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setattr("orchestration.lake._ROWS_PER_GROUP", 4)
    lake = Lake(data_dir=str(tmp_path))
    words = pa.schema([("said", pa.dictionary(pa.int32(), pa.string())), ("number", pa.int64())])
    said = [f"word {number % 7}" for number in range(10)]
    for order in (sorted(set(said)), sorted(set(said), reverse=True)):
        indices = pa.array([order.index(word) for word in said], pa.int32())
        table = pa.table([pa.DictionaryArray.from_arrays(indices, pa.array(order)), range(10)], schema=words)
        assert lake.keep_once("one.parquet", table, words) == 1, "the same bytes from another order of the dictionary"
        batches = pa.RecordBatchReader.from_batches(words, table.to_batches(max_chunksize=3))
        assert lake.keep_once("one.parquet", batches, words) == 1, "and from a reader of batches"
    with pq.ParquetFile(tmp_path / "lake" / "one.parquet") as file:
        assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [4, 4, 2]
    back = lake.read("one.parquet", words)
    assert (back["said"].tolist(), back["number"].tolist()) == (said, list(range(10)))


@pytest.mark.parametrize(("given", "limit"), [(None, "1.8 GiB"), ("512MB", "488.2 MiB")])
def test_duckdb_leaves_memory_to_the_models(tmp_path, monkeypatch, given, limit):
    monkeypatch.delenv("WAREHOUSE_MEMORY_LIMIT", raising=False)
    if given:
        monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", given)
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    with Lake(data_dir=str(tmp_path)).warehouse() as warehouse:
        assert warehouse.sql("select current_setting('memory_limit')").fetchone() == (limit,)
