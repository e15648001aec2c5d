"""Passports and driving licences in text: machine-readable lines, numbers after a keyword, the British pattern.

Sources: ICAO Doc 9303 parts 4 to 6 (layout and check digits of TD1, TD2, TD3 documents and visas); DVLA leaflet
INS57P (British driver number). Most numbers have no checksum, so a keyword of one of ten languages must stand before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from models.privacy.checksums import machine_readable


class Document(NamedTuple):
    """A number and its place; `number` is bare where a whole line is replaced for the number in it."""

    kind: str
    start: int
    end: int
    number: str


_PASSPORT = (
    r"passport|reisepass|passnummer|passeport|pasaporte|passaporto|passaporte|paspoort"
    r"|паспорт|护照|護照|旅券|パスポート|여권"
)
_LICENCE = (
    r"driv(?:ing|er'?s?|ers’|er’s) ?licen[cs]e|\bdl ?(?:no|number|#)|führerschein|fuehrerschein|permis de conduire"
    r"|permiso de conduc|licencia de conduc|carnet de conducir|patente di guida|carta de condução|\bcnh\b|rijbewijs"
    r"|водительск|驾驶证|駕駛證|驾照|駕照|運転免許|운전면허"
)
KEYWORDS = f"{_PASSPORT}|{_LICENCE}"
_FILLER = r"(?:[^0-9.!?。！？;；]|n[ro]?\.|núm\.){0,40}?"
_VALUE = (
    r"(?<![0-9A-Za-z])(?=[A-Z]{0,5}[ -]?[0-9])"
    r"(?P<number>[A-Z]{0,3}[ -]?[0-9]{2,4}(?:[ -][0-9]{2,4}){1,3}|[0-9A-Z]+(?:-[0-9A-Z]+)*)"
    r"(?![0-9A-Za-z])"
)
_AFTER_KEYWORD = {
    "passport": (re.compile(f"(?:{_PASSPORT}){_FILLER}{_VALUE}", re.IGNORECASE), range(6, 11)),
    "driving_licence": (re.compile(f"(?:{_LICENCE}){_FILLER}{_VALUE}", re.IGNORECASE), range(5, 21)),
}
_DATE = re.compile(r"(?:19|20)[0-9]{2}[ -][01]?[0-9][ -][0-3]?[0-9]|[0-3]?[0-9][ -][01]?[0-9][ -](?:19|20)[0-9]{2}")
_FEWEST_DIGITS = 4

# British driver number: five of the family name (9 fills), decade, month (50 more for women), day, year, initials.
_DVLA = re.compile(
    r"(?<![0-9A-Za-z])(?P<number>(?=[A-Z])[A-Z]{1,5}9{0,4}(?<=[A-Z9]{5})[ -]?[0-9](?:[05][1-9]|[16][0-2])"
    r"(?:0[1-9]|[12][0-9]|3[01])[0-9][ -]?[A-Z][A-Z9][0-9][A-Z]{2})(?![A-Za-z])",
    re.IGNORECASE,
)

# The second line of a passport, visa or card of form TD2: number, country, birth, sex, expiry; the first of TD1.
_TWO_LINES = re.compile(
    r"(?<![0-9A-Z<])(?P<number>[0-9A-Z<]{9})(?P<check>[0-9])(?P<country>[A-Z<]{3})(?P<born>[0-9]{2}[0-9<]{4})(?P<born_check>[0-9])"
    r"[MFX<](?P<until>[0-9]{6})(?P<until_check>[0-9])(?:[0-9A-Z<]{16}|[0-9A-Z<]{8})(?![0-9A-Z<])"
)
_ONE_LINE = re.compile(
    r"(?<![0-9A-Z<])(?P<type>[ACI])[A-Z<][A-Z<]{3}(?P<number>[0-9A-Z<]{9})(?P<check>[0-9])[0-9A-Z<]{15}(?![0-9A-Z<])"
)


def find_documents(text: str) -> Iterator[Document]:
    """Passport and driving licence numbers in a searchable text."""
    for line in _TWO_LINES.finditer(text):
        parts = (("number", "check"), ("born", "born_check"), ("until", "until_check"))
        if all(machine_readable(line[part]) == int(line[check]) for part, check in parts):
            yield Document("passport", *line.span(), line["number"].replace("<", ""))
    for line in _ONE_LINE.finditer(text):
        if machine_readable(line["number"]) == int(line["check"]):
            yield Document("national_id", *line.span(), line["number"].replace("<", ""))
    for found in _DVLA.finditer(text):
        yield Document("driving_licence", *found.span("number"), found["number"])
    for kind, (pattern, lengths) in _AFTER_KEYWORD.items():
        for found in pattern.finditer(text):
            bare = re.sub("[ -]", "", found["number"])
            is_long_enough = len(bare) in lengths and sum(character.isdigit() for character in bare) >= _FEWEST_DIGITS
            if is_long_enough and not _DATE.fullmatch(found["number"]):
                yield Document(kind, *found.span("number"), found["number"])
