"""The list of what feeds each entity, in dbt_project.yml: a line more, a line less, everything else untouched."""

from __future__ import annotations

import re
from pathlib import Path

from orchestration.new_source.contract import load_feeds


def add(project: Path, entity: str, model: str) -> bool:
    """List `model` under `entity`; whether it was not there yet."""
    feeds = load_feeds(project)
    for other, models in feeds.items():
        if model in models:
            if other == entity:
                return False
            remove(project, lambda listed: listed == model)
    path = project / "dbt_project.yml"
    lines = path.read_text(encoding="utf-8").split("\n")
    at = _entity_line(lines, entity)
    lines[at] = re.sub(r":\s*\[\s*\]", ":", lines[at])
    end = at + 1
    while end < len(lines) and lines[end].lstrip().startswith("- "):
        end += 1
    indent = " " * (len(lines[at]) - len(lines[at].lstrip()) + 2)
    lines.insert(end, f"{indent}- {model}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return True


def remove(project: Path, is_gone: object) -> list[str]:
    """Take every model off the lists for which `is_gone(model)`; an entity left without any says so: []."""
    path = project / "dbt_project.yml"
    lines = path.read_text(encoding="utf-8").split("\n")
    gone = [model for models in load_feeds(project).values() for model in models if is_gone(model)]  # type: ignore[operator]
    kept = [line for line in lines if line.strip().removeprefix("- ") not in gone]
    for entity, models in load_feeds(project).items():
        if models and all(model in gone for model in models):
            kept[_entity_line(kept, entity)] += " []"
    path.write_text("\n".join(kept), encoding="utf-8")
    return gone


def _entity_line(lines: list[str], entity: str) -> int:
    start = next(at for at, line in enumerate(lines) if re.match(r"\s+feeds:\s*$", line))
    return next(at for at in range(start, len(lines)) if re.match(rf"\s+{entity}:", lines[at]))
