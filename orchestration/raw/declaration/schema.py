"""What every source and every table declares, whatever its connector."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from orchestration.raw.declaration.values import VARIABLE, Duration, Location, Name, Owner, Schedule
from orchestration.raw.errors import SourceError
from orchestration.raw.notes import NOTES

SensitiveKind = Literal["national_id", "passport", "driving_licence", "bank_account", "card_number"]
# What the loader notes about a row, and what staging adds to it.
RESERVED_COLUMNS = NOTES | {"source_key", "has_source_key", "version_number"}


class Strict(BaseModel):
    """Unknown keys are mistakes, not remarks."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Freshness(Strict):
    """A promise of the source's owner: the newest value of `column` is never older than `within`."""

    column: str = Field(description="column with a date or time")
    within: Duration = Field(description="greatest age at the start of the night, such as 36 hours or 8 days")
    severity: Literal["warn", "block"] = Field("warn", description="block: what depends on the table waits for it")


class TableDeclaration(Strict):
    """One table, endpoint, set of files or sheet."""

    description: str = Field(description="what one row is")
    columns: list[str] = Field(min_length=1, description="columns that must be there; others are kept too")
    key: list[str] = Field(default_factory=list, description="columns that identify a row in its source")
    sensitive: dict[str, SensitiveKind] = Field(
        default_factory=dict, description="columns whose values are replaced by a keyed token before they are written"
    )
    codes: list[str] = Field(
        default_factory=list, description="columns of codes that are never searched for card or account numbers"
    )
    ignored: list[str] = Field(
        default_factory=list,
        description="columns that are known and not wanted: the check on columns is silent of them",
    )
    freshness: Freshness | None = Field(None, description="how old its newest row may be")

    @field_validator("columns", "key", "codes", check_fields=False)
    @classmethod
    def _each_once(cls, columns: list[str]) -> list[str]:
        if twice := sorted({column for column in columns if columns.count(column) > 1}):
            raise ValueError(f"{', '.join(twice)} is there twice")
        if taken := sorted(column for column in columns if column in RESERVED_COLUMNS or column.startswith("_dlt_")):
            raise ValueError(f"{', '.join(taken)} is a name that the pipeline needs for itself; have it renamed there")
        return columns

    @model_validator(mode="after")
    def _columns_are_known(self) -> TableDeclaration:
        named = {
            "key": self.key,
            "cursor": [column] if (column := getattr(self, "cursor", None)) else [],
            "sensitive": list(self.sensitive),
            "codes": self.codes,
            "as_text": getattr(self, "as_text", []),
            "freshness.column": [self.freshness.column] if self.freshness else [],
        }
        for role, columns in named.items():
            if unknown := sorted(set(columns) - set(self.columns)):
                raise ValueError(f"{role}: {', '.join(unknown)} is not among its columns")
        cursor = getattr(self, "cursor", None)
        if cursor in self.sensitive:
            raise ValueError(f"sensitive: {cursor} is the cursor, which the loader keeps as it is; choose another one")
        keys = sorted(set(self.key) & set(self.sensitive))
        if keys and getattr(self, "compare_keys", None):
            raise ValueError(
                f"sensitive: {', '.join(keys)} is a key, and keys are compared as they are; choose another key"
            )
        return self


class SourceDeclaration(Strict):
    """One source system. The connectors' own declarations add to it; see the modules beside this one."""

    source: Name = Field(description="name of the system; its raw tables, assets and file are named after it")
    description: str = Field(description="what the system holds, for whoever reads the assets")
    connector: str = Field(description="sql, files, rest or sheet")
    owner: Owner = Field(description="who answers for the data: a team's address")
    party_data_class: Literal["zero", "first", "second", "third"] = Field(
        description="told by the customer, observed by us, shared by a partner, or bought"
    )
    schedule: Schedule = Field(
        "nightly", description="nightly, on_arrival (files: as soon as one arrives) or five cron fields, UTC"
    )
    location: Location = Field(description="database URL, folder, bucket or base URL; secrets as ${VARIABLE}")
    tables: Mapping[Name, TableDeclaration] = Field(min_length=1)

    @model_validator(mode="after")
    def _only_files_arrive(self) -> SourceDeclaration:
        if self.schedule == "on_arrival" and self.connector != "files":
            raise ValueError("schedule: on_arrival is for files; nightly or five cron fields are expected here")
        return self

    def resolve(self, text: str) -> str:
        """`text` with every ${VARIABLE} replaced from the environment.

        Raises:
            SourceError: a variable is not set.
        """
        missing = [name for name in VARIABLE.findall(text) if not os.environ.get(name)]
        if missing:
            raise SourceError(
                self.source,
                "*",
                f"environment variable {', '.join(missing)} is not set",
                f"set it where the pipeline runs (see {self.source}.yml); `make run` sets those of the demo company",
            )
        return VARIABLE.sub(lambda match: os.environ[match.group(1)], text)
