"""What a source with connector `rest` declares: a JSON API with its login, its pages and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from orchestration.raw.declaration.schema import SourceDeclaration, Strict, TableDeclaration
from orchestration.raw.declaration.values import Duration, Location, Name, Secret


def _json_path(value: str) -> str:
    from jsonpath_ng.ext import parse

    try:
        parse(value)
    except Exception as error:  # its parser has no error class of its own
        raise ValueError(
            "a JSON path is expected, such as meta.next; a name with signs in quotes: '@next.link'"
        ) from error
    return value


JsonPath = Annotated[str, AfterValidator(_json_path)]


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
    client_authentication: Literal["basic", "body"] = Field(
        "basic", description="how the client shows itself to token_url: HTTP Basic, or fields of the form"
    )


class NextPage(Strict):
    """The answer names the next page: a number or an opaque cursor for a query parameter, or a whole address."""

    type: Literal["cursor"]
    next: JsonPath = Field(description="JSON path of the next cursor in the answer, such as next_page or meta.next")
    parameter: str | None = Field(None, description="query parameter that takes it; none if it is an address")
    has_more: JsonPath | None = Field(None, description="JSON path of true or false; without it, no next is the end")


class PageNumber(Strict):
    """Pages are counted; the first empty one is the end, unless the answer says which is the last."""

    type: Literal["page_number"]
    parameter: str = "page"
    first: int = 1
    total_pages: JsonPath | None = Field(None, description="JSON path of the number of pages")
    has_more: JsonPath | None = Field(None, description="JSON path of true or false")


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
    records: JsonPath = Field("data", description="JSON path of the list in the answer; $ when the answer is the list")
    cursor: str | None = Field(
        None, description="field that grows with every change; without it, all is read, and lands when it changed"
    )
    cursor_parameter: str | None = Field(
        None, description="query parameter that takes the last cursor; without it, all is read, and what is new lands"
    )
    parameters: dict[str, str] = Field(default_factory=dict, description="further query parameters")
    paging: Paging | None = Field(None, description="where it differs from the source's")
    omits_empty: bool = Field(
        False, description="true: the API leaves out what has no value, so only key and cursor must be there"
    )

    @model_validator(mode="after")
    def _parameter_has_cursor(self) -> Endpoint:
        if self.cursor_parameter and not self.cursor:
            raise ValueError("cursor_parameter: it takes the values of a cursor, which is not declared")
        return self


class RestSource(SourceDeclaration):
    """A JSON API."""

    connector: Literal["rest"]
    auth: Auth | None = None
    paging: Paging
    rate_limit: RateLimit | None = None
    tables: Mapping[Name, Endpoint] = Field(min_length=1)
