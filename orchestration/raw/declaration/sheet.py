"""What a source with connector `sheet` declares: a Google Sheet, published as CSV or read through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from orchestration.raw.declaration.schema import SourceDeclaration, Strict, TableDeclaration
from orchestration.raw.declaration.values import Location, Name, Secret

_PUBLISHED = "https://docs.google.com/spreadsheets/d/e"
_API = "https://sheets.googleapis.com"


class PublishedCsv(Strict):
    """Published to the web as CSV: `location` and the sheet's `path` make its address; nothing to log in to.

    Dates arrive as the sheet shows them: give their columns the format yyyy-mm-dd.
    """

    type: Literal["published_csv"]


class SheetsApiKey(Strict):
    """The Sheets API with a key: for sheets that anyone with the link may read."""

    type: Literal["api_key"]
    key: Secret


class ServiceAccount(Strict):
    """The Sheets API as a service account that the sheet was shared with."""

    type: Literal["service_account"]
    credentials: Secret = Field(description="variable that holds the account's JSON key, or the path of its file")


Access = Annotated[PublishedCsv | SheetsApiKey | ServiceAccount, Field(discriminator="type")]


class Sheet(TableDeclaration):
    """One sheet (tab), its first row the names of the columns."""

    spreadsheet_id: str | None = Field(None, description="from the sheet's address; for the API forms")
    range: str | None = Field(None, description="A1 notation such as Leads or Leads!A:F; for the API forms")
    path: str | None = Field(
        None, description="address below the location, such as <id>/pub?gid=0&single=true&output=csv; for published CSV"
    )


class SheetSource(SourceDeclaration):
    """One or more sheets with one login."""

    connector: Literal["sheet"]
    access: Access
    location: Location = Field(_API, description="base address; Google's own unless given")
    tables: Mapping[Name, Sheet] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _google_is_meant(cls, content: Any) -> Any:
        access = content.get("access") if isinstance(content, Mapping) else None
        if isinstance(access, Mapping) and access.get("type") == "published_csv":
            return {"location": _PUBLISHED, **content}
        return content

    @model_validator(mode="after")
    def _sheets_have_addresses(self) -> SheetSource:
        needed = ["path"] if isinstance(self.access, PublishedCsv) else ["spreadsheet_id", "range"]
        for name, sheet in self.tables.items():
            for key in ("path", "spreadsheet_id", "range"):
                if (key in needed) != (getattr(sheet, key) is not None):
                    wrong = "missing" if key in needed else "no such key"
                    raise ValueError(f"tables.{name}.{key}: {wrong} with access {self.access.type}")
        return self
