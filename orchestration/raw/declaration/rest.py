"""What a source with connector `rest` declares: a JSON API with its login, its pages and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from orchestration.raw.declaration.schema import SourceDeclaration, Strict, TableDeclaration
from orchestration.raw.declaration.values import Duration, Location, Name, Secret


class BearerAuth(Strict):
    """A token in the header Authorization."""

    type: Literal["bearer"]
    token: Secret


class ApiKeyAuth(Strict):
    """A key in a header or in the query."""

    type: Literal["api_key"]
    key: Secret
    name: str = Field("X-API-Key", description="name of the header or query parameter")
    place: Literal["header", "query"] = "header"


class ClientCredentialsAuth(Strict):
    """OAuth 2 client credentials (RFC 6749, 4.4): a token is fetched, and fetched again when it runs out."""

    type: Literal["oauth2_client_credentials"]
    token_url: Location
    client_id: Secret
    client_secret: Secret
    scope: str | None = None


class NextPage(Strict):
    """The answer names the next page, which goes into a query parameter: a number or an opaque cursor."""

    type: Literal["cursor"]
    next: str = Field(description="JSON path of the next cursor in the answer, such as next_page or meta.next")
    parameter: str = Field(description="query parameter that takes it")


class PageNumber(Strict):
    """Pages are counted; the first empty one is the end."""

    type: Literal["page_number"]
    parameter: str = "page"
    first: int = 1


class LinkHeader(Strict):
    """The header Link names the next page (RFC 8288)."""

    type: Literal["link_header"]


class SinglePage(Strict):
    """The whole answer at once."""

    type: Literal["single"]


Auth = Annotated[BearerAuth | ApiKeyAuth | ClientCredentialsAuth, Field(discriminator="type")]
Paging = Annotated[NextPage | PageNumber | LinkHeader | SinglePage, Field(discriminator="type")]


class RateLimit(Strict):
    """So many requests in so much time, at most."""

    requests: int = Field(gt=0)
    per: Duration


class Endpoint(TableDeclaration):
    """One list of the API."""

    path: str = Field(description="URL path below the location")
    records: str = Field("data", description="JSON path of the list in the answer; $ when the answer is the list")
    cursor: str | None = Field(None, description="field that grows with every change; without it, all is read")
    cursor_parameter: str | None = Field(None, description="query parameter that takes the last cursor")
    parameters: dict[str, str] = Field(default_factory=dict, description="further query parameters")
    paging: Paging | None = Field(None, description="where it differs from the source's")


class RestSource(SourceDeclaration):
    """A JSON API."""

    connector: Literal["rest"]
    auth: Auth | None = None
    paging: Paging
    rate_limit: RateLimit | None = None
    tables: Mapping[Name, Endpoint] = Field(min_length=1)
