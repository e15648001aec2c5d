"""National identity, tax and insurance numbers in text, by pattern and checksum; without a checksum, by keyword.

Sources: GB 11643-1999 (China, resident identity number); Social Security Administration, "Social Security number
randomization" and POMS RM 10201 (United States); HMRC manual NIM39110 (United Kingdom); Ministerio del Interior
(Spain, DNI and NIE); Agenzia delle Entrate, codice fiscale with omocodia (Italy); INSEE, numéro d'inscription au
répertoire (France); Rijksdienst voor Identiteitsgegevens (Netherlands, BSN); Receita Federal (Brazil, CPF); UIDAI
(India, Aadhaar). The fifteen-digit Chinese number that ended in 1999 has no checksum and is not searched for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from models.privacy import checksums

_BEGIN, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_GAP = "[ .-]{0,4}"
_FILLER = r"(?:[^0-9.!?。！？;；]|n[ro]?\.|núm\.){0,30}?"
# First two digits of a Chinese region, GB/T 2260: 11 Beijing to 65 Xinjiang, 71, 81 to 83, and 91 for abroad.
_REGIONS = frozenset(
    str(region)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for region in range(first, last + 1)
)


_AADHAAR = "aadhaar|aadhar|uidai|आधार"
_SSN = r"\bssn|social security|社会安全号|社安号|seguro social"
_CPF = r"\bcpf"
_BSN = r"\bbsn|burgerservice|sofi-?num"
KEYWORDS = f"{_AADHAAR}|{_SSN}|{_CPF}|{_BSN}"


class Pattern(NamedTuple):
    """How a number is written (the group `number`) and whether its bare characters are one."""

    written: re.Pattern[str]
    holds: Callable[[str], bool]


def _pattern(number: str, holds: Callable[[str], bool], before: str = _BEGIN) -> Pattern:
    return Pattern(re.compile(f"{before}(?P<number>{number}){_END}", re.IGNORECASE), holds)


def _after(keyword: str) -> str:
    return f"(?:{keyword}){_FILLER}{_BEGIN}"


def _digits(count: int) -> str:
    return _GAP.join(["[0-9]"] * count)


def is_resident_identity(characters: str) -> bool:
    """China: a region, a date since 1800, and ISO 7064 mod 11-2."""
    year, month, day = int(characters[6:10]), int(characters[10:12]), int(characters[12:14])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return characters[:2] in _REGIONS and year >= 1800 and checksums.resident_identity(characters)


def is_ssn(digits: str) -> bool:
    """United States: area not 000, 666 or 900 and more, group not 00, serial not 0000; there is no checksum."""
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def is_nino(characters: str) -> bool:
    """United Kingdom: letters and pairs of letters that are never given out as a prefix."""
    first, second = characters[:2]
    unused = characters[:2] in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
    return not unused and first not in "DFIQUV" and second not in "DFIQUVO"


def is_codice_fiscale(characters: str) -> bool:
    """Italy: the day is 1 to 31, 40 more for women (letters may stand for digits: omocodia), and the last letter."""
    day = characters[9:11].translate(str.maketrans("LMNPQRSTUV", "0123456789"))
    return int(day) % 40 in range(1, 32) and int(day) < 72 and checksums.codice_fiscale(characters)


def is_nir(characters: str) -> bool:
    """France: a month (also the pseudo-months 20 to 42 and 50 to 99) and the key."""
    month = int(characters[3:5])
    return (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and checksums.nir(characters)


def is_aadhaar(digits: str) -> bool:
    """India: never begins with 0 or 1; Verhoeff."""
    return digits[0] not in "01" and checksums.verhoeff(digits)


def _of_a_digit(count: int) -> str:
    return _GAP.join(["[0-9LMNPQRSTUV]"] * count)


_NUMBER = r"[0-9]{3}(?P<gap>[ .-])[0-9]{2}(?P=gap)[0-9]{4}"
PATTERNS = (
    _pattern(_GAP.join([_digits(17), "[0-9X]"]), is_resident_identity),
    _pattern(
        _GAP.join(
            ["[A-Z]"] * 6 + [_of_a_digit(2), "[ABCDEHLMPRST]", _of_a_digit(2), "[A-Z]", _of_a_digit(3), "[A-Z]"]
        ),
        is_codice_fiscale,
    ),
    _pattern(_GAP.join(["[1-478]", _digits(4), "[0-9]", "[0-9AB]", _digits(8)]), is_nir),
    _pattern(
        r"[2-9][0-9]{3}(?P<gap>[ -]{1,3})[0-9]{4}(?P=gap)[0-9]{4}(?![ -]{1,3}[0-9])",
        is_aadhaar,
        before=r"(?<![0-9A-Za-z])(?<![0-9][ -])",
    ),
    _pattern(_digits(12), is_aadhaar, before=_after(_AADHAAR)),
    _pattern(_NUMBER, is_ssn, before=r"(?<![0-9A-Za-z])(?<![0-9][ .-])"),
    _pattern(_digits(9), is_ssn, before=_after(_SSN)),
    _pattern(r"[A-Z]{2}[ .-]{0,2}(?:[0-9]{2}[ .-]{0,2}){3}[A-D]", is_nino),
    _pattern(r"(?:[XYZ][ .-]?)?[0-9]{7,8}[ .-]?[A-Z]|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}[ .-]?[A-Z]", lambda text: (
        len(text) == 9 and checksums.dni(text)
    )),
    _pattern(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", checksums.cpf),
    _pattern(_digits(11), checksums.cpf, before=_after(_CPF)),
    _pattern(_digits(9), checksums.bsn, before=_after(_BSN)),
)  # fmt: skip


def find_national_ids(text: str) -> Iterator[tuple[int, int]]:
    """Where national identity numbers stand in a searchable text."""
    for pattern in PATTERNS:
        for found in pattern.written.finditer(text):
            bare = re.sub("[ .-]", "", found["number"]).upper()
            if pattern.holds(bare):
                yield found.span("number")
