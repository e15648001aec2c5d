"""`python -m orchestration.new_source.reference`: writes the tables at the end of docs/add-a-source.md anew."""

from __future__ import annotations

from orchestration.new_source.contract import load_contracts
from orchestration.paths import PROJECT_DIR

PAGE = PROJECT_DIR / "docs/add-a-source.md"
MARK = "<!-- The tables below are written by `python -m orchestration.new_source.reference`. -->\n"


def contract_tables() -> str:
    """Every entity's contract as a table of Markdown."""
    sections = []
    for entity, columns in load_contracts().items():
        rows = "\n".join(f"| `{column.name}` | {column.type} | {column.description} |" for column in columns)
        sections.append(f"### {entity}\n\n| column | type | what |\n|---|---|---|\n{rows}\n")
    return "\n" + "\n".join(sections)


def page_as_it_should_be() -> str:
    """The page with the tables of today's contracts."""
    return PAGE.read_text(encoding="utf-8").split(MARK)[0] + MARK + contract_tables()


if __name__ == "__main__":
    PAGE.write_text(page_as_it_should_be(), encoding="utf-8")
