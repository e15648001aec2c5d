"""Kinds of values in a source's YAML: durations, schedules, names, and secrets that only the environment holds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from croniter import croniter
from pydantic import AfterValidator, BeforeValidator, Field

VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_DURATION = re.compile(r"(\d+)\s*(minute|hour|day|week)s?")
_PASSWORD_IN_ADDRESS = re.compile(r"://[^/@\s]*:(?!\$\{)[^/@\s]+@")
_OWNER = re.compile(r"team:.+|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")  # what Dagster takes for an owner


def _duration(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a number with its unit is expected, such as 36 hours or 2 days")
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise ValueError("a number with its unit is expected: minutes, hours, days or weeks, such as 36 hours")
    return timedelta(**{f"{match[2]}s": int(match[1])})


def _schedule(value: str) -> str:
    if value in ("nightly", "on_arrival") or (len(value.split()) == 5 and croniter.is_valid(value)):
        return value
    raise ValueError("nightly, on_arrival or five cron fields are expected, such as '0 */2 * * *'")


def _secret(value: str) -> str:
    if VARIABLE.fullmatch(value) is None:
        raise ValueError("a secret comes from the environment: write ${VARIABLE}, and set the variable where it runs")
    return value


def _location(value: str) -> str:
    if _PASSWORD_IN_ADDRESS.search(value):
        raise ValueError("the password stands in the file: write the address, or the password in it, as ${VARIABLE}")
    return value


def _name(value: str) -> str:
    if "__" in value:  # raw tables are named <source>__<table> in the warehouse
        raise ValueError("two _ in a row stand between source and table; use one")
    return value


def _owner(value: str) -> str:
    if _OWNER.fullmatch(value) is None:
        raise ValueError("an e-mail address is expected, or team: and a team's name")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Secret = Annotated[str, AfterValidator(_secret)]
Location = Annotated[str, AfterValidator(_location)]
Owner = Annotated[str, AfterValidator(_owner)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$"), AfterValidator(_name)]
