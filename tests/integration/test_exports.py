"""Standard event exports, from the file to web events: Segment, Google Analytics 4 and Snowplow."""

import gzip
import json
import shutil
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.dbt import Dbt
from orchestration.new_source.generate import new_source
from orchestration.paths import DBT_PROJECT_DIR, DataDir
from orchestration.raw.declaration import load_declaration
from orchestration.raw.declaration.exports import EXPORTS
from orchestration.raw.load import pull

SEGMENT = [
    {"type": "page", "messageId": "s1", "anonymousId": "device-1", "timestamp": "2024-03-01T10:00:00.000Z",
     "properties": {"path": "/tea", "referrer": "https://search.example/"}, "context": {"device": {"type": "Mobile"}}},
    {"type": "track", "event": "Product Added", "messageId": "s2", "anonymousId": "device-1", "userId": "u-7",
     "timestamp": "2024-03-01T10:20:00.000Z", "properties": {"product_id": "P1"},
     "context": {"page": {"path": "/cart"}}},
    {"type": "track", "event": "Order Completed", "messageId": "s3", "anonymousId": "device-1", "userId": "u-7",
     "timestamp": "2024-03-01T11:00:01.000Z", "properties": {}},
    {"type": "identify", "messageId": "s4", "anonymousId": "device-1", "userId": "u-7",
     "timestamp": "2024-03-01T10:21:00.000Z", "traits": {"name": "王芳", "email": "fang@example.org"}},
    {"type": "track", "event": "茶 tasted", "messageId": "s5", "userId": "u-8", "timestamp": "not a time"},
    {"type": "page", "messageId": "s1", "anonymousId": "device-1", "timestamp": "2024-03-01T10:00:00.000Z",
     "properties": {"path": "/tea"}, "receivedAt": "2024-03-01T10:00:02.000Z"},
]  # fmt: skip


def _parameter(key: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "value": value}


GA4 = [
    {"event_date": "20240301", "event_timestamp": "1709287200000000", "event_name": "page_view",
     "event_params": [_parameter("ga_session_id", int_value="170"), _parameter("page_location", string_value="/a")],
     "user_pseudo_id": "12.34", "device": {"category": "desktop"}},
    {"event_date": "20240301", "event_timestamp": 1709287260500000, "event_name": "add_to_cart",
     "event_params": [_parameter("ga_session_id", int_value=170)], "user_pseudo_id": "12.34", "user_id": "c-1",
     "items": [{"item_id": "SKU-9"}]},
    {"event_date": "20240301", "event_timestamp": None, "event_name": "purchase", "event_params": [],
     "user_pseudo_id": "12.34"},
]  # fmt: skip


def _snowplow(**fields: str) -> str:
    return "\t".join(fields.get(column, "") for column in EXPORTS["snowplow"]["columns"])


SNOWPLOW = [
    _snowplow(event="page_view", event_name="page_view", event_id="w1", domain_userid="d-1", domain_sessionid="v-1",
              page_urlpath="/home", derived_tstamp="2024-03-01 10:00:00.123", dvce_type="Computer",
              contexts='{"schema":"iglu:x","data":[{"a":"quote \\" in it"}]}'),
    _snowplow(event="struct", event_name="event", se_category="ecomm", se_action="add_to_basket", se_label="SKU-3",
              event_id="w2", user_id="m-5", network_userid="n-1", collector_tstamp="2024-03-01 10:01:00"),
    "cut off in the mid",
]  # fmt: skip

