"""serving.yml is read strictly, and keys come from the tests that the marts' contract declares."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.serving.declaration import ServingError, load_serving, postgres_address
from orchestration.serving.kept import Kept
from orchestration.serving.keys import keys_of_marts
from orchestration.serving.manifest import Keys


@pytest.fixture(autouse=True)
def by_default(monkeypatch) -> None:
    for name in ("SERVING_POSTGRES_DSN", "SERVING_DUCKDB"):
        monkeypatch.delenv(name, raising=False)


def test_the_file_of_the_project_says_the_defaults(tmp_path) -> None:
    declared, empty = load_serving(), load_serving(_file(tmp_path, ""))
    assert declared == empty
    assert (declared.keep, declared.postgres.keep, declared.postgres.patience) == (7, 1, timedelta(minutes=10))
    assert (declared.postgres.schema_name, declared.postgres.reader_role) == ("marts", "marts_reader")


def _file(folder, text):
    (folder / "serving.yml").write_text(text)
    return folder / "serving.yml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kepp: 3", "serving.yml: kepp: no such key (did you mean keep?)"),
        ("keep: 0", "serving.yml: keep: it should be greater than or equal to 1"),
        ("postgres: {schema: public}", "serving.yml: postgres.schema: a name of small letters"),
        ("postgres: {schema: pg_marts}", "serving.yml: postgres.schema: a name of small letters"),
        ("postgres: {reader_role: 'a\"b'}", "serving.yml: postgres.reader_role: a name of small letters"),
        ("- keep", "serving.yml: keys such as `keep:` are expected at the top"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, text, said) -> None:
    with pytest.raises(ServingError) as caught:
        load_serving(_file(tmp_path, text))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_the_environment_switches_targets(monkeypatch) -> None:
    assert postgres_address() is None
    monkeypatch.setenv("SERVING_DUCKDB", "no")
    with pytest.raises(ServingError, match="SERVING_DUCKDB=no: on or off is expected"):
        load_serving()
    monkeypatch.setenv("SERVING_DUCKDB", "Off")
    with pytest.raises(ServingError, match="nothing would be published"):
        load_serving()
    monkeypatch.setenv("SERVING_POSTGRES_DSN", " postgresql://x ")
    load_serving()
    assert postgres_address() == "postgresql://x"


def _test(mart: str, name: str, column: str | None = None, severity: str = "error", where=None, **kwargs) -> dict:
    return {
        "resource_type": "test",
        "attached_node": mart,
        "column_name": column,
        "test_metadata": {"name": name, "kwargs": kwargs},
        "config": {"severity": severity, "where": where},
    }


def test_keys_are_what_the_contract_guards() -> None:
    nodes = {
        "m.orders": {"resource_type": "model", "fqn": ["p", "marts", "orders"], "alias": "orders"},
        "m.lines": {"resource_type": "model", "fqn": ["p", "marts", "lines"], "alias": "lines"},
        "m.staged": {"resource_type": "model", "fqn": ["p", "staged", "orders"], "alias": "orders"},
        "t.1": _test("m.orders", "is_key", "order_id"),
        "t.2": _test("m.orders", "relationships", "customer_id", to="ref('bare')", field="id"),
        "t.3": _test("m.orders", "relationships", "store_id", severity="warn", to="ref('bare')", field="id"),
        "t.8": _test("m.orders", "relationships", "day", where="is_known", to="ref('bare')", field="day"),
        "t.9": _test("m.orders", "relationships", "other", to="ref('staged')", field="id"),
        "t.4": _test("m.lines", "is_compound_key", columns=["order_id", "line"]),
        "t.5": _test("m.lines", "is_key", "line_id", severity="warn"),
        "t.6": _test("m.staged", "is_key", "staged_id"),
        "t.7": _test("m.orders", "not_null", "ordered_at"),
    }
    assert keys_of_marts({"nodes": nodes}, ["orders", "lines", "bare"]) == {
        "orders": Keys(("order_id",), ("customer_id", "day", "other", "store_id"), (("customer_id", "bare", "id"),)),
        "lines": Keys(("order_id", "line")),
        "bare": Keys(),
    }


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=8))
def test_the_published_one_is_never_a_withdrawn_one(steps) -> None:
    class Told(Kept):
        def rollbacks(self):
            return [{"from": source, "to": target} for source, target in steps]

    gone = Told(None, None).withdrawn()
    assert not steps or steps[-1][1] not in gone
    assert gone <= set(range(1, 7))
