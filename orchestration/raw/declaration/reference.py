"""docs/sources.md: every key of every connector, written from the schema itself, so that it can't say anything else.

Run `python -m orchestration.raw.declaration.reference` (or `make docs`) after a change of the schema.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from orchestration.paths import PROJECT_DIR
from orchestration.raw.declaration.load import CONNECTORS
from orchestration.raw.declaration.schema import SourceDeclaration, TableDeclaration
from orchestration.raw.declaration.values import Duration, Location, Name, Owner, Schedule, Secret

PATH = PROJECT_DIR / "docs" / "sources.md"
_INTRODUCTION = """\
# Sources: every key of a declaration

One YAML file in `orchestration/raw/sources/` declares one source system; its name is `<source>.yml`. Secrets stay out
of it: `${VARIABLE}` is read from the environment where the pipeline runs. Every mistake is one line that names the
file, the key, what is wrong and what was probably meant.

`columns`, `key` and a database's `cursor` may be left out at first: `make new-source` finds them and writes them into
the file. A night wants them there.

This page is written from the schema by `make docs`; a test keeps the two in step.

A duration is a number with its unit: minutes, hours, days or weeks, such as `36 hours`. Columns that are there and not
declared land too, but for those whose name the pipeline needs for itself.
"""
_KINDS = {
    Duration: "duration",
    Location: "text",
    Name: "name",
    Owner: "text",
    Schedule: "schedule",
    Secret: "`${VARIABLE}`",
}
_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def reference() -> str:
    """The page, as it should be."""
    parts = [_INTRODUCTION, "## Keys of every source\n", _keys(SourceDeclaration)]
    parts += ["## Keys of every table\n", _sentence(TableDeclaration), _keys(TableDeclaration)]
    parts += [
        part for name, model in _nested(TableDeclaration, "tables.<name>.", set()) for part in _section(name, model)
    ]
    for connector, kind in CONNECTORS.items():
        table = _table_of(kind)
        parts += [f"## `connector: {connector}`\n", _sentence(kind)]
        if own := _keys(kind, SourceDeclaration):
            parts += ["Its own keys of the source:\n", own]
        if own := _keys(table, TableDeclaration):
            parts += [f"Its own keys of a table. {_sentence(table)}", own]
        told = {model for _, model in _nested(TableDeclaration, "", set())}
        below = [*_nested(kind, "", told), *_nested(table, "tables.<name>.", told)]
        parts += [part for name, model in below for part in _section(name, model)]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _keys(model: type[BaseModel], base: type[BaseModel] | None = None) -> str:
    """A table of the model's keys, without those that are as in `base`."""
    rows = [
        f"| `{name}` | {_kind(field)} | {_default(field)} | {_escaped(field.description or '')} |"
        for name, field in model.model_fields.items()
        if name != "tables" and (base is None or name not in base.model_fields) and name != "connector"
    ]
    return "\n".join(["| key | value | if left out | meaning |", "|---|---|---|---|", *rows, ""]) if rows else ""


def _kind(field: FieldInfo) -> str:
    return _named(field.annotation, field.metadata)


def _named(annotation: Any, metadata: list[Any] | None = None) -> str:
    for kind, name in _KINDS.items():
        base, *marks = get_args(kind)
        if annotation is kind or (metadata and annotation is base and all(mark in metadata for mark in marks)):
            return name
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inside)
    if origin in (Union, types.UnionType):
        kinds = [_named(part) for part in inside if part is not type(None)]
        return kinds[0] if len(set(kinds)) == 1 else " or ".join(kinds)
    if origin is list:
        return f"list of {_named(inside[0])}s"
    if origin in (dict, Mapping) or getattr(origin, "__name__", "") == "Mapping":
        return f"keys with {_named(inside[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "keys, see below"
    if hasattr(annotation, "__metadata__"):
        return _named(annotation.__origin__)
    return _PLAIN.get(annotation, str(getattr(annotation, "__name__", annotation)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined or value in ({}, []) or isinstance(value, BaseModel):
        return "nothing"
    if isinstance(value, timedelta):
        return f"`{int(value / timedelta(minutes=1))} minutes`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _nested(model: type[BaseModel], prefix: str, told: set[type[BaseModel]]) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models below a model's own keys, each once; `told` are those that were shown already."""
    for name, field in model.model_fields.items():
        for inner in [] if name == "tables" else _models(field.annotation):
            if inner not in told:
                told.add(inner)
                yield f"{prefix}{name}", inner


def _section(name: str, model: type[BaseModel]) -> list[str]:
    return [f"### `{name}`: {_titled(model)}\n", _sentence(model), _keys(model)]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in get_args(annotation) for model in _models(part)]


def _table_of(model: type[BaseModel]) -> type[BaseModel]:
    return _models(model.model_fields["tables"].annotation)[0]


def _titled(model: type[BaseModel]) -> str:
    """A nested model by its `type`, where it is one of several, else by what it is."""
    tag = model.model_fields.get("type")
    return f"`type: {get_args(tag.annotation)[0]}`" if tag is not None else "keys"


def _sentence(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split()) + "\n"


def _escaped(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    PATH.write_text(reference(), encoding="utf-8")
