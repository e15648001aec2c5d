"""What a source with connector `sheet` declares: a Google Sheet, published as CSV or read through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from orchestration.raw.declaration.schema import SourceDeclaration, Strict, TableDeclaration
from orchestration.raw.declaration.values import Name, Secret


class PublishedCsv(Strict):
    """Published to the web as CSV: `location` and the sheet's `path` make its address; nothing to log in to."""

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
    path: str | None = Field(None, description="address below the location; for published CSV")


class SheetSource(SourceDeclaration):
    """One or more sheets with one login."""

    connector: Literal["sheet"]
    access: Access
    location: str = "https://sheets.googleapis.com"
    tables: Mapping[Name, Sheet] = Field(min_length=1)
