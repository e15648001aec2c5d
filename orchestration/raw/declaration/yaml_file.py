"""YAML as people write it by hand: what a loader would let pass in silence, or report in its own terms, is one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class UnreadableYamlError(Exception):
    """A file that is no YAML, or holds a key twice; the message is one line with the line's number."""


def read_yaml(path: Path) -> Any:
    """What a YAML file says.

    Raises:
        UnreadableYamlError: it is not text in UTF-8, not YAML, or holds a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UnreadableYamlError(f"line {line}: not text in UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise UnreadableYamlError(f"can't be opened ({type(error).__name__})") from None
    try:
        return yaml.load(text, Loader=_OnceEachLoader)
    except yaml.YAMLError as error:
        raise UnreadableYamlError(_in_one_line(error, text)) from None


class _OnceEachLoader(yaml.SafeLoader):
    """YAML lets the last of two equal keys win; here the second is a mistake."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        name = str(key.value)
        if name in seen and key.tag != "tag:yaml.org,2002:merge":
            raise yaml.constructor.ConstructorError(None, None, f"the key {name} is there twice", key.start_mark)
        seen.add(name)
    loader.flatten_mapping(node)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_OnceEachLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _in_one_line(error: yaml.YAMLError, text: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = f"line {mark.line + 1}: " if mark is not None else ""
    line = text.splitlines()[mark.line] if mark is not None and mark.line < len(text.splitlines()) else ""
    problem = str(getattr(error, "problem", None) or error)
    if "\t" in line[: len(line) - len(line.lstrip())] or "'\\t'" in problem:
        return f"{where}a tab; indent with spaces"
    if "mapping values are not allowed" in problem:
        return f"{where}a second colon; put text that holds ': ' in quotes, or check the indentation"
    if "is there twice" in problem:
        return f"{where}{problem}"
    return f"{where}not readable as YAML: {' '.join(problem.split())}"
