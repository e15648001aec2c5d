"""docs/sources.md says what the schema says."""

from orchestration.raw.declaration.load import CONNECTORS
from orchestration.raw.declaration.reference import PATH, reference


def test_the_page_is_the_schema():
    assert PATH.read_text(encoding="utf-8") == reference(), "run `make docs`"


def test_every_key_is_there_with_its_meaning():
    page = reference()
    for kind in CONNECTORS.values():
        for name in kind.model_fields:
            if name not in ("connector", "tables"):
                assert f"| `{name}` |" in page, name
    for key in ("compare_keys", "overlap", "cursor_parameter", "client_secret", "spreadsheet_id", "as_text"):
        assert f"| `{key}` |" in page
