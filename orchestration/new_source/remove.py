"""`make remove-source NAME=…`: take a source out again, such as those of the demo company."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from orchestration.new_source import feeds

_ENTRY = re.compile(r"(?m)^(?=  - name: )")


def remove_source(name: str, sources: Path, project: Path) -> list[str]:
    """Delete a source's YAML, its staging models, their lines in the lists and the dbt unit tests that need them.

    What it brought stays in the lake.

    Returns:
        What was done, a line each; empty when there is no such source.
    """
    said = []
    if (sources / f"{name}.yml").exists():
        (sources / f"{name}.yml").unlink()
        said.append(f"{name}.yml deleted")
    folder = project / "models/staged" / name
    if folder.exists():
        shutil.rmtree(folder)
        said.append(f"models/staged/{name}/ deleted")
    gone = feeds.remove(project, lambda model: model.startswith(f"stg_{name}__"))
    if gone:
        said.append(f"dbt_project.yml: {', '.join(gone)} feed nothing any more")
    for path in sorted((project / "models").rglob("*unit_tests.yml")):
        dropped = _drop_unit_tests(path, name)
        if dropped:
            said.append(f"{path.name}: {dropped} unit tests of {name} deleted")
    return said


def _drop_unit_tests(path: Path, name: str) -> int:
    head, *entries = _ENTRY.split(path.read_text(encoding="utf-8"))
    kept = [entry for entry in entries if f"stg_{name}__" not in entry and f"source('{name}'" not in entry]
    if len(kept) == len(entries):
        return 0
    if kept:
        path.write_text(head + "".join(kept), encoding="utf-8")
    else:
        path.unlink()
    return len(entries) - len(kept)
