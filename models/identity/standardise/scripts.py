"""Letters of other scripts in Latin ones, so that a name can be compared at all. Chinese characters: see `chinese`."""

from __future__ import annotations

import unicodedata
from functools import cache

from .text import listed

_CYRILLIC = dict(
    zip(
        "абвгдежзиклмнопрстуфхцчшщъыьэюяёіїєґўјљњћџђ",
        listed("a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch  y  e yu ya e i i ie g u j lj nj c dz dj"),
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        listed("a v g d e z i th i k l m n x o p r s s t y f ch ps o"),
        strict=True,
    )
)
_LETTERS = _CYRILLIC | _GREEK


@cache
def _latin(sign: str) -> str:
    """Latin letters of one sign: by table, or by the sound in its name (HANGUL SYLLABLE GIM, KATAKANA LETTER TA)."""
    if sign.isascii() or not sign.isalpha():
        return sign
    if sign in _LETTERS:
        return _LETTERS[sign]
    sound = unicodedata.name(sign, "").rpartition(" ")[2].lower()
    return sound if sound.isascii() and sound.isalpha() else ""


def latin(text: str) -> str:
    """`plain` text with every letter of an alphabet or syllabary written in Latin letters, one spelling for each.

    Hangul is put together first: `plain` takes its syllables apart.
    """
    return "".join(map(_latin, unicodedata.normalize("NFC", text)))
