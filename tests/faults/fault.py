"""What a fault is: where it strikes, what is done, and what must come of it."""

from dataclasses import dataclass

SAME = "same tables"


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        name: the case's id in the tests.
        where: the stage or part that it strikes.
        done: what is done.
        line: regular expression for the one line the run must say; None when it needs no person.
        outcome: what comes of it, for the page.
    """

    name: str
    where: str
    done: str
    line: str | None = None
    outcome: str = SAME
