"""Whether a phone number can exist: libphonenumber's plans, and how a record's context names the country.

Writing numbers in one form for matching is not done here: see models/identity/standardise.
"""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers

# Country names as systems write them, in lower case, for those that are no ISO code by themselves.
_REGIONS = {
    "united states": "US",
    "united states of america": "US",
    "usa": "US",
    "us": "US",
    "china": "CN",
    "people's republic of china": "CN",
    "prc": "CN",
    "cn": "CN",
    "中国": "CN",
    "美国": "US",
    "united kingdom": "GB",
    "uk": "GB",
    "germany": "DE",
    "france": "FR",
    "canada": "CA",
}
_REGION_OF_LANGUAGE = {"zh": "CN"}  # of one country in the main; English or Spanish name none
_REMEMBERED = 1_000_000  # answers; some 200 MB
_LONGEST = 60  # a phone number with all its ornaments; longer text is something else


def region_of(country: str, language: str, default: str) -> str:
    """The country, as ISO 3166 code, whose plan holds for a number without one of its own.

    Args:
        country: of the record: a name or a code, or empty.
        language: language or locale such as zh-CN, or empty; a locale's country counts before its language.
        default: code to fall back to.
    """
    country = country.strip()
    if known := _REGIONS.get(country.lower()):
        return known
    if len(country) == 2 and country.upper() in phonenumbers.SUPPORTED_REGIONS:
        return country.upper()
    spoken, _, place = language.strip().replace("_", "-").partition("-")
    place = place.rpartition("-")[2].upper()
    if place in phonenumbers.SUPPORTED_REGIONS:
        return place
    return _REGION_OF_LANGUAGE.get(spoken.lower(), default)


def is_valid(phone: str | None, country: str, language: str, default: str) -> bool | None:
    """False where the number can't exist; None without a number.

    Numbers set aside for fiction (555-01xx) count as possible: a plan has room for them, and test data uses them.
    """
    if phone is None or not phone.strip():
        return None
    if len(phone) > _LONGEST:
        return False
    try:
        number = phonenumbers.parse(phone, region_of(country, language, default))
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) or (
        number.country_code == 1 and str(number.national_number)[3:8] == "55501" and _has_plan(number)
    )


def _has_plan(number: phonenumbers.PhoneNumber) -> bool:
    return phonenumbers.is_possible_number(number)


def are_valid(rows: Iterable[tuple[str | None, str, str, str]], known: dict[tuple, bool | None]) -> list[bool | None]:
    """`is_valid` of many rows of (phone, country, language, default), each distinct one worked out once.

    Args:
        rows: the arguments of `is_valid`.
        known: answers so far; grows by the new ones.
    """
    answers = []
    for row in rows:
        if row not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[row] = is_valid(*row)
        answers.append(known[row])
    return answers
