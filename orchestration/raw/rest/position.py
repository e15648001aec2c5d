"""Cursors compared by what they mean: times in any zone, numbers in any writing, other text as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["time", "number", "text"]

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_AHEAD = timedelta(days=1)  # clocks and time zones differ by no more


@dataclass(frozen=True)
class Position:
    """A cursor's value. Only positions of one kind can be compared."""

    kind: Kind
    value: Decimal | datetime | str

    def is_before(self, other: Position) -> bool:
        """Whether it is less; both are of one kind."""
        return self.value < other.value  # type: ignore[operator]


def position(value: Any) -> Position | None:
    """What a cursor's value means; None if it means nothing: null, empty, true, a list, an object."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(getattr(value, "text", value)).strip()
    if not text:
        return None
    if not isinstance(value, str) or _NUMBER.fullmatch(text):
        try:
            number = Decimal(text)
        except ArithmeticError:
            return None
        return Position("number", number) if number.is_finite() else None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Position("time", moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return Position("text", text)


def is_ahead(place: Position, now: datetime) -> bool:
    """Whether a time lies in the future. A mistyped year must not become the cursor: nothing would come after it."""
    return isinstance(place.value, datetime) and place.value > now + _AHEAD
