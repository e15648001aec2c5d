"""From a name as somebody typed it to parts that can be compared.

Which of two words is the given name is often unknown (one field, either order, swapped fields), so
the parts carry a guess, and what compares them also looks at the swapped order.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from .chinese import HANZI, RANK, is_pinyin, one_sound, read_family, read_given, simplified, split_hanzi
from .nicknames import ROOTS, roots

_TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam", "jr", "sr", "ii", "iii", "mx"}
_CHINESE_TITLES = re.compile(r"(先生|女士|小姐|太太|老师)$")
# Letters that Unicode does not take apart into letter and accent.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


@dataclass(frozen=True)
class Name:
    """given and family in lower-case ASCII without blanks ('' unknown); hanzi simplified or ''.

    A given name of one letter is an initial. is_declared: the source itself said which part is which.
    """

    given: str = ""
    family: str = ""
    hanzi: str = ""
    is_declared: bool = False
    is_pinyin: bool = False


def plain(text: str | None) -> str:
    """NFKC (full width to half width), lower case, accents off, runs of blanks made one."""
    if not text:
        return ""
    folded = unicodedata.normalize("NFKC", str(text)).casefold().translate(_LETTERS)
    folded = unicodedata.normalize("NFKD", folded)
    return " ".join("".join(sign for sign in folded if not unicodedata.combining(sign)).split())


def _words(text: str) -> list[str]:
    """Words of letters only: apostrophes and hyphens close up, digits and signs part words."""
    closed = re.sub(r"['’`´\-]", "", text)
    return [word for word in re.sub(r"[^a-z]+", " ", closed).split() if word not in _TITLES]


def _hanzi_name(family: str, given: str) -> Name:
    return Name(read_given(given), read_family(family) if family else "", family + given)


def _pinyin_order(words: list[str]) -> tuple[str, str] | None:
    """(given, family) when the words are a pinyin name, else None."""
    words = [one_sound(word) for word in words]
    if len(words) < 2 or not all(is_pinyin(word) for word in words):
        return None
    first, last = RANK.get(words[0]), RANK.get(words[-1])
    if first is None and last is None:
        return None
    # Both could be the family name: the commoner one is, whatever the order, so that both orders agree.
    family_first = last is None or (first is not None and (first, words[0]) <= (last, words[-1]))
    family, given = (words[0], words[1:]) if family_first else (words[-1], words[:-1])
    return "".join(given), family


def _order(given: list[str], family: list[str], declared: bool) -> Name:
    """Latin parts in the order they were given; a pinyin name in the order its family name shows."""
    pinyin = _pinyin_order([*family, *given])
    if pinyin is not None:
        return Name(*pinyin, is_pinyin=True)
    return Name("".join(given[:1]), "".join(family), is_declared=declared)


@lru_cache(maxsize=500_000)
def parse(full: str, given: str, family: str) -> Name:
    """Name from a full name, or from two fields; all already `plain`. Unknown parts are ''."""
    if given or family:
        if HANZI.search(given + family):
            return _hanzi_fields(given, family)
        if not given or not family:
            # One part alone; a full name that ended up in one of the two fields is taken apart.
            alone = parse(given or family, "", "")
            only_family = family and not alone.family
            return Name(family=alone.given, is_declared=True) if only_family else alone
        return _order(_words(given), _words(family), declared=True)
    if HANZI.search(full):
        text = _CHINESE_TITLES.sub("", simplified("".join(HANZI.findall(full))))
        return _hanzi_name(*split_hanzi(text)) if text else Name()
    if "," in full:
        before, _, after = full.partition(",")
        if _words(before) and _words(after):
            return _order(_words(after), _words(before), declared=True)
    words = _words(full)
    if len(words) < 2:
        return Name(given=words[0]) if words else Name()
    return _order(words[:-1], words[-1:], declared=False)


def _hanzi_fields(given: str, family: str) -> Name:
    given, family = (simplified("".join(HANZI.findall(part))) for part in (given, family))
    if not given or not family:
        return _hanzi_name(*split_hanzi(given + family))
    other_way = split_hanzi(family + given)[0] != family and split_hanzi(given + family)[0] == given
    if other_way or len(family) > len(given) == 1:
        given, family = family, given
    return _hanzi_name(family, given)


def root(given: str) -> str:
    """One name to stand for a given name and its short forms where only one is meant, else itself."""
    found = ROOTS.get(given, frozenset({given}))
    return next(iter(found)) if len(found) == 1 else given


__all__ = ["Name", "parse", "plain", "root", "roots"]
