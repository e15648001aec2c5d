"""International bank account numbers (IBAN) in text: the country's length and mod 97.

Lengths by country: SWIFT, IBAN Registry (ISO 13616), release 99.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.privacy import checksums

_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV", 29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC",
        32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
COUNTRIES = tuple(sorted(_LENGTHS))
_HEAD = re.compile(r"(?<![0-9A-Za-z])(?:IBAN)?([A-Z]{2}[0-9]{2})", re.IGNORECASE)
_FEWEST_DIGITS = 8  # of a spaced text of words, one in 97 would pass
_NEXT = re.compile(r"[ .-]{0,4}([0-9A-Za-z])", re.ASCII)


def is_iban(characters: str) -> bool:
    """Whether these characters, in upper case and without blanks, are a valid IBAN."""
    return len(characters) == _LENGTHS.get(characters[:2]) and checksums.iban(characters)


def find_ibans(text: str) -> Iterator[tuple[int, int]]:
    """Where IBANs stand in a searchable text, in whatever groups they are written."""
    for head in _HEAD.finditer(text):
        characters = head[1].upper()
        length, end = _LENGTHS.get(characters[:2], 0), head.end()
        while len(characters) < length and (following := _NEXT.match(text, end)):
            characters += following[1].upper()
            end = following.end()
        has_digits = sum(character.isdigit() for character in characters) >= _FEWEST_DIGITS
        if has_digits and is_iban(characters) and not re.match("[0-9A-Za-z]", text[end : end + 1]):
            yield head.start(1), end
