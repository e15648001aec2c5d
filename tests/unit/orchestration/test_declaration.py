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
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(tmp_path, change, expected):
    with pytest.raises(DeclarationError) as caught:
        load_declaration(_write(tmp_path, GOOD | change))
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["a: [", "- just\n- a list\n", ""])
def test_a_file_that_is_no_mapping_is_refused_by_name(tmp_path, content):
    with pytest.raises(DeclarationError, match=r"^shop\.yml: "):
        load_declaration(_write(tmp_path, content))


def test_secrets_come_from_the_environment_only(tmp_path, monkeypatch):
    declaration = load_declaration(_write(tmp_path, GOOD))
    monkeypatch.delenv("SHOP_URL", raising=False)
    with pytest.raises(SourceError, match=r"^shop\.\*: environment variable SHOP_URL is not set\. Remedy: "):
        declaration.resolve(declaration.location)
    monkeypatch.setenv("SHOP_URL", "postgresql://there")
    assert declaration.resolve(declaration.location) == "postgresql://there"
