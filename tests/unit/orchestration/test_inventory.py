"""The raw lake's inventory: what changed, vanished or was cut off in it is noticed, and told in one line."""

import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.paths import DataDir
from orchestration.raw.errors import SourceError
from orchestration.raw.inventory import Inventory


@pytest.fixture
def data(tmp_path) -> DataDir:
    folder = tmp_path / "lake" / "raw" / "shop" / "orders"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"order_id": [str(number) for number in range(5_000)]}), folder / "1700000000.5.a.parquet")
    data = DataDir(tmp_path)
    Inventory("shop", data).record()
    return data


def _file(data: DataDir):
    return data.raw / "shop" / "orders" / "1700000000.5.a.parquet"


def test_what_did_not_change_is_no_trouble(data):
    Inventory("shop", data).verify()
    (data.raw / "shop" / "_dlt_loads").mkdir()  # the loader's own notes come and go
    (data.raw / "shop" / "_dlt_loads" / "shop__1.jsonl").write_text("{}")
    inventory = Inventory("shop", data)
    inventory.verify()
    inventory.record()


@pytest.mark.parametrize("at", [0.001, 0.2, 0.5, 0.8, 0.999])
def test_one_flipped_bit_is_noticed_wherever_it_is(data, at):
    content = bytearray(_file(data).read_bytes())
    content[int(len(content) * at)] ^= 1
    _file(data).write_bytes(content)
    with pytest.raises(SourceError, match=r"^shop\.orders: lake/raw/shop/orders/\S+ is damaged\. Remedy: "):
        Inventory("shop", data).verify()


def test_a_file_that_is_gone_is_noticed(data):
    _file(data).unlink()
    with pytest.raises(SourceError, match=r"^shop\.orders: lake/raw/shop/orders/\S+ is gone\. Remedy: "):
        Inventory("shop", data).verify()


def test_what_a_cut_off_load_left_is_removed_but_never_what_a_load_completed(data):
    cut = _file(data).with_name("1700000009.5.b.parquet")
    cut.write_bytes(b"PAR1 and no more")
    Inventory("shop", data).verify()
    assert not cut.exists()
    cut.write_bytes(b"PAR1 and no more")
    (data.raw / "shop" / "_dlt_loads").mkdir()
    (data.raw / "shop" / "_dlt_loads" / "shop__1700000009.5.jsonl").write_text("{}")
    inventory = Inventory("shop", data)
    inventory.verify()
    with pytest.raises(SourceError, match=r"can't be read\. Remedy: "):
        inventory.record()
    assert cut.exists()


def test_a_clock_that_went_back_is_refused_and_a_small_step_is_waited_for(data):
    newest = _file(data).with_name(f"{time.time() + 7_300:.6f}.c.parquet")
    newest.write_bytes(_file(data).read_bytes())
    Inventory("shop", data).record()
    with pytest.raises(SourceError, match=r"^shop\.\*: this machine's clock stands 2 hours before the last load\. "):
        Inventory("shop", data).verify()
    newest.unlink()
    (data.lake / "inventory" / "shop.json").unlink()
    soon = time.time() + 0.3
    newest.with_name(f"{soon:.6f}.d.parquet").write_bytes(_file(data).read_bytes())
    Inventory("shop", data).record()
    Inventory("shop", data).verify()
    assert time.time() >= soon


def test_a_damaged_inventory_is_one_line(data):
    (data.lake / "inventory" / "shop.json").write_bytes(b"\xff{")
    with pytest.raises(SourceError, match=r"^shop\.\*: lake/inventory/shop\.json is damaged\. Remedy: "):
        Inventory("shop", data)
