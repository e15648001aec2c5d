"""The example of docs/demand.md runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_notebook_example_runs(capsys) -> None:
    page = Path(__file__).parents[3] / "docs" / "demand.md"
    [code] = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    space: dict[str, object] = {}
    exec(compile(code, "docs/demand.md", "exec"), space)
    assert len(space["result"].forecast) == 20 * 8
    assert "shop 0" in capsys.readouterr().out
