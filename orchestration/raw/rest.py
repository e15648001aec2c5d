"""Connector `rest`: JSON APIs with a bearer token, pages linked by `next_page`, and a cursor parameter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import pyarrow as pa
import requests
from dlt.sources.helpers.requests import Client
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

from orchestration.raw.cursor import since_last_pull
from orchestration.raw.declaration.rest import Endpoint, RestSource
from orchestration.raw.errors import SourceError
from orchestration.raw.files import as_text

_ATTEMPTS = 3  # a hiccup is ridden out here; anything longer is for the run's own retry
_TIMEOUT_S = 30


def rest_resources(declaration: RestSource, interruptions: list[SourceError]) -> Iterator[Any]:
    """One dlt resource per declared endpoint."""
    for name, table in declaration.tables.items():
        yield _endpoint(declaration, name, table)


def _endpoint(declaration: RestSource, name: str, table: Endpoint) -> Any:
    cursor = since_last_pull(table.cursor or "")

    @dlt.resource(name=name, write_disposition="append")
    def pages(changed: Any = cursor) -> Iterator[pa.Table]:  # dlt binds a cursor only as a default argument
        yield from _pages(declaration, name, table, changed)

    return pages


def _pages(declaration: RestSource, name: str, table: Endpoint, changed: dlt.sources.incremental) -> Iterator[pa.Table]:
    client = RESTClient(
        base_url=declaration.resolve(declaration.location),
        auth=BearerTokenAuth(declaration.resolve(declaration.auth.token)) if declaration.auth else None,
        paginator=JSONResponseCursorPaginator(cursor_path="next_page", cursor_param="page"),
        session=Client(request_timeout=_TIMEOUT_S, request_max_attempts=_ATTEMPTS, request_backoff_factor=0.2).session,
    )
    parameters: dict[str, Any] = dict(table.parameters)
    if changed.last_value is not None:
        parameters[table.cursor_parameter] = changed.last_value
    try:
        for page in client.paginate(table.path, params=parameters, data_selector="data"):
            body = page.response.json()
            if not isinstance(body, dict) or not isinstance(body.get("data"), list):
                raise SourceError(
                    declaration.source,
                    name,
                    f"{table.path} answers without a list named data",
                    f"ask {declaration.owner} what changed, or correct path in {declaration.source}.yml",
                )
            if page:
                yield _page_as_table(declaration, name, table, page)
    except requests.HTTPError as error:
        raise _explain_status(declaration, name, table, error.response) from None
    except requests.RequestException as error:
        raise SourceError(
            declaration.source,
            name,
            f"{table.path} does not answer ({type(error).__name__})",
            "check that the API runs, and its address in the variable behind location",
            is_transient=True,
        ) from None


def _page_as_table(declaration: RestSource, name: str, table: Endpoint, page: list[Any]) -> pa.Table:
    objects = [row for row in page if isinstance(row, dict)]
    found = sorted({key for row in objects for key in row})
    missing = [column for column in table.columns if column not in found]
    if missing or len(objects) != len(page):
        raise SourceError(
            declaration.source,
            name,
            f"{table.path} answers without {', '.join(missing)}" if missing else f"{table.path} answers no objects",
            f"ask {declaration.owner} what changed, or change {declaration.source}.yml and its staging model",
        )
    columns = [*table.columns, *(key for key in found if key not in table.columns)]
    return pa.table(
        {column: pa.array([as_text(row.get(column)) for row in objects], pa.string()) for column in columns}
    )


def _explain_status(declaration: RestSource, name: str, table: Endpoint, response: requests.Response) -> SourceError:
    status = response.status_code
    if status in (401, 403):
        return SourceError(
            declaration.source,
            name,
            f"{table.path} refuses the token (HTTP {status})",
            f"renew the token in the variable behind {declaration.source}.yml: auth",
        )
    is_transient = status == 429 or status >= 500
    return SourceError(
        declaration.source,
        name,
        f"{table.path} answers HTTP {status}",
        f"ask {declaration.owner} about the API; the next run pulls what is missing"
        if is_transient
        else f"check path and parameters in {declaration.source}.yml",
        is_transient=is_transient,
    )
