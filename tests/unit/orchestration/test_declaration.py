"""A source's YAML is checked when it is loaded, and every mistake is one line that says where."""

from pathlib import Path

import pytest
import yaml

from orchestration.raw.declaration import SOURCES_DIR, DeclarationError, load_declaration, load_declarations
from orchestration.raw.errors import SourceError

GOOD = {
    "source": "shop",
    "description": "A shop.",
    "connector": "sql",
    "owner": "shop@example.com",
    "party_data_class": "first",
    "location": "${SHOP_URL}",
    "tables": {"orders": {"description": "Orders.", "columns": ["id", "changed"], "key": ["id"], "cursor": "changed"}},
}


def _table(**keys: object) -> dict[str, object]:
    """The change of a few keys of the one table."""
    return {"tables": {"orders": GOOD["tables"]["orders"] | keys}}


def _write(folder: Path, content: object) -> Path:
    path = folder / "shop.yml"
    path.write_text(yaml.safe_dump(content) if not isinstance(content, str) else content)
    return path


def test_every_shipped_declaration_loads():
    declared = load_declarations()
    assert [declaration.source for declaration in declared] == sorted(path.stem for path in SOURCES_DIR.glob("*.yml"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"connector": "ftp"}, "shop.yml: connector: "),
        ({"colour": "red"}, "shop.yml: colour: no such key"),
        ({"ownr": "x"}, "shop.yml: ownr: no such key (did you mean owner?)"),
        ({"tables": {}}, "shop.yml: tables: "),
        ({"source": "My Shop"}, "shop.yml: source: "),
        (
            {"tables": {"orders": {"description": "", "columns": ["id"], "key": ["id"]}}},
            "shop.yml: tables.orders.cursor: missing",
        ),
        (
            {"tables": {"orders": {"description": "", "columns": ["changed"], "key": ["id"], "cursor": "changed"}}},
            "shop.yml: tables.orders.key: id is not among its columns",
        ),
        (_table(cursor="when"), "shop.yml: tables.orders.cursor: when is not among its columns"),
        (_table(as_text=["x"]), "shop.yml: tables.orders.as_text: x is not among its columns"),
        (_table(columns=["id", "changed", "id"]), "shop.yml: tables.orders.columns: id is there twice"),
        (
            _table(columns=["id", "changed", "_loaded_at"]),
            "shop.yml: tables.orders.columns: _loaded_at is a name that the pipeline needs for itself",
        ),
        (
            _table(columns="id, changed"),
            "shop.yml: tables.orders.columns: a list is expected, such as [a, b]: write [id",
        ),
        (
            _table(columns=["id", "changed", True]),
            "shop.yml: tables.orders.columns.2: a text is expected; put it in quo",
        ),
        (_table(columns=[]), "shop.yml: tables.orders.columns: at least one is expected"),
        (_table(overlap=3), "shop.yml: tables.orders.overlap: a number with its unit is expected, such as 36 hours"),
        (_table(overlap="soon"), "shop.yml: tables.orders.overlap: a number with its unit is expected: minutes, hours"),
        (_table(overlp="1 day"), "shop.yml: tables.orders.overlp: no such key (did you mean overlap?)"),
        (_table(key=[], compare_keys="7 days"), "shop.yml: tables.orders.compare_keys: needs a key"),
        (
            _table(compare_keys="7 days", sensitive={"id": "passport"}),
            "shop.yml: tables.orders.sensitive: id is a key, and keys are compared",
        ),
        (
            _table(sensitive={"id": "pasport"}),
            "shop.yml: tables.orders.sensitive.id: one of national_id, passport, driving_licence, bank_account,"
            " card_number is expected (did you mean passport?)",
        ),
        (_table(freshness={"column": "changed"}), "shop.yml: tables.orders.freshness.within: missing"),
        ({"tables": {"a__b": GOOD["tables"]["orders"]}}, "shop.yml: tables.a__b: two _ in a row"),
        ({"tables": ["orders"]}, "shop.yml: tables: keys are expected below it"),
        ({"tables": {"orders": None}}, "shop.yml: tables.orders: keys are expected below it"),
        (
            {"party_data_class": "frist"},
            "shop.yml: party_data_class: one of zero, first, second, third is expected (did",
        ),
        ({"schedule": "on_arrival"}, "shop.yml: schedule: on_arrival is for files; nightly or five cron fields"),
        ({"location": {"SHOP_URL": None}}, "shop.yml: location: a text is expected: write ${SHOP_URL}"),
        (
            _table(sensitive=["id"]),
            "shop.yml: tables.orders.sensitive: keys are expected below it, a `name: value` each",
        ),
        ({"owner": "the shop"}, "shop.yml: owner: an e-mail address is expected, or team: and a team's name"),
        ({"schedule": "daily"}, "shop.yml: schedule: nightly, on_arrival or five cron fields are expected"),
        ({"owner": None}, "shop.yml: owner: a text is expected"),
        ({"location": "postgresql://me:word@host/db"}, "shop.yml: location: the password stands in the file: write"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(tmp_path, change, expected):
    with pytest.raises(DeclarationError) as caught:
        load_declaration(_write(tmp_path, GOOD | change))
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)


