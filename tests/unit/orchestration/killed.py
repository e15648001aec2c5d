"""A process that ends at the n-th change of the disk, whichever function makes it."""

import itertools
from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """The process ends here."""


def killing_at(at: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Wraps functions that share one count: the `at`-th call of any of them raises Killed instead."""
    count = itertools.count()

    def killing(real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            if next(count) == at:
                raise Killed
            return real(*arguments, **named)

        return counted

    return killing
