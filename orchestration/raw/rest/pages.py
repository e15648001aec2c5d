"""Walks over the pages of one endpoint from a place on. A walk that would never end is refused."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from orchestration.raw.declaration.rest import Endpoint, RestSource
from orchestration.raw.rest import limits
from orchestration.raw.rest.answer import decoded, digest, records
from orchestration.raw.rest.http import Http
from orchestration.raw.rest.paging import Place, next_place
from orchestration.raw.rest.trouble import Trouble

_MOST_EMPTY_PAGES = 1000  # in a row, each naming a next one
_PROGRESS_EVERY_S = 30

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """One page, where it lies and what follows it."""

    rows: list[dict[str, Any]]
    place: Place
    next: Place | None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its rows' digests, in their order."""
        return hashlib.sha256("".join(digest(row) for row in self.rows).encode()).hexdigest()


class Pages:
    """Reads one endpoint's pages.

    Args:
        since: value of the cursor parameter, if any.
    """

    def __init__(self, http: Http, declaration: RestSource, name: str, table: Endpoint, since: str | None) -> None:
        self._http, self._table = http, table
        self._label = f"{declaration.source}.{name}"
        self.paging = table.paging or declaration.paging
        self._address = f"{declaration.resolve(declaration.location).strip().rstrip('/')}/{table.path.lstrip('/')}"
        self._parameters = dict(table.parameters)
        if table.cursor_parameter and since is not None:
            self._parameters[table.cursor_parameter] = since

    def read(self, place: Place) -> Page:
        """The page at a place.

        Raises:
            Trouble: it can't be had, or is not what was declared.
        """
        if "url" in place:
            answer = self._http.get(place["url"])
        else:
            answer = self._http.get(self._address, {**self._parameters, **place["parameters"]})
        body = decoded(answer)
        rows = records(body, self._table.records)
        return Page(rows, place, next_place(self.paging, place, answer, body, not rows, self._http.own))

    def walk(self, start: Place) -> Iterator[Page]:
        """The pages from a place to the end.

        Raises:
            Trouble: as for `read`; or a page comes a second time.
        """
        contents, empty, pages, rows = set(), 0, 0, 0
        said_at = limits.now_s()
        place: Place | None = start
        visited = {digest(start)}
        while place:
            page = self.read(place)
            empty = 0 if page.rows else empty + 1
            if page.rows and page.digest in contents:
                raise _circle("the same page again")
            if page.next and (digest(page.next) in visited or empty > _MOST_EMPTY_PAGES):
                raise _circle("a page that was read before as the next one" if not empty else "empty pages without end")
            contents.add(page.digest)
            pages, rows = pages + 1, rows + len(page.rows)
            if limits.now_s() - said_at > _PROGRESS_EVERY_S:
                said_at = limits.now_s()
                _log.info("%s: %s pages, %s rows so far", self._label, f"{pages:,}", f"{rows:,}")
            yield page
            place = page.next
            visited.add(digest(place))


def _circle(what: str) -> Trouble:
    return Trouble(
        f"answers {what}", "check paging in {file}: does it take its parameter, and say where the end is?", status=200
    )
