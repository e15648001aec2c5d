"""A schema's complaint as one line that a person can act on: the key as it stands in the file, and what was meant."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_EXPECTED = {
    "string_type": "a text is expected",
    "list_type": "a list is expected, such as [a, b]",
    "tuple_type": "a list is expected, such as [a, b]",
    "mapping_type": "keys are expected below it",
    "dict_type": "keys are expected below it",
    "model_type": "keys are expected below it",
    "model_attributes_type": "keys are expected below it",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "float_type": "a number is expected",
    "float_parsing": "a number is expected",
    "too_short": "at least one is expected",
}


def mistake(problem: ErrorDetails, kind: type[BaseModel]) -> str:
    """One line for one of pydantic's errors, with the key's path as it is in the file."""
    where = _path(problem["loc"], kind)
    key = ".".join(where)
    if problem["type"] == "extra_forbidden":
        return f"{key}: no such key{nearest(where[-1], _keys_at(where[:-1], kind))}"
    if problem["type"] == "missing":
        remedy = " (make new-source NAME=… finds the columns and writes them)" if where[-1] == "columns" else ""
        return f"{key}: missing{remedy}"
    if problem["type"] == "union_tag_not_found":
        return f"{key}.type: missing; one of {_expected(problem)} is expected"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] in ("literal_error", "union_tag_invalid"):
        expected = _expected(problem)
        if problem["type"] == "union_tag_invalid":
            key, said = f"{key}.type", str(problem["ctx"].get("tag"))
        else:
            said = str(problem["input"])
        return f"{key}: one of {expected} is expected{nearest(said, expected.split(', '))}"
    if problem["type"] == "string_pattern_mismatch":
        message = "a name of small letters, digits and _ is expected, a letter first"
    message = _EXPECTED.get(problem["type"], message.replace("Input should be", "it should be"))
    if problem["type"] == "list_type" and isinstance(problem["input"], str):
        message += f": write [{problem['input']}]" if len(problem["input"]) < 60 else ""
    if problem["type"] == "string_type" and (name := _lost_variable(problem["input"])):
        message += f": write ${{{name}}}"
    if problem["type"] in ("dict_type", "mapping_type") and isinstance(problem["input"], list):
        message += ", a `name: value` each"
    if problem["type"] == "string_type" and isinstance(problem["input"], bool):
        message += "; put it in quotes, for YAML reads yes, no, on and off as true and false"
    role, colon, _ = message.partition(": ")
    if where and colon and " " not in role:  # a check of a whole table, which names the key itself
        return f"{key}.{message}"
    return f"{key}: {message}" if where else message


def _lost_variable(value: Any) -> str | None:
    """NAME where somebody wrote {NAME}, which YAML reads as a key without a value."""
    lost = isinstance(value, dict) and len(value) == 1 and next(iter(value.values())) is None
    name = str(next(iter(value))) if lost else ""
    return name if name.isidentifier() and name.isupper() else None


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` with the known word most like this one; nothing where none is."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def _expected(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    said = str(context.get("expected") or context.get("expected_tags") or context.get("discriminator"))
    return ", ".join(word.strip(" '") for word in said.replace(" or ", ",").split(","))


def _path(location: tuple[int | str, ...], kind: type[BaseModel]) -> list[str]:
    """The location without what the schema puts in between: the tag that chose between kinds."""
    path: list[str] = []
    models: list[Any] = [kind]
    for part in location:
        if part == "[key]":  # the key itself is wrong, not what stands below it
            continue
        tagged = [model for model in models if _tag(model) == part]
        if tagged and not any(part in model.model_fields for model in models):
            models = tagged
            continue
        path.append(str(part))
        models = _below(models, part)
    return path


def _keys_at(path: list[str], kind: type[BaseModel]) -> set[str]:
    models: list[Any] = [kind]
    for part in path:
        models = _below(models, part)
    return {name for model in models for name in model.model_fields}


def _below(models: list[Any], part: int | str) -> list[Any]:
    """The models that may stand below a key; below a free key (a table's name) what its mapping holds."""
    below: list[Any] = []
    for model in models:
        if part in model.model_fields:
            below.extend(_models_in(model.model_fields[str(part)].annotation))
    return below or models


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("type")
    tags = get_args(field.annotation) if field is not None else ()
    return str(tags[0]) if tags else None
