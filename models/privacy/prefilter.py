"""Which texts are worth a closer look: one pass of RE2 over a column that never misses what `detect` would find.

Belongs here: cheap patterns that hold for every written form of an identifier. Does not belong here: checksums.
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from models.privacy.accounts import COUNTRIES
from models.privacy.documents import KEYWORDS as DOCUMENT_KEYWORDS
from models.privacy.national_ids import KEYWORDS as NUMBER_KEYWORDS

SHORTEST_BYTES = 8  # the shortest number that is found without a keyword has nine characters

# What may stand between two characters of a number: blanks, dots, dashes, anything that is not ASCII, and blanks as
# JSON and HTML write them. Colons and slashes are left out: columns of times then need no closer look.
_BLANK = r"(?:\\+[nrtbf]|&nbsp;|&#160;|<br ?/?>|[\x00-\x20\x7f.\-\x{80}-\x{10FFFF}])"
_GAP = _BLANK + "{0,4}"
_NUMBERS = (
    f"[0-9](?:{_GAP}[0-9]){{11}}",  # cards and every number of twelve digits and more
    f"[0-9]{{3}}{_BLANK}[0-9]{{2}}{_BLANK}[0-9]{{4}}",  # SSN
    f"[0-9]{{3}}{_BLANK}[0-9]{{3}}{_BLANK}[0-9]{{3}}{_BLANK}[0-9]{{2}}",  # CPF
    f"[a-z]{{2}}{_GAP}(?:[0-9]{{2}}{_GAP}){{3}}[a-d]",  # NINO
    f"[0-9]{{7}}{_BLANK}?[a-z]",  # DNI and NIE
    f"\\.[0-9]{{3}}\\.[0-9]{{3}}{_BLANK}?[a-z]",
    f"(?:[0-9l-np-v]{_GAP}){{2}}[a-ehlmprst]{_GAP}(?:[0-9l-np-v]{_GAP}){{2}}[a-z]{_GAP}"
    f"(?:[0-9l-np-v]{_GAP}){{3}}[a-z]",  # codice fiscale
    rf"(?:^|[^0-9a-z]|\\[nrtbf]|iban)(?:{'|'.join(COUNTRIES)})[0-9]{{2}}(?:{_GAP}[0-9a-z]){{11}}",
    "(?-i:[0-9A-Z<]{9}[0-9][A-Z<]{3}[0-9]{2}[0-9<]{4}[0-9][MFX<][0-9]{7})",  # machine-readable lines
    "(?-i:[ACI][A-Z<]{4}[0-9A-Z<]{9}[0-9][0-9A-Z<]{15}(?:$|[^0-9A-Z<]))",
    f"[a-z9]{{5}}{_BLANK}?[0-9]{{6}}{_BLANK}?[a-z][a-z9][0-9][a-z]{{2}}",  # British driver number
    r"\\u[0-9a-f]{4}",
)


def worth_a_look(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """True where a text may hold an identifier; null where there is no text."""
    found = _matches(texts, _WRITTEN)
    foreign = pc.invert(pc.string_is_ascii(texts))
    if pc.any(foreign).as_py():
        # Elsewhere in the world digits and letters have other shapes: they are made plain first.
        of_those = pc.if_else(foreign, texts, None)
        plain = pc.utf8_normalize(of_those, "NFKC")
        for form in (plain, of_those):
            found = pc.or_(found, pc.fill_null(_matches(form, _foreign()), False))
    return found


def _matches(texts: pa.Array | pa.ChunkedArray, pattern: str) -> pa.Array | pa.ChunkedArray:
    return pc.match_substring_regex(texts, pattern, ignore_case=True)


def _keywords() -> str:
    """The keywords as they stand in the detectors, with every way to write the blank in them."""
    return f"(?:{DOCUMENT_KEYWORDS}|{NUMBER_KEYWORDS})".replace(" ?", " ").replace(" ", _GAP).replace(r"\b", "")


_WRITTEN = "|".join([*_NUMBERS, _keywords()])


@cache
def _foreign() -> str:
    """The same, and any digit of a script of its own."""
    digits = [code for code in range(128, sys.maxunicode) if unicodedata.category(chr(code)) == "Nd"]
    return "|".join([_WRITTEN, "[" + "".join(f"\\x{{{code:X}}}" for code in digits) + "]"])
