"""E-mail, phone, address and birth date as comparable text; '' never means anything, None does."""

from __future__ import annotations

import re
from datetime import date, datetime

import pandas as pd

from .names import plain

# What systems write when nobody told them. A date shared by thousands identifies nobody.
DEFAULT_BIRTH_DATES = {"1900-01-01", "1901-01-01", "1970-01-01", "1111-11-11", "2000-01-01"}

_STREET_TYPES = {
    "street": "st", "avenue": "ave", "road": "rd", "lane": "ln", "drive": "dr", "court": "ct", "place": "pl",
    "boulevard": "blvd", "square": "sq", "terrace": "ter", "highway": "hwy",
}  # fmt: skip


def email(text: str | None) -> str | None:
    """Lower case, full width made half, blanks gone; None unless it has one @ with text on both sides."""
    address = plain(text).replace(" ", "").strip("<>.,;")
    mailbox, at, domain = address.partition("@")
    return address if at and mailbox and domain and "@" not in domain else None


def mailbox_letters(address: str | None) -> str | None:
    """The letters before the @, and no digits or dots: a name more often than not; None under six.

    jane.newton@work and janenewton69@home give the same.
    """
    letters = re.sub(r"[^a-z]", "", str(address or "").partition("@")[0])
    return letters if len(letters) >= 6 else None


def phone(text: str | None) -> str | None:
    """The last ten digits, extension cut off; None under seven digits or all digits alike."""
    folded = re.split(r"ext|x(?=\d)|#", plain(text))[0]
    digits = re.sub(r"\D", "", folded)
    digits = digits[-10:]
    return digits if len(digits) >= 7 and len(set(digits)) > 1 else None


def street(text: str | None) -> str | None:
    """Lower-case words with the street type in its short form."""
    words = re.sub(r"[^\w ]+", " ", plain(text)).split()
    return " ".join(_STREET_TYPES.get(word, word) for word in words) or None


def postcode(text: str | None) -> str | None:
    """Letters and digits only, upper case."""
    return re.sub(r"[^0-9a-z]", "", plain(text)).upper() or None


def birth_date(value: object) -> str | None:
    """ISO text of a date; None when missing, impossible, or a default such as 1900-01-01."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, datetime | date):
        iso = value.strftime("%Y-%m-%d") if value.year >= 1000 else ""
    else:
        iso = _parsed(plain(str(value)))
    return iso if iso and iso not in DEFAULT_BIRTH_DATES and iso[:2] in ("19", "20") else None


def _parsed(text: str) -> str:
    """ISO text of yyyy-mm-dd (also with / or .) or mm/dd/yyyy; '' when it is neither."""
    year_first = re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    year_last = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text)
    if year_first:
        year, month, day = map(int, year_first.groups())
    elif year_last:
        month, day, year = map(int, year_last.groups())
        if month > 12:
            month, day = day, month
    else:
        return ""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
