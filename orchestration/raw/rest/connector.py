"""The resources of a JSON API: one per endpoint, read by cursor, or whole where it has none.

Belongs here: what lands, what is noted, and when a pull breaks off. How a page is had is in the modules beside this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import dlt
import pyarrow as pa

from orchestration.raw.declaration.rest import Endpoint as Declared
from orchestration.raw.declaration.rest import RestSource
from orchestration.raw.errors import SourceError
from orchestration.raw.notes import SOURCE_FILE
from orchestration.raw.rest.answer import Naming, as_table, digest
from orchestration.raw.rest.auth import login_of
from orchestration.raw.rest.http import Http
from orchestration.raw.rest.limits import Pace
from orchestration.raw.rest.pages import Page, Pages
from orchestration.raw.rest.paging import first_place, is_counted
from orchestration.raw.rest.trouble import Trouble
from orchestration.raw.rest.window import Window
from orchestration.raw.shape import require_columns

_MOST_HELD_BYTES = 256 * 1024 * 1024  # of a whole list, until it is known whether it changed
_EXPIRED = (400, 404, 409, 410, 416, 422)  # what a place that was noted long ago is refused with
# An API may answer 500 to a place it no longer knows. After so many pulls (two nights with their retries) the window is
# started again. Other troubles say nothing about the place.
_TRIES_AT_A_PLACE = 6


def rest_resources(declaration: RestSource, interruptions: list[SourceError]) -> Iterator[Any]:
    """One dlt resource per declared endpoint.

    Raises:
        SourceError: a variable is not set.
    """
    http = Http(declaration.resolve(declaration.location).strip(), login_of(declaration), Pace(declaration.rate_limit))
    for name, table in declaration.tables.items():
        yield dlt.resource(_new_rows, name=name, write_disposition="append")(
            Endpoint(declaration, name, table, http, interruptions)
        )


def _new_rows(endpoint: Endpoint) -> Iterator[pa.Table]:
    naming = dlt.current.source_schema().naming
    yield from endpoint.new_rows(dlt.current.resource_state(), naming.normalize_identifier)


class Endpoint:
    """One list of an API.

    Args:
        interruptions: takes the error of a pull that broke off, whose rows land all the same.
    """

    def __init__(
        self, declaration: RestSource, name: str, table: Declared, http: Http, interruptions: list[SourceError]
    ) -> None:
        self._declaration, self._name, self._table = declaration, name, table
        self._http, self._interruptions = http, interruptions

    def new_rows(self, state: dict[str, Any], named: Naming) -> Iterator[pa.Table]:
        """What is new since the last pull.

        Args:
            state: what earlier pulls noted, and where this one notes; to be kept only if the rows land.
            named: what the lake makes of a key.

        Raises:
            SourceError: nothing could be read, and trying again does not help.
        """
        if self._table.cursor:
            yield from self._by_cursor(Window(self._table.cursor, state), named)
        else:
            yield from self._whole(state, named)

    def _by_cursor(self, window: Window, named: Naming) -> Iterator[pa.Table]:
        pages = self._pages(window.since)
        has_read = False
        try:
            for page in self._from_where_it_broke(pages, window):
                rows = window.new_rows(page.rows)
                if page.rows:
                    self._require_columns(page.rows)
                if rows:
                    yield as_table(rows, self._table.columns, named)
                has_read = True
                if page.next:
                    window.note(self._note_of(page))
            window.complete()
        except (Trouble, SourceError) as trouble:
            error = self._explained(trouble)
            if not has_read and not trouble.is_transient:
                raise error from None
            if not has_read and window.noted and getattr(trouble, "status", None) == 500:
                window.note(window.noted | {"failures": window.noted.get("failures", 0) + 1})
            self._interruptions.append(error)

    def _from_where_it_broke(self, pages: Pages, window: Window) -> Iterator[Page]:
        """The window's pages that are still to be read: all of them, if its noted place no longer stands."""
        noted = window.noted
        is_here = noted.get("endpoint") == self._fingerprint() and noted.get("failures", 0) < _TRIES_AT_A_PLACE
        if noted and is_here:
            try:
                yield from self._rest_of_window(pages, noted)
                return
            except _PlaceGone:
                pass
        if noted:
            window.restart()
        yield from pages.walk(first_place(pages.paging))

    def _rest_of_window(self, pages: Pages, noted: dict[str, Any]) -> Iterator[Page]:
        is_first = True
        try:
            # A counted place moves when rows before it come or go. It stands if the page before it is the same still.
            if is_counted(noted["next"]) and pages.read(noted["before"]).digest != noted["digest"]:
                raise _PlaceGone
            for page in pages.walk(noted["next"]):
                yield page
                is_first = False
        except Trouble as trouble:
            if is_first and trouble.status in _EXPIRED:
                raise _PlaceGone from None
            raise

    def _note_of(self, page: Page) -> dict[str, Any]:
        return {"next": page.next, "before": page.place, "digest": page.digest, "endpoint": self._fingerprint()}

    def _whole(self, state: dict[str, Any], named: Naming) -> Iterator[pa.Table]:
        """The whole list, if it changed: like a file, it is one delivery, named after the table."""
        held: list[pa.Table] = []
        held_bytes, total, is_landing = 0, 0, False
        try:
            for page in self._pages(None).walk(first_place(self._table.paging or self._declaration.paging)):
                if not page.rows:
                    continue
                self._require_columns(page.rows)
                # A sum does not depend on the order, which an API need not keep.
                total = (total + sum(int(digest(row), 16) for row in page.rows)) % 2**256
                rows = as_table(page.rows, self._table.columns, named)
                held.append(rows.append_column(SOURCE_FILE, pa.repeat(pa.scalar(self._name), rows.num_rows)))
                held_bytes += rows.nbytes
                if is_landing or held_bytes > _MOST_HELD_BYTES:
                    is_landing = True
                    yield from held
                    held.clear()
        except (Trouble, SourceError) as trouble:
            error = self._explained(trouble)
            if is_landing or not trouble.is_transient:
                raise error from None  # half a delivery would pass for the whole list
            self._interruptions.append(error)
            return
        if not total and state.get("sha256"):  # a broken API looks just like it
            empty = Trouble(
                "answers an empty list, which had rows before",
                "ask {owner}; if it is right, load it anew under another name in {file}",
            )
            self._interruptions.append(self._explained(empty))
        content = hashlib.sha256(str(total).encode()).hexdigest()
        if total and content != state.get("sha256"):
            yield from held
            state["sha256"] = content

    def _pages(self, since: str | None) -> Pages:
        return Pages(self._http, self._declaration, self._name, self._table, since)

    def _fingerprint(self) -> str:
        """Of all that decides what a place means; another one is noted with another declaration."""
        paging = self._table.paging or self._declaration.paging
        declared = self._table.model_dump(include={"path", "records", "cursor", "cursor_parameter", "parameters"})
        return digest([self._declaration.location, paging.model_dump(), declared])

    def _require_columns(self, rows: list[dict[str, Any]]) -> None:
        found = list(dict.fromkeys(key for row in rows for key in row))
        needed = {*self._table.key, self._table.cursor}
        if self._table.omits_empty:
            found += [column for column in self._table.columns if column not in needed and column not in found]
        is_whole = set(self._table.columns) <= set(found)
        sample = None if is_whole else as_table(rows, [], str)  # its values tell what a column is called now
        require_columns(self._declaration, self._name, found, self._table.path, sample)

    def _explained(self, trouble: Trouble | SourceError) -> SourceError:
        if isinstance(trouble, SourceError):
            return trouble
        return trouble.of(self._declaration, self._name, self._table.path)


class _PlaceGone(Exception):
    """The place where an earlier pull broke off no longer stands."""
