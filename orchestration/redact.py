"""What a library said of an error, without what somebody's row said."""

from __future__ import annotations

import re

_LONGEST = 300
_VALUES = re.compile(
    r"'[^']*'"  # values are quoted one way or the other,
    r'|"[^"]*"'
    r"|[^\s@,;]+@[^\s@,;]+"  # or look like an address
    r"|\d[\d\s().+-]{5,}\d"  # or like a phone or card number
)


def without_values(text: str) -> str:
    """`text` in one line of at most 300 characters, with everything that may be a value replaced by …"""
    return " ".join(_VALUES.sub("…", text).split())[:_LONGEST]
