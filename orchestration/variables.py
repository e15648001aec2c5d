"""What the vars of dbt_project.yml may say of a company's own terms, checked before anything is run.

dbt would meet a word where a number belongs in the middle of the night, and tell it in the engine's terms. Only kinds
and ranges are said here; the values, and why, are in dbt_project.yml. What leaving means is checked by its own macro.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestration.paths import DBT_PROJECT_DIR
from orchestration.raw.declaration.mistakes import mistake
from orchestration.raw.declaration.yaml_file import UnreadableYamlError, read_yaml

PROJECT_FILE = DBT_PROJECT_DIR / "dbt_project.yml"
_CENTURY = 36_525
Days = Annotated[int, Field(ge=1, le=_CENTURY)]
Weeks = Annotated[int, Field(ge=1, le=_CENTURY // 7)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Share = Annotated[float, Field(gt=0, le=1)]


class VariablesError(Exception):
    """The vars of dbt_project.yml can't be used; one line per mistake."""


class _Vars(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)  # a key not named here is dbt's own business


class Silence(_Vars):
    """gaps: of the customer's own rhythm, within days."""

    gaps: Annotated[float, Field(gt=0, le=1000)]
    least_days: Days
    most_days: Days


class Orders(_Vars):
    """So many days with an order within so many days."""

    order_days: Count
    within_days: Days


class Lifecycle(_Vars):
    """When somebody is in which stage."""

    usual_gap_days: Days
    at_risk: Silence
    lapsed: Silence
    new_days: Days
    won_back_days: Days
    loyal: Orders
    months: Annotated[int, Field(ge=1, le=1200)]


class Groups(_Vars):
    """Groups by rule."""

    frequent: Orders
    former_after_days: Days
    middle_age_from: Annotated[int, Field(ge=1, le=150)]
    older_from: Annotated[int, Field(ge=1, le=150)]
    lower_income_below: Annotated[float, Field(gt=0)]
    upper_income_from: Annotated[float, Field(gt=0)]


class Interests(_Vars):
    """What a customer buys for."""

    within_days: Days
    least_order_days: Count
    least_share: Share
    least_index: Annotated[float, Field(gt=0)]
    kept: Count
    without_meaning: list[str]


class Demand(_Vars):
    """What demand is added up to and forecast for."""

    history_weeks: Weeks
    horizon_weeks: Annotated[int, Field(ge=1, le=104)]
    window_weeks: Weeks
    least_share_of_weeks: Share
    least_weeks: Weeks
    most_products: Count
    most_product_stores: Annotated[int, Field(ge=0, le=1_000_000_000)]
    usual_weeks: Weeks
    plan_weeks: Annotated[int, Field(ge=0, le=104)]
    measured_from_quantity: Count
    unobserved_from_days: Annotated[int, Field(ge=1, le=7)]
    store_open_orders: Count
    share_weeks: Weeks


class OwnDay(_Vars):
    """A day of the company's own."""

    day: date
    name: Annotated[str, Field(min_length=1)]


class DemandCalendar(_Vars):
    """Holidays, and which of them shut the doors."""

    country: Literal["US", "GB", "DE", "none"]
    closed_on: list[str] | None = None
    own: list[OwnDay] | None = None


class Variables(_Vars):
    """The vars that are checked here."""

    company_founded: Annotated[date, Field(strict=False)]
    most_rows_at_once: Annotated[int, Field(ge=1000)]
    most_customers_per_contact_point: Count
    days_a_login_holds: Days
    days_a_login_reaches_back: Annotated[int, Field(ge=0, le=_CENTURY)]
    phone_default_region: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    lifecycle: Lifecycle
    groups: Groups
    interests: Interests
    demand: Demand
    demand_calendar: DemandCalendar


def check_variables(path: Path = PROJECT_FILE) -> Variables:
    """The vars as they are declared.

    Raises:
        VariablesError: not YAML, a key is missing or of the wrong kind or out of its range; one line per mistake.
    """
    try:
        content = read_yaml(path)
    except UnreadableYamlError as error:
        raise VariablesError(f"{path.name}: {error}") from None
    said = content.get("vars") if isinstance(content, Mapping) else None
    if not isinstance(said, Mapping):
        raise VariablesError(f"{path.name}: the key `vars:` is expected at the top")
    try:
        return Variables.model_validate(said)
    except ValidationError as error:
        lines = [f"{path.name}: vars.{mistake(one, Variables)}" for one in error.errors(include_url=False)]
        raise VariablesError("\n".join(dict.fromkeys(lines))) from None
