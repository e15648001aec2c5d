"""Which rows of an endpoint are new, and what is noted for the next pull: the cursor, and where a pull broke off.

A window is one pass over the list from the last cursor on. It may take several pulls; the cursor moves on once it is
complete. The notes live in dlt's state of the resource, and are kept only if the rows of the same pull landed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from orchestration.raw.rest.answer import as_text, digest
from orchestration.raw.rest.position import Kind, Position, is_ahead, position

_MOST_DIGESTS = 20_000  # beyond it rows land again, which staging undoes
_DIGEST_LENGTH = 20


class Window:
    """One pass over an endpoint's list.

    Args:
        column: the cursor's column.
        state: dlt's state of the resource; read at the start, written by `note` and `complete`.
    """

    def __init__(self, column: str, state: dict[str, Any]) -> None:
        self._column, self._state = column, state
        self._now = datetime.now(UTC)
        self._start = position(state.get("cursor"))
        self._known = set(state.get("seen", []))
        self._begin(state.get("window") or {})

    @property
    def since(self) -> str | None:
        """The last complete window's cursor, as the source wrote it."""
        return self._state.get("cursor")

    @property
    def noted(self) -> dict[str, Any]:
        """Where an earlier pull broke off: what `note` was given; empty if it did not."""
        return dict((self._state.get("window") or {}).get("place") or {})

    def new_rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows that did not land in an earlier window. Rows whose cursor can't be read are new once."""
        positions = [position(row.get(self._column)) for row in rows]
        self._kind = self._kind or _most_common(positions)
        return [row for row, place in zip(rows, positions, strict=True) if self._is_new(row, place)]

    def note(self, place: dict[str, Any]) -> None:
        """Writes down where to go on; what was read up to there is about to land."""
        self._state["window"] = {"place": place, "highest": self._highest_text, "seen": _bounded(self._seen)}

    def restart(self) -> None:
        """Forgets what an earlier pull read of this window: the list is read from its start again."""
        self._known |= set((self._state.pop("window", None) or {}).get("seen", []))
        self._state["seen"] = _bounded(self._known)  # those rows have landed
        self._begin({})

    def complete(self) -> None:
        """Moves the cursor to the highest value of the window, with the rows that a next window would bring again."""
        if self._highest_text is not None:
            self._state["cursor"] = self._highest_text
        self._state["seen"] = _bounded(self._seen)
        self._state.pop("window", None)

    def _begin(self, noted: dict[str, Any]) -> None:
        self._highest_text: str | None = noted.get("highest", self.since)
        self._highest = position(self._highest_text)
        self._kind: Kind | None = self._highest.kind if self._highest else None
        self._seen = dict.fromkeys(noted.get("seen", self._known))

    def _is_new(self, row: dict[str, Any], place: Position | None) -> bool:
        if place is None or place.kind != self._kind or is_ahead(place, self._now):
            return self._remember(row)
        if self._start and self._start.kind == place.kind and place.is_before(self._start):
            return False
        if self._highest is None or self._highest.is_before(place):
            self._highest, self._highest_text = place, as_text(row[self._column])
            self._seen = {known: None for known in self._seen if known.startswith("-")}
        if self._highest.is_before(place) or place.is_before(self._highest):
            return True
        return self._remember(row, "=")

    def _remember(self, row: dict[str, Any], mark: str = "-") -> bool:
        """Notes a row that the next window will bring again: "=" at the cursor, "-" without a usable one."""
        known = mark + digest(row)[:_DIGEST_LENGTH]
        self._seen[known] = None
        return known not in self._known


def _bounded(digests: Iterable[str]) -> list[str]:
    return sorted(digests, reverse=True)[:_MOST_DIGESTS]  # those at the cursor first


def _most_common(positions: list[Position | None]) -> Kind | None:
    kinds = [place.kind for place in positions if place]
    return max(sorted(set(kinds)), key=kinds.count) if kinds else None
