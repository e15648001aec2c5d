"""segments.yml: the file as it stands can be used, and a mistake in one is a line that says what to write."""

from pathlib import Path

import pytest

from models.segments import PROFILE
from orchestration.intelligence.segments_declaration import SegmentsError, load_segments
from orchestration.intelligence.segments_reference import PAGE, written

GOOD = "segments:\n  - {name: a, description: x, priority: 1, condition: orders > 1}\n"


def _said(tmp_path: Path, text: str) -> str:
    path = tmp_path / "segments.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SegmentsError) as caught:
        load_segments(path)
    return str(caught.value)


def test_the_projects_own_segments_can_be_used():
    segments = load_segments()
    assert len({one.priority for one in segments}) == len(segments) >= 5
    assert all(one.description for one in segments)


def test_an_empty_file_declares_nothing(tmp_path):
    (tmp_path / "segments.yml").write_text("", encoding="utf-8")
    assert load_segments(tmp_path / "segments.yml") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("orders > 1", "ordrs > 1"), "segments.yml: a: condition: no column ordrs, did you mean orders?"),
        (GOOD.replace("priority", "prioritie"), "no such key (did you mean priority?)"),
        (GOOD.replace("priority: 1", "priority: high"), "a whole number is expected"),
        (
            GOOD + "  - {name: a, description: x, priority: 2, condition: orders > 2}\n",
            "segments.yml: a: declared twice",
        ),
        ("- a", "the key `segments:` is expected at the top"),
        ("segments: [", "segments.yml: line"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, text, said):
    assert said in _said(tmp_path, text)


def test_the_page_lists_every_column_a_condition_may_use():
    page = PAGE.read_text(encoding="utf-8")
    assert written(page) == page, "make docs writes it anew"
    assert all(f"| `{name}` |" in page for name in PROFILE)
