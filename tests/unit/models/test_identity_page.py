"""The example of docs/identity.md runs as it stands and finds what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_notebook_example_finds_the_two_records_of_one_person(capsys) -> None:
    page = (Path(__file__).parents[3] / "docs" / "identity.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.S).group(1)
    names: dict[str, object] = {}
    exec(compile(code, "docs/identity.md", "exec"), names)
    clusters = names["found"].clusters.set_index("record_key").cluster_id
    assert clusters["a1"] == clusters["a2"] != clusters["b1"]
    assert names["tomorrow"].reasons == ("model kept", "0 of 3 records scored again")
    assert "cluster_id" in capsys.readouterr().out
