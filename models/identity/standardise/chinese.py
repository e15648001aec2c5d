"""Chinese names: from characters and the ways to spell them in Latin letters to pinyin in one form."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from .surnames import COMPOUND_READINGS, COMPOUND_SURNAMES, EVERYDAY_READINGS, SURNAME_READINGS, SURNAMES

if TYPE_CHECKING:
    from opencc_purepy import OpenCC

HANZI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")

# Other ways to write a sound in a passport or on a form.
_SAME_SOUND = ((re.compile(r"^([ln])(?:yu|v|ü)"), r"\1u"),)

_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ueng|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|er|a|e|i|o|u)"
)
_PINYIN = re.compile(rf"(?:{_SYLLABLE}){{1,3}}")


@cache
def _to_simplified() -> OpenCC:
    from opencc_purepy import OpenCC  # only tables with Chinese names pay for it

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters turned into simplified ones."""
    return _to_simplified().convert(text)


@lru_cache(maxsize=100_000)
def one_sound(latin: str) -> str:
    """Lower-case pinyin with the spellings of u-umlaut made one (lü, lv, lyu give lu)."""
    for pattern, plain in _SAME_SOUND:
        latin = pattern.sub(plain, latin)
    return latin


@cache
def reading(character: str) -> str:
    """Pinyin of one character without tone, in the reading of everyday words."""
    from pypinyin import lazy_pinyin

    return one_sound("".join(lazy_pinyin(character)).lower())


def read_given(text: str) -> str:
    """Pinyin of a given name, written as one word."""
    return "".join(reading(character) for character in text)


def read_family(text: str) -> str:
    """Pinyin of a family name, in its reading as a family name."""
    return _READING.get(text) or read_given(text)


_READING = dict(zip((*SURNAMES, *COMPOUND_SURNAMES), (*SURNAME_READINGS, *COMPOUND_READINGS), strict=True))
RANK: dict[str, int] = {}
for _reading in (*SURNAME_READINGS, *COMPOUND_READINGS):
    RANK.setdefault(_reading, len(RANK))
for _name, _everyday in EVERYDAY_READINGS.items():
    RANK.setdefault(_everyday, RANK[_READING[_name]])


def split_hanzi(text: str) -> tuple[str, str]:
    """(family, given) of a full name in characters; either order is understood where it is plain.

    Family name first is the rule. A first character that is no family name before a last one that is
    was written the other way round; two characters without any family name are a given name alone.
    """
    if text[:2] in COMPOUND_SURNAMES and len(text) > 2:
        return text[:2], text[2:]
    if len(text) < 2:
        return "", text
    if text[0] not in SURNAMES and text[-1] in SURNAMES:
        return text[-1], text[:-1]
    if len(text) == 2 and text[0] not in SURNAMES:
        return "", text
    return text[0], text[1:]


@lru_cache(maxsize=100_000)
def is_pinyin(token: str) -> bool:
    """Whether a Latin word could be one to three pinyin syllables."""
    return _PINYIN.fullmatch(token) is not None
