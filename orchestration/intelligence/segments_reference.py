"""Writes the list of columns into docs/segments.md: `python -m orchestration.intelligence.segments_reference`."""

from __future__ import annotations

from models.segments import PROFILE
from models.segments.conditions import FUNCTIONS
from orchestration.paths import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "segments.md"
_START, _END = "<!-- columns -->", "<!-- end of columns -->"


def reference() -> str:
    """The columns and functions that a condition may use, as Markdown."""
    rows = ["| column | type | what it says |", "|---|---|---|"]
    for name, column in PROFILE.items():
        values = f": {', '.join(column.values)}" if column.values else ""
        rows.append(f"| `{name}` | {column.type} | {column.meaning}{values} |")
    functions = ", ".join(f"`{name}`" for name in sorted(FUNCTIONS) if name.isidentifier())
    return "\n".join([*rows, "", f"Functions: {functions}; comparisons, `in`, `between`, `like`, `case`, arithmetic."])


def written(text: str) -> str:
    """The page with its list of columns brought up to date."""
    before, _, rest = text.partition(_START)
    after = rest.partition(_END)[2] if _END in rest else rest
    return f"{before}{_START}\n{reference()}\n{_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"written: {PAGE.relative_to(PROJECT_DIR)}")
