"""How fast a source may be asked, and how long it is waited for: declared rate, Retry-After, quota headers, backoff.

Times are measured with the monotonic clock. Only dates that a server sends are compared with the wall clock.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from orchestration.raw.declaration.rest import RateLimit

ATTEMPTS = 3  # a hiccup is ridden out here; anything longer is for the run's own retry
LONGEST_WAIT_S = 120  # a server that asks for more has the pull broken off; the next one goes on from there
MOST_WAITING_S = 900  # of one pull, all of a server's requests to wait together
_MOST_WAITS = 10  # requests to wait in a row, for one and the same page
_BACKOFF_S, _BACKOFF_FACTOR = 0.3, 4

_EPOCH_FROM = 1_000_000_000  # X-RateLimit-Reset is sent as seconds to wait by some, as a moment since 1970 by others
_QUOTA_ITEM = re.compile(r"(?:^|[;,\s])(r|remaining|t|reset)\s*=\s*(\d+)")

now_s = time.monotonic
sleep = time.sleep


class Pace:
    """When the next request to a source may go out. One per source, shared by its tables."""

    def __init__(self, limit: RateLimit | None = None) -> None:
        self._limit = limit
        self._sent: deque[float] = deque(maxlen=limit.requests if limit else 1)
        self._not_before = 0.0
        self._waited_s = 0.0

    def take_turn(self) -> None:
        """Returns when a request may be sent, and counts it."""
        earliest = self._not_before
        if self._limit and len(self._sent) == self._limit.requests:
            earliest = max(earliest, self._sent[0] + self._limit.per.total_seconds())
        while (left := earliest - now_s()) > 0:
            sleep(left)
        self._sent.append(now_s())

    def heed_quota(self, headers: Mapping[str, str]) -> None:
        """An answer that says its quota is used up delays the next request, if that is within reason."""
        remaining, reset_s = _quota(headers)
        if remaining == 0 and reset_s and self._may_wait(reset_s):
            self._waited_s += reset_s
            self._not_before = now_s() + reset_s

    def wait_as_asked(self, headers: Mapping[str, str], waits: int) -> bool:
        """Waits as long as Retry-After (RFC 9110, 10.2.3) asks. False: it asks for nothing, or for too much."""
        asked_s = retry_after_s(headers)
        if asked_s is None or waits >= _MOST_WAITS or not self._may_wait(asked_s):
            return False
        self._waited_s += asked_s
        sleep(asked_s)
        return True

    def _may_wait(self, seconds: float) -> bool:
        return seconds <= LONGEST_WAIT_S and self._waited_s + seconds <= MOST_WAITING_S


def back_off(attempt: int) -> None:
    """Waits after the given failed attempt, longer each time."""
    sleep(_BACKOFF_S * _BACKOFF_FACTOR ** (attempt - 1))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds that Retry-After asks to wait, which it may give as a date; None without it, or if unreadable."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def is_out_of_quota(headers: Mapping[str, str]) -> bool:
    """Whether a refusal is about quantity: some answer 403 where 429 is meant."""
    return "Retry-After" in headers or _quota(headers)[0] == 0


def _quota(headers: Mapping[str, str]) -> tuple[int | None, float | None]:
    """Requests left and seconds until there are more: RateLimit and RateLimit-* (IETF drafts), X-RateLimit-*."""
    told = dict(_QUOTA_ITEM.findall(headers.get("RateLimit", "")))
    remaining = told.get("r", told.get("remaining"))
    reset = told.get("t", told.get("reset"))
    for prefix in ("RateLimit", "X-RateLimit", "X-Rate-Limit"):
        remaining = remaining or headers.get(f"{prefix}-Remaining")
        reset = reset or headers.get(f"{prefix}-Reset")
    seconds = float(reset) if reset and re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", reset.strip()) else None
    if seconds and seconds > _EPOCH_FROM:
        seconds -= time.time()
    left = int(remaining) if remaining and re.fullmatch(r"[0-9]{1,9}", remaining.strip()) else None
    return left, seconds