TABLES = {
    "segment": {"path": "*.jsonl.gz", "export": "segment"},
    "ga4": {"path": "events_*.jsonl", "export": "ga4"},
    "snowplow": {"path": "*.tsv.gz", "export": "snowplow"},
}


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The three exports pulled, mapped and built as web events; nothing else feeds the entities."""
    root = tmp_path_factory.mktemp("exports")
    drop, data, project = root / "drop", DataDir(root / "data"), root / "dbt_project"
    drop.mkdir()
    with gzip.open(drop / "calls.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(call, ensure_ascii=False) + "\n" for call in SEGMENT)
    lines = "".join(json.dumps(event) + "\n" for event in GA4)
    (drop / "events_20240301.jsonl").write_text(lines)
    with gzip.open(drop / "enriched.tsv.gz", "wt", encoding="utf-8") as stream:
        stream.write("\n".join(SNOWPLOW) + "\n")
    shutil.copytree(DBT_PROJECT_DIR, project)
    settings = yaml.safe_load((project / "dbt_project.yml").read_text())
    settings["vars"]["feeds"] = {entity: [] for entity in settings["vars"]["feeds"]}
    (project / "dbt_project.yml").write_text(yaml.safe_dump(settings, sort_keys=False))
    sources = root / "sources"
    sources.mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("orchestration.dbt.DBT_PROJECT_DIR", project)
        for export, table in TABLES.items():
            declared = {
                "source": export, "description": "", "connector": "files", "owner": "web@example.com",
                "party_data_class": "first", "location": str(drop), "tables": {"events": {"description": "", **table}},
            }  # fmt: skip
            (sources / f"{export}.yml").write_text(yaml.safe_dump(declared))
            new_source(export, sources, project)
            pull(load_declaration(sources / f"{export}.yml"), data)
        dbt = Dbt(data_dir=str(data.root), as_of="2024-03-01")
        dbt.invoke("build", "--select", "+staged_web_events", "--exclude", "resource_type:unit_test")
    with duckdb.connect(str(data.warehouse), read_only=True) as connection:
        yield connection


def _events(staged: duckdb.DuckDBPyConnection, system: str) -> list[dict[str, Any]]:
    relation = staged.execute("select * from staged.web_events where source_system = ? order by source_key", [system])
    names = [column[0] for column in relation.description]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


def test_segment_calls_are_web_events(staged):
    page, cart, order, odd = _events(staged, "segment")
    assert (page["event_id"], page["event_type"], page["page"]) == ("segment:s1", "page_view", "/tea")
    assert (cart["event_type"], cart["product_id"], cart["page"]) == ("add_to_cart", "segment:P1", "/cart")
    assert str(cart["occurred_at"]) == "2024-03-01 10:20:00"
    assert page["session_id"] == cart["session_id"] == "segment:device-1-1709287200"
    assert order["event_type"] == "purchase_confirmed"
    assert order["session_id"] == "segment:device-1-1709290801", "more than half an hour later: a visit of its own"
    assert (odd["event_type"], odd["occurred_at"], odd["occurred_at_raw"]) == ("_tasted", None, "not a time")


def test_whom_segment_identifies_is_a_customer_record(staged):
    [(name, email, device)] = staged.sql(
        "select full_name, email, device_id from staged.customer_records where source_system = 'segment'"
    ).fetchall()
    assert (name, email, device) == ("王芳", "fang@example.org", "device-1")
    linked = [event["source_key"] for event in _events(staged, "segment") if event["customer_record_key"]]
    assert linked == ["s2", "s3"]


def test_ga4_events_are_web_events(staged):
    events = {event["event_type"]: event for event in _events(staged, "ga4")}
    assert set(events) == {"page_view", "add_to_cart", "purchase_confirmed"}
    assert events["page_view"]["session_id"] == events["add_to_cart"]["session_id"] == "ga4:12.34.170"
    assert str(events["add_to_cart"]["occurred_at"]) == "2024-03-01 10:01:00.500000"
    assert events["add_to_cart"]["product_id"] == "ga4:SKU-9"
    assert (events["page_view"]["page"], events["page_view"]["device_type"]) == ("/a", "desktop")
    assert events["purchase_confirmed"]["has_source_key"] is False


def test_snowplow_events_are_web_events(staged):
    cut, page, struct = sorted(_events(staged, "snowplow"), key=lambda event: event["event_id"] or "")
    assert (page["event_type"], page["page"], page["device_type"]) == ("page_view", "/home", "computer")
    assert str(page["occurred_at"]) == "2024-03-01 10:00:00.123000"
    assert (struct["event_type"], struct["product_id"], struct["device_id"]) == ("add_to_cart", "snowplow:SKU-3", "n-1")
    assert cut["unreadable_line"] == "cut off in the mid"
