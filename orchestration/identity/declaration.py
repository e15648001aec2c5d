"""What identity.yml may say, checked: which settings identity is resolved with, and when a night must not publish.

Belongs here: names, types and defaults of the keys, and one line per mistake. Does not belong here: what the values
do, see `models/identity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from models.identity.impact import ImpactLimits
from models.identity.settings import IdentitySettings
from orchestration.paths import DataDir
from orchestration.raw.declaration.mistakes import mistake
from orchestration.raw.declaration.schema import Strict
from orchestration.raw.declaration.values import Duration
from orchestration.raw.declaration.yaml_file import UnreadableYamlError, read_yaml

IDENTITY_FILE = Path(__file__).parent / "identity.yml"
_DEFAULT = IdentitySettings()
# What records can be compared by; see the features in models/identity.
COLUMNS = (
    *("name_key", "given", "family", "birth_date", "gender", "email", "phone", "address", "postcode"),
    *("national_id", "loyalty_card", "device_id", "company"),
)
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class IdentityError(Exception):
    """identity.yml can't be used; one line per mistake."""


def _known(columns: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := sorted(set(columns) - set(COLUMNS)):
        raise ValueError(f"{', '.join(unknown)} is not one of {', '.join(COLUMNS)}")
    if len(set(columns)) < len(columns):
        raise ValueError("a column is there twice")
    return columns


def _limited(limits: Mapping[str, int]) -> Mapping[str, int]:
    _known(tuple(limits))
    return limits


def _region(code: str) -> str:
    import phonenumbers

    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("two capital letters of a country are expected, such as US, GB or CN")
    return code


def _below(name: str) -> str:
    path = PurePosixPath(name)
    if not path.name or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError("a file below the data folder is expected, such as overrides/identity.csv")
    return name


Rule = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_known)]


class Refit(Strict):
    """When the model is learnt anew."""

    grown_by: float = Field(_DEFAULT.refit_growth, gt=0, description="share by which the records have grown or shrunk")
    older_than: Duration = Field(timedelta(days=180), description="age of the model, such as 180 days")


class ImpactDeclaration(Strict):
    """Above which change a night is not published before a person has approved it."""

    records_moved: Share = ImpactLimits.records_moved
    revenue_moved: Share = ImpactLimits.revenue_moved
    moved_records_floor: int = Field(ImpactLimits.moved_records_floor, ge=0)
    revenue_moved_by_few: Share = ImpactLimits.revenue_moved_by_few
    largest_new_cluster: Count = ImpactLimits.largest_new_cluster


class IdentityDeclaration(Strict):
    """All of identity.yml."""

    link_probability: float = Field(_DEFAULT.link_probability, ge=0.5, lt=1)
    unique_sources: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = _DEFAULT.rules
    limits: Annotated[Mapping[str, Count], AfterValidator(_limited)] = dict(_DEFAULT.limits)
    most_records_per_customer: int = Field(_DEFAULT.most_records_per_customer, ge=2)
    default_region: Annotated[str, AfterValidator(_region)] = _DEFAULT.default_region
    overrides: Annotated[str, AfterValidator(_below)] | None = Field(
        "identity_overrides.csv", description="CSV file below the data folder"
    )
    refit: Refit = Field(default_factory=Refit)
    impact: ImpactDeclaration = Field(default_factory=ImpactDeclaration)

    def settings(self) -> IdentitySettings:
        """What the model is called with."""
        return IdentitySettings(
            link_probability=self.link_probability,
            unique_sources=tuple(sorted(self.unique_sources)),
            rules=self.rules,
            limits=dict(self.limits),
            most_records_per_customer=self.most_records_per_customer,
            default_region=self.default_region,
            refit_growth=self.refit.grown_by,
        )

    def impact_limits(self) -> ImpactLimits:
        """When the impact gate stops a night."""
        return ImpactLimits(**self.impact.model_dump())

    def overrides_file(self, data: DataDir) -> Path | None:
        """Where decisions of people are read from; None when the file declares none."""
        return data.root / self.overrides if self.overrides else None


def load_identity(path: Path = IDENTITY_FILE) -> IdentityDeclaration:
    """The declaration in identity.yml; a file that holds nothing means the defaults.

    Raises:
        IdentityError: not YAML, or a key is unknown or of the wrong kind; one line per mistake.
    """
    try:
        content = read_yaml(path)
    except UnreadableYamlError as error:
        raise IdentityError(f"{path.name}: {error}") from None
    if content is not None and not isinstance(content, Mapping):
        raise IdentityError(f"{path.name}: keys such as `link_probability:` are expected at the top")
    try:
        return IdentityDeclaration.model_validate(content or {})
    except ValidationError as error:
        problems = error.errors(include_url=False)
        lines = [f"{path.name}: {mistake(problem, IdentityDeclaration)}" for problem in problems]
        raise IdentityError("\n".join(dict.fromkeys(lines))) from None
