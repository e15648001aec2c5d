"""Chinese names: from characters and the ways to spell them in Latin letters to pinyin in one form."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from .nicknames import ROOTS
from .surnames import (
    COMPOUND_READINGS,
    COMPOUND_SURNAMES,
    EVERYDAY_READINGS,
    ROMANISED,
    SURNAME_READINGS,
    SURNAMES,
    WADE_GILES,
)

if TYPE_CHECKING:
    from opencc_purepy import OpenCC

# With the rare ones: the simplified form of a common character may be one of them.
HANZI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]")

# Other ways to write a sound in a passport or on a form.
_SAME_SOUND = ((re.compile(r"^([ln])(?:yu|v|ü)"), r"\1u"),)

_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ueng|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|er|a|e|i|o|u)"
)
# A syllable as Wade-Giles and Cantonese write it; many a short English word looks the same.
_ROMAN_SYLLABLE = re.compile(r"(?:hs|ts|tz|sz|ss|ch|sh|kw|gw|[bpmfdtnlgkhjrwysz])?[aeiou]{1,3}(?:ng|[nmkpthr])?")
_PINYIN = re.compile(rf"(?:{_SYLLABLE}){{1,3}}")


_LOADING = Lock()  # while the environment is another one


@cache
def _to_simplified() -> OpenCC:
    from opencc_purepy import OpenCC  # only tables with Chinese names pay for it

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters turned into simplified ones."""
    return _to_simplified().convert(text)


def one_sound(latin: str) -> str:
    """Lower-case pinyin with the spellings of u-umlaut made one (lü, lv, lyu give lu)."""
    for pattern, plain in _SAME_SOUND:
        latin = pattern.sub(plain, latin)
    return latin


def get_ready() -> None:
    """Load the dictionary of sounds, which takes a while: another thread may do so before it is asked."""
    _lazy_pinyin()


@cache
def _lazy_pinyin() -> Callable[[str], list[str]]:
    with _LOADING:
        return _load_lazy_pinyin()


def _load_lazy_pinyin() -> Callable[[str], list[str]]:
    # Its dictionary of words takes longest to load, and single characters are not looked up there.
    before = os.environ.get("PYPINYIN_NO_PHRASES")
    os.environ["PYPINYIN_NO_PHRASES"] = "true"
    try:
        from pypinyin import lazy_pinyin
    finally:
        if before is None:
            del os.environ["PYPINYIN_NO_PHRASES"]
        else:
            os.environ["PYPINYIN_NO_PHRASES"] = before
    return lazy_pinyin


@cache
def reading(character: str) -> str:
    """Pinyin of one character without tone, in the reading of everyday words."""
    return one_sound("".join(_lazy_pinyin()(character)).lower())


@lru_cache(maxsize=300_000)
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


@lru_cache(maxsize=300_000)
def pinyin(word: str) -> str | None:
    """A Latin word in one spelling of its sound where it could be one to three pinyin syllables, else None."""
    sound = one_sound(word)
    return sound if _PINYIN.fullmatch(sound) else None


def latin_name(words: Sequence[str]) -> tuple[str, str] | None:
    """(given, family) in pinyin of a Chinese name in Latin letters, in either order; None for any other name.

    Pinyin counts where one end is a family name; Wade-Giles and Cantonese where the family name can be nothing else
    and the rest looks as Chinese given names are written (Hsieh Mei-ling, Cheung Tai Man; not Ken Cheung).
    """
    if len(words) < 2:
        return None
    sounds = []
    for word in words:
        sound = pinyin(word)
        if sound is None:
            return _romanised(words)
        sounds.append(sound)
    if len(sounds) > 2:
        sounds = _compound_joined(sounds)
    first, last = RANK.get(sounds[0]), RANK.get(sounds[-1])
    if first is None and last is None:
        return _romanised(words)
    # Both could be the family name: the commoner one is, whatever the order, so that both orders agree.
    family_first = last is None or (first is not None and (first, sounds[0]) <= (last, sounds[-1]))
    family, given = (sounds[0], sounds[1:]) if family_first else (sounds[-1], sounds[:-1])
    return "".join(given), family


def _compound_joined(sounds: list[str]) -> list[str]:
    """Ou Yang Nana is Ouyang Nana: a family name of two characters in one piece, whichever end it stands at."""
    if sounds[0] + sounds[1] in COMPOUND_READINGS:
        return [sounds[0] + sounds[1], *sounds[2:]]
    if sounds[-2] + sounds[-1] in COMPOUND_READINGS:
        return [*sounds[:-2], sounds[-2] + sounds[-1]]
    return sounds


def _romanised(words: Sequence[str]) -> tuple[str, str] | None:
    for family, given in ((words[0], words[1:]), (words[-1], words[:-1])):
        if family not in ROMANISED or any(word in ROOTS for word in given):
            continue
        two_syllables = len(given) > 1 and all(map(_ROMAN_SYLLABLE.fullmatch, given))
        one_word = len(given) == 1 and len(given[0]) > 3 and _PINYIN.fullmatch(given[0])
        if two_syllables or one_word:
            return "".join(WADE_GILES.get(word, word) for word in given), ROMANISED[family]
    return None
