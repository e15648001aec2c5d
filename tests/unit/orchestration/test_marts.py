"""Every mart says what it is: its key, where its columns lead, and what each column means, with its unit."""

import re
from functools import cache
from typing import Any

import pytest
import yaml

from orchestration.paths import DBT_PROJECT_DIR

MARTS = DBT_PROJECT_DIR / "models/marts"
# Columns named like the key of a dimension, and the dimension they must lead to.
DIMENSIONS = {
    "customer_id": "customers",
    "product_id": "products",
    "store_id": "stores",
    "order_id": "orders",
    "campaign_id": "campaign_performance",
    "household_id": "households",
    "behaviour_segment_id": "segment_personas",
    "action": "next_best_action_rules",
    "period_start": "dates",
    "order_date": "dates",
    "session_date": "dates",
    "opened_date": "dates",
    "call_date": "dates",
    "response_date": "dates",
    "touch_date": "dates",
}
# Ids of other nights: they lead to customer_id_redirects.current_customer_id, not to a customer of tonight.
ELSEWHERE = {("customer_id_redirects", "customer_id")}
# What a number is counted in: money, time, a share, a scale from one number to another, a place, or things by name.
_UNITS = [
    *(
        "US dollars?",
        "seconds",
        "days?",
        "months?",
        "years?",
        "share",
        "multiple",
        r"-?\d to \d+",
        r"1 (is|the|for|\()",
    ),
    *("number", "units?", "times", "place", "index", "points", "the lower the more", "higher is better"),
    *("customers?", "people", "records?", "rows", "orders?", "lines?", "visits?", "contacts?", "tickets", "calls"),
    *("pairs", "answers"),
]
UNIT = re.compile(rf"\b({'|'.join(_UNITS)})(?!\w)|(?<!\w)-1 to 1", re.IGNORECASE)


@cache
def marts() -> dict[str, dict[str, Any]]:
    """What the contracts say, by mart."""
    found = {}
    for path in sorted(MARTS.glob("_marts__*.yml")):
        for model in yaml.safe_load(path.read_text("utf-8")).get("models", []):
            found[model["name"]] = model
    return found


def _tests(said: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The tests of a kind that a model or a column declares, each with its arguments and config."""
    found = []
    for test in said.get("data_tests", []):
        if test == kind:
            found.append({})
        elif isinstance(test, dict) and kind in test:
            found.append(test[kind])
    return found


def test_there_is_a_contract_for_every_mart_and_a_mart_for_every_contract():
    assert set(marts()) == {path.stem for path in MARTS.glob("*.sql")}


@pytest.mark.parametrize("mart", sorted(marts()))
def test_a_mart_has_a_key(mart):
    said = marts()[mart]
    tests = _tests(said, "is_compound_key") + [one for column in said["columns"] for one in _tests(column, "is_key")]
    strict = [one for one in tests if (one.get("config") or {}).get("severity", "error") == "error"]
    assert strict, f"{mart}: declare is_key on a column, or is_compound_key"
    columns = {column["name"] for column in said["columns"]}
    for one in _tests(said, "is_compound_key"):
        assert set(one["arguments"]["columns"]) <= columns


@pytest.mark.parametrize("mart", sorted(marts()))
def test_a_mart_and_its_columns_are_described_with_their_units(mart):
    said = marts()[mart]
    assert len(said.get("description", "")) > 20, mart
    for column in said["columns"]:
        where = f"{mart}.{column['name']}"
        text = str(column.get("description", "")).strip()
        assert len(text) > 3 and text[-1] in ".…", f"{where}: describe it in a sentence"
        if column["data_type"] in ("bigint", "double") or column["data_type"].startswith("decimal"):
            assert UNIT.search(text), f"{where}: in which unit? {text}"
        if column["name"].endswith("_usd"):
            assert "US dollar" in text, f"{where}: in which currency? {text}"


@pytest.mark.parametrize("mart", sorted(marts()))
def test_what_is_named_like_a_dimensions_key_leads_there(mart):
    for column in marts()[mart]["columns"]:
        to = DIMENSIONS.get(column["name"])
        own_key = bool(_tests(column, "is_key"))
        if to is None or mart == to or (mart, column["name"]) in ELSEWHERE:
            continue
        led = {one["arguments"]["to"] for one in _tests(column, "relationships")}
        assert led, f"{mart}.{column['name']} leads nowhere: declare relationships to {to}"
        assert own_key or f"ref('{to}')" in led, f"{mart}.{column['name']} leads to {led}, not to {to}"


def test_a_relationship_leads_to_a_key():
    for mart, said in marts().items():
        for column in said["columns"]:
            for one in _tests(column, "relationships"):
                other = re.fullmatch(r"ref\('(\w+)'\)", one["arguments"]["to"])[1]
                named = {named["name"]: named for named in marts()[other]["columns"]}
                assert _tests(named[one["arguments"]["field"]], "is_key"), f"{mart}.{column['name']} → {other}"
