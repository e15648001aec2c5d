"""The command around the demo company: what it hands on to the pipeline it runs, and when `make ui` needs it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demo_company.__main__ import _run
from orchestration.paths import PROJECT_DIR

_KEY_IS = "import os, sys; sys.exit(os.environ['PIPELINE_TOKEN_KEY'] != '{}')"


@pytest.mark.parametrize(("own", "expected"), [("mine", "mine"), ("", "drawn"), (None, "drawn")])
def test_a_token_key_of_ones_own_stays(monkeypatch, own, expected):
    """A shop beside the demo company must get the same tokens as without it."""
    if own is None:
        monkeypatch.delenv("PIPELINE_TOKEN_KEY", raising=False)
    else:
        monkeypatch.setenv("PIPELINE_TOKEN_KEY", own)
    assert _run([sys.executable, "-c", _KEY_IS.format(expected)], {"PIPELINE_TOKEN_KEY": "drawn"}) == 0


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("${DROP_DIR}", "-m demo_company serve -- .venv/bin/python -m orchestration.ui --port 3001"),
        ("${SHOP_DATABASE_URL}", "-m orchestration.ui --port 3001"),
    ],
)
def test_the_ui_starts_the_demo_company_only_while_it_is_a_source(tmp_path: Path, location, expected):
    """It would set the demo's clock for a shop's own nights, and put a company nobody asked for beside its data."""
    shutil.copy(PROJECT_DIR / "Makefile", tmp_path)
    sources, binaries = tmp_path / "orchestration/raw/sources", tmp_path / ".venv/bin"
    for folder in (sources, binaries):
        folder.mkdir(parents=True)
    (sources / "shop.yml").write_text(f"location: {location}\n")
    (tmp_path / "requirements.lock").touch()
    (binaries.parent / ".installed").touch()
    python = binaries / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    typed = ["make", "-s", "ui", "ARGS=--port 3001"]
    assert subprocess.run(typed, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip() == expected
