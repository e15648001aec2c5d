"""Which columns of a mart are its key and which lead to another mart, by the tests its contract declares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from orchestration.serving.manifest import Keys


def keys_of_marts(manifest: dict[str, Any], marts: Iterable[str]) -> dict[str, Keys]:
    """The keys of each of `marts`, read from dbt's manifest.

    A key is what `is_key` or `is_compound_key` guards with its full severity; `relationships` lead elsewhere, and refer
    to the other mart's key where they hold for every row, with full severity.
    """
    own: dict[str, list[tuple[str, ...]]] = {name: [] for name in marts}
    leading: dict[str, list[str]] = {name: [] for name in own}
    references: dict[str, set[tuple[str, str, str]]] = {name: set() for name in own}
    nodes = manifest["nodes"]
    for unique_id in sorted(nodes):
        test = nodes[unique_id]
        about = nodes.get(test.get("attached_node") or "")
        if test["resource_type"] != "test" or about is None or about["fqn"][1] != "marts":
            continue
        kind, mart = (test.get("test_metadata") or {}).get("name"), about["alias"]
        if mart not in own:
            continue
        is_strict = test["config"]["severity"].lower() == "error"
        if kind == "relationships":
            leading[mart].append(test["column_name"])
            given, other = test["test_metadata"]["kwargs"], _named(test["test_metadata"]["kwargs"].get("to", ""))
            if other in own and is_strict and not test["config"].get("where"):
                references[mart].add((test["column_name"], other, given["field"]))
        elif kind in ("is_key", "is_compound_key") and is_strict:
            columns = test["test_metadata"]["kwargs"].get("columns") or [test["column_name"]]
            own[mart].append(tuple(columns))
    return {
        mart: Keys(
            min(keys, key=lambda key: (len(key), key), default=()),
            tuple(sorted(set(leading[mart]))),
            tuple(sorted(references[mart])),
        )
        for mart, keys in own.items()
    }


def _named(to: str) -> str:
    """The model in `ref('model')`."""
    found = re.search(r"ref\(\s*['\"](\w+)['\"]\s*\)", to)
    return found[1] if found else ""
