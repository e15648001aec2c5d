"""How each entity is watched, as it declares it: `config.meta.watch` in dbt, read from its manifest.

Belongs here: reading and checking these keys. Does not belong here: what they do, see `models/quality`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from models.quality import Watched, WatchSettings

_KEYS = {"time", "categories", "ignored", "unusual_days", "recent_days", "blocks_on", "thresholds"}
_TIMES = ("occurred_at", "updated_at")
_COLLAPSES = {"no_new_rows", "all_null"}


class WatchError(Exception):
    """An entity can't be watched as it declares it."""


def load_watched(manifest: Mapping[str, Any]) -> list[Watched]:
    """How every staged entity is watched, ordered by name; one that declares nothing is watched by the defaults.

    Raises:
        WatchError: a key, column or threshold is not known; says which entity and what is wrong.
    """
    return [
        _watched(node)
        for node in sorted(manifest["nodes"].values(), key=lambda node: node["name"])
        if node["resource_type"] == "model" and node["fqn"][1] == "staged" and "rules" in node["config"]["meta"]
    ]


def _watched(node: Mapping[str, Any]) -> Watched:
    entity, columns = node["alias"], set(node["columns"])
    declared = node["config"]["meta"].get("watch") or {}
    _known(entity, "watch", set(declared), _KEYS)
    default = next((name for name in _TIMES if name in columns), None)
    time = declared.get("time", default)
    watched = Watched(
        entity=entity,
        time=None if time == "none" else time,
        categories=tuple(declared.get("categories", ())),
        ignored=dict(declared.get("ignored", {})),
        unusual_days=_unusual_days(entity, declared.get("unusual_days") or ()),
        recent_days=declared.get("recent_days"),
        blocks_on=frozenset(declared.get("blocks_on", ())),
        settings=_settings(entity, declared.get("thresholds") or {}),
    )
    named = {*watched.categories, *watched.ignored, *([watched.time] if watched.time else [])}
    _known(entity, "watch: column", named, columns)
    _known(entity, "watch: blocks_on", set(watched.blocks_on), _COLLAPSES)
    if watched.recent_days and not watched.time:
        raise WatchError(f"{entity}, watch: recent_days needs a column of time")
    return watched


def _unusual_days(entity: str, listed: Any) -> dict[date, str]:
    try:
        return {date.fromisoformat(str(one["day"])): str(one["why"]) for one in listed}
    except (KeyError, TypeError, ValueError):
        raise WatchError(f'{entity}, watch: unusual_days: each is {{day: "2026-12-25", why: the reason}}') from None


def _settings(entity: str, thresholds: Mapping[str, Any]) -> WatchSettings:
    _known(entity, "watch: thresholds", set(thresholds), {field.name for field in fields(WatchSettings)})
    for name, said in thresholds.items():
        if not isinstance(said, Mapping) or not {"value", "since", "why"} <= set(said):
            raise WatchError(f"{entity}, watch: threshold {name} needs value, since and why")
    return replace(WatchSettings(), **{name: said["value"] for name, said in thresholds.items()})


def _known(entity: str, where: str, said: set[str], known: set[str]) -> None:
    if unknown := sorted(said - known):
        raise WatchError(f"{entity}, {where}: {', '.join(unknown)} is not one of {', '.join(sorted(known))}")
