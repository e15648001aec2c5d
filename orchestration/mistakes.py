"""What a person who starts something may have got wrong, each told in one line: no trace for it.

Belongs here: which errors those are, and reading a date. The lines are written where the mistakes are found.
"""

from __future__ import annotations

import argparse
from datetime import date

from orchestration.dbt import DbtFailure
from orchestration.identity.declaration import IdentityError
from orchestration.intelligence.segments_declaration import SegmentsError
from orchestration.raw.declaration import DeclarationError
from orchestration.serving.declaration import ServingError
from orchestration.validated.rules import RuleError
from orchestration.validated.watch_declaration import WatchError
from orchestration.variables import VariablesError


class SelectionError(Exception):
    """The assets that were asked for can't be found."""


# In the project's own files, found before the first step; and in what was asked for.
MISTAKES = (
    DeclarationError,
    IdentityError,
    RuleError,
    SegmentsError,
    SelectionError,
    ServingError,
    VariablesError,
    WatchError,
    DbtFailure,
)


def day(text: str) -> date | None:
    """A date as a command takes it; None where none was given.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date. Remedy: YYYY-MM-DD, such as 2017-04-01") from None