REST = {key: value for key, value in GOOD.items() if key != "tables"} | {
    "connector": "rest",
    "paging": {"type": "single"},
    "tables": {"orders": {"description": "", "columns": ["id"], "path": "/orders"}},
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"auth": {"type": "bearer", "token": "abc"}},
            "shop.yml: auth.token: a secret comes from the environment: write",
        ),
        ({"auth": {"type": "bearer"}}, "shop.yml: auth.token: missing"),
        (
            {"auth": {"type": "bearer", "tokn": "${T}", "token": "${T}"}},
            "shop.yml: auth.tokn: no such key (did you mean t",
        ),
        (
            {"auth": {"type": "beaer", "token": "${T}"}},
            "shop.yml: auth.type: one of bearer, api_key, oauth2_client_cred",
        ),
        ({"auth": {"token": "${T}"}}, "shop.yml: auth.type: missing"),
        ({"auth": "${T}"}, "shop.yml: auth"),
        ({"paging": {"type": "page_number", "first": "one"}}, "shop.yml: paging.first: a whole number is expected"),
        ({"rate_limit": {"requests": 0, "per": "1 minute"}}, "shop.yml: rate_limit.requests: "),
        (
            {"tables": {"orders": {"description": "", "columns": ["id"], "path": "/", "paging": {"type": "cursor"}}}},
            "shop.yml: tables.orders.paging.next: missing",
        ),
    ],
)
def test_keys_are_named_as_they_stand_in_the_file(tmp_path, change, expected):
    """What the schema puts in between, such as the kind of a login, is no key of the file."""
    with pytest.raises(DeclarationError) as caught:
        load_declaration(_write(tmp_path, REST | change))
    first = str(caught.value).splitlines()[0]
    assert first.startswith(expected)


def test_every_mistake_has_its_line(tmp_path):
    with pytest.raises(DeclarationError) as caught:
        load_declaration(_write(tmp_path, GOOD | {"owner": 3, "colour": "red", "schedule": "daily"}))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("export", ["sgment", ["segment"]])
def test_an_export_that_is_not_known_is_one_mistake(tmp_path, export):
    table = {"description": "", "path": "*.jsonl", "export": export}
    with pytest.raises(DeclarationError) as caught:
        load_declaration(_write(tmp_path, GOOD | {"connector": "files", "tables": {"events": table}}))
    assert str(caught.value).startswith("shop.yml: tables.events.export: one of segment, ga4, snowplow is expected")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: [", "shop.yml: line 1: not readable as YAML: "),
        ("- just\n- a list\n", "shop.yml: it holds a list; keys such as `source:`"),
        ("only words", "shop.yml: it holds one text; keys such as `source:`"),
        ("", "shop.yml: the file is empty"),
        ("# nothing yet\n", "shop.yml: the file is empty"),
        (
            "source: shop\nowner: a\nsource: other\n",
            "shop.yml: line 3: the key source is there twice",
        ),
        ("source: shop\ntables:\n\torders: {}\n", "shop.yml: line 3: a tab; indent with spaces"),
        ("description: The shop: all of it\n", "shop.yml: line 1: a second colon; put text that holds ': ' in quotes"),
        ("source: shop\n", "shop.yml: connector: missing; one of sql, files, rest, sheet is expected"),
        (b"source: shop\ndescription: caf\xe9\n", "shop.yml: line 2: not text in UTF-8; save the file as UTF-8"),
    ],
)
def test_a_file_that_is_no_declaration_says_which_line_is_wrong(tmp_path, content, expected):
    path = tmp_path / "shop.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DeclarationError) as caught:
        load_declaration(path)
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    path = tmp_path / "shop.yml"
    path.write_text(yaml.safe_dump(GOOD), encoding="utf-8-sig")
    assert load_declaration(path).source == "shop"


def test_two_files_for_one_source_and_files_that_would_not_be_read_are_named(tmp_path):
    _write(tmp_path, GOOD)
    (tmp_path / "shop2.yml").write_text(yaml.safe_dump(GOOD))
    (tmp_path / "other.yml").write_text(yaml.safe_dump(GOOD | {"source": "crm"}))
    (tmp_path / "late.yaml").write_text(yaml.safe_dump(GOOD))
    with pytest.raises(DeclarationError) as caught:
        load_declarations(tmp_path)
    assert str(caught.value).splitlines() == [
        "late.yaml: a declaration's file ends in .yml; rename it to late.yml",
        "other.yml: source: the file of crm is named crm.yml",
        "shop2.yml: source: shop is declared by shop.yml too",
    ]


def test_secrets_come_from_the_environment_only(tmp_path, monkeypatch):
    declaration = load_declaration(_write(tmp_path, GOOD))
    monkeypatch.delenv("SHOP_URL", raising=False)
    with pytest.raises(SourceError, match=r"^shop\.\*: environment variable SHOP_URL is not set\. Remedy: "):
        declaration.resolve(declaration.location)
    monkeypatch.setenv("SHOP_URL", "postgresql://there")
    assert declaration.resolve(declaration.location) == "postgresql://there"
