"""From a name as somebody typed it to parts that can be compared.

Which of two words is the given name is often unknown (one field, either order, swapped fields), so
the parts carry a guess, and what compares them also looks at the swapped order.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from .chinese import HANZI, latin_name, pinyin, read_family, read_given, simplified, split_hanzi
from .nicknames import ROOTS, roots
from .scripts import latin
from .surnames import COMPOUND_SURNAMES, ROMANISED, SURNAMES
from .text import all_but, each, is_nothing, listed, plain

_TITLES = frozenset(
    listed(
        "mr mrs ms miss mx dr prof professor sir madam dame rev reverend hon capt sgt herr frau mme mlle monsieur "
        "madame signor signora sra srta dott dipl"
    )
)
_SUFFIXES = frozenset(listed("jr sr ii iii iv phd md mba dds esq cpa bsc msc"))
# Words in front of a family name: those that belong to it close up with it, those of nobility are left out as people
# leave them out themselves.
_PARTICLES = frozenset(
    listed("van der den de del della di da dos das du le la los las el al bin ibn ben ter ten st mac mc af av y")
)
_IRISH = frozenset(
    listed(
        "brien bryan byrne callaghan carroll connell connor connors dea dell donnell donoghue donovan dowd driscoll "
        "flaherty flynn gorman grady halloran hara hare keefe keeffe kelly leary mahony malley mara meara neal neil "
        "neill reilly riordan rourke shaughnessy shea sullivan toole"
    )
)
_NOBLE = frozenset(["von", "zu", "vom", "zum", "zur"])
_MAIDEN = re.compile(r"[ ,(]+(?:nee|geb|geborene|formerly|fka|aka|vorm)\b.*$")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|(?<![^ ])[\"\u201c'][^\"\u201d']*[\"\u201d'](?![^ ])")
_CHINESE_TITLES = re.compile(r"(先生|女士|小姐|太太|老师|夫人|教授|医生|博士|经理|师傅|阿姨|叔叔|同学)$")
_CAMEL = re.compile(r"(?:[A-Z][a-z]+){2,4}")
# Names that name nobody, as `plain` writes them.
_NOBODY = frozenset(
    listed(
        "test|tester|test test|test user|user|guest|customer|anonymous|anonym|admin|administrator|no name|noname|"
        "nobody|first last|firstname lastname|given family|john q public|xxx|xx|asdf|qwerty|walk in|walk-in|"
        "cash customer|unbekannt|inconnu|desconocido|匿名|测试|用户",
        "|",
    )
)


class Name(NamedTuple):
    """given, middle and family in lower-case ASCII without blanks ('' unknown); hanzi simplified or ''.

    A name of one letter is an initial. is_declared: the source itself said which part is which.
    has_plain_order: the writing shows it (characters, pinyin).
    """

    given: str = ""
    middle: str = ""
    family: str = ""
    hanzi: str = ""
    is_declared: bool = False
    has_plain_order: bool = False


_NOBODY_KNOWN = Name()


def prepared(text: str) -> str | None:
    """`plain` text of a name field; WangXiaoMing comes as three words; None where it names nobody."""
    if _CAMEL.fullmatch(text):
        humps = re.findall(r"[A-Z][a-z]+", text)
        if all(pinyin(hump.lower()) for hump in humps):
            text = " ".join(humps)
    found = plain(text)
    return None if is_nothing(found) or found in _NOBODY else found


@lru_cache(maxsize=300_000)
def _words(text: str) -> tuple[str, ...]:
    """Words of letters only: apostrophes close up, hyphens, digits and signs part words; titles are left out."""
    if text.isalpha() and text.isascii():
        words = [text]
    else:
        text = text if text.isascii() else latin(text)
        words = re.sub(r"[^a-z]+", " ", re.sub(r"['\u2019`\u00b4]", "", text)).split()
    kept = [word for word in words if word not in _TITLES and word not in _SUFFIXES]
    return tuple(kept)


def _hanzi_name(family: str, given: str) -> Name:
    return Name(read_given(given), "", read_family(family) if family else "", family + given, False, True)


def _order(given: tuple[str, ...], family: tuple[str, ...], declared: bool, middle: tuple[str, ...] = ()) -> Name:
    """Latin parts in the order they were given; a pinyin name in the order its family name shows."""
    chinese = latin_name((*family, *given) if declared else (*given, *family))
    if chinese is not None:
        return Name(chinese[0], "", chinese[1], "", False, True)
    if len(family) > 1:
        family = tuple(word for word in family[:-1] if word not in _NOBLE) + family[-1:]
    second = middle or given[1:]
    return Name(given[0] if given else "", second[0] if second else "", "".join(family), "", declared, False)


def _family_at(words: tuple[str, ...]) -> int:
    """Where the family name begins in "given … family": at the particles before the last word."""
    at = len(words) - 1
    if at > 1 and words[at - 1] == "o" and words[at] in _IRISH:
        at -= 1
    while at > 1 and (words[at - 1] in _PARTICLES or words[at - 1] in _NOBLE):
        at -= 1
    return at


def parse(full: str, given: str, family: str, middle: str = "") -> Name:
    """Name from a full name, or from fields; all `prepared`. Unknown parts are ''."""
    if given or family:
        if not (given + family).isascii() and HANZI.search(given + family):
            return _hanzi_fields(given, family)
        if not given or not family:
            # One part alone; a full name that ended up in one of the two fields is taken apart.
            alone = parse(given or family, "", "", middle)
            only_family = family and not alone.family
            return Name("", "", alone.given, is_declared=True) if only_family else alone
        family = _MAIDEN.sub("", family) if " " in family else family
        return _order(_words(given), _words(family), True, _words(middle) if middle else ())
    if not full:
        return _NOBODY_KNOWN
    if not full.isascii() and HANZI.search(full):
        return _hanzi_full(full)
    full = _MAIDEN.sub("", _ASIDE.sub(" ", full)) if not full.replace(" ", "").isalpha() or "nee" in full else full
    if "," in full:
        before, _, after = full.partition(",")
        if _words(before) and _words(after):
            return _order(_words(after), _words(before), True, _words(middle))
    words = _words(full)
    if len(words) < 2 or re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)+", full):  # Smith-Jones is one name, not two
        return Name("".join(words)) if words else _NOBODY_KNOWN
    at = _family_at(words)
    return _order(words[:at], words[at:], False, _words(middle))


_TYPES = (pa.string(),) * 4 + (pa.bool_(),) * 2


def parse_columns(full: pa.Array, given: pa.Array, family: pa.Array, middle: pa.Array) -> list[pa.Array]:
    """`parse` of `prepared` columns, one column per part of `Name`: names of two plain words all at once.

    Two words are plain where each, looked at once, is nothing but a word and the two together are no Chinese name.
    """
    two_words = pc.extract_regex(full, "^(?P<first>[a-z]+) (?P<last>[a-z]+)$")
    is_free = pc.and_(pc.is_null(given), pc.is_null(family))
    is_declared = pc.and_(pc.is_valid(given), pc.is_valid(family))
    first = each(pc.if_else(is_free, pc.struct_field(two_words, "first"), given), _one_word)
    last = each(pc.if_else(is_free, pc.struct_field(two_words, "last"), family), _one_word)
    is_plain = pc.and_(pc.and_(pc.is_valid(first), pc.is_valid(last)), pc.is_null(middle))
    is_plain = pc.and_not(is_plain, pc.and_(*(pc.is_valid(each(side, pinyin)) for side in (first, last))))
    for side in (first, last):
        is_plain = pc.and_not(is_plain, pc.is_in(side, pa.array(sorted(ROMANISED))))
    nothing, no = pa.nulls(len(full), pa.string()), pa.repeat(False, len(full))
    columns = [first, nothing, last, nothing, is_declared, no]
    return all_but(is_plain, columns, [full, given, family, middle], parse, _TYPES)


def _one_word(text: str) -> str | None:
    """The word that is all there is in a field, or in half of a full name; None where there is more to look at."""
    words = _words(text)
    return None if len(words) != 1 or " " in text or "nee" in text or HANZI.search(text) else words[0]


@lru_cache(maxsize=300_000)
def _characters(text: str) -> str:
    """The Chinese characters of a text, simplified."""
    return simplified("".join(HANZI.findall(text)))


def _hanzi_full(full: str) -> Name:
    text = _characters(full)
    if (text in SURNAMES or text in COMPOUND_SURNAMES) and (english := _words(HANZI.sub(" ", full))):
        return Name(english[0], "", read_family(text), text, False, True)
    untitled = _CHINESE_TITLES.sub("", text)
    if not untitled:
        return _NOBODY_KNOWN
    family, given = split_hanzi(untitled)
    if untitled != text and (len(untitled) == 1 or untitled in COMPOUND_SURNAMES):
        family, given = untitled, ""  # Mr Wang: what stands before a title is the family name
    return _hanzi_name(family, given)


def _hanzi_fields(given: str, family: str) -> Name:
    given, family = _characters(given), _characters(family)
    if not given or not family:
        return _hanzi_name(*split_hanzi(given + family)) if given + family else _NOBODY_KNOWN
    other_way = split_hanzi(family + given)[0] != family and split_hanzi(given + family)[0] == given
    if other_way or len(family) > len(given) == 1:
        given, family = family, given
    return _hanzi_name(family, given)


def root(given: str) -> str:
    """One name to stand for a given name and its short forms where only one is meant, else itself."""
    found = ROOTS.get(given, frozenset({given}))
    return next(iter(found)) if len(found) == 1 else given


__all__ = ["Name", "parse", "plain", "prepared", "root", "roots"]
