"""Addresses taken apart: house number, street, unit; with the words that mean the same made one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from .chinese import HANZI
from .text import all_but, each, known, no_empty, plain

_STREET_WORDS = {
    "street": "st", "str": "st", "avenue": "ave", "av": "ave", "road": "rd", "lane": "ln", "drive": "dr", "drv": "dr",
    "court": "ct", "crt": "ct", "place": "pl", "plc": "pl", "boulevard": "blvd", "boul": "blvd", "square": "sq",
    "terrace": "ter", "tce": "ter", "terr": "ter", "highway": "hwy", "parkway": "pkwy", "pky": "pkwy", "circle": "cir",
    "crescent": "cres", "cr": "cres", "cct": "circuit", "close": "cl", "gardens": "gdns", "grove": "gr", "grv": "gr",
    "heights": "hts", "trail": "trl", "turnpike": "tpke", "expressway": "expy", "freeway": "fwy", "junction": "jct",
    "center": "ctr", "centre": "ctr", "plaza": "plz", "point": "pt", "ridge": "rdg", "valley": "vly", "alley": "aly",
    "mount": "mt", "mountain": "mtn", "fort": "ft", "saint": "st", "sainte": "ste", "route": "rte", "esplanade": "esp",
    "parade": "pde", "promenade": "prom", "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne",
    "northwest": "nw", "southeast": "se", "southwest": "sw", "strasse": "str", "straat": "str", "rua": "r", "rue": "r",
    "calle": "c", "avenida": "ave", "av.": "ave", "piazza": "pza", "platz": "pl", "first": "1st", "second": "2nd",
    "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th",
}  # fmt: skip
_UNIT_WORDS = (
    "apartment|apt|unit|suite|ste|flat|room|rm|floor|fl|level|lvl|building|bldg|block|blk|lot|trlr|trailer|space|spc"
    "|shop|villa|dept|wohnung|whg|app"
)
_UNIT = re.compile(
    rf"(?:^|[ ,])(?:(?:{_UNIT_WORDS})\b\.?|#) ?(?:no\.? ?|# ?)?"
    r"([0-9]+[a-z]?(?:-[0-9a-z]+)?|[a-z](?:-?[0-9]+)?)(?=$|[ ,])"
)
_BOX = re.compile(
    r"\b(?:p\.? ?o\.?|post(?:al)?(?: office)?|gpo|locked)[ .]*(?:box|bag|b\.)[ #.]*([0-9a-z]+)"
    r"|\bpostfach ([0-9 ]+)|邮政信箱([0-9]+)"
)
_MORE_TO_SEE = frozenset((*_UNIT_WORDS.split("|"), "box", "bag", "post", "postfach"))
_SLASHED = re.compile(r"^([0-9]+[a-z]?) ?/ ?([0-9]+[a-z]?)(?= )")
_NUMBER_FIRST = re.compile(
    r"^(?:no\.? ?|# ?)?([0-9]+(?: ?- ?[0-9]+)?(?: [1-9]/[1-9]|[a-z])?)(?:[ ,]+(?![a-z]{2}\b ?$))(?=.*[^\W\d])"
)
_NUMBER_LAST = re.compile(r"^(.*[^\W\d].*?)[ ,]+(?:no\.? ?|nr\.? ?)?([0-9]+(?: ?[a-z](?![a-z]))?(?: ?- ?[0-9]+)?)$")
_FIGURES = {sign: at for at, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES = re.compile(
    r"^(?:中国|中华人民共和国)?"
    r"(?P<region>[^省市区县路]{2,8}?(?:省|自治区|特别行政区))?"
    r"(?P<city>[^省市区县路]{2,8}?(?:市|自治州|盟))?"
    r"(?P<district>[^省市区县路街道]{1,8}?(?:新区|区|县|旗))?(?P<rest>.*)$"
)
_CJK_STREET = re.compile(r"^(?P<street>.*?(?:大道|大街|路|街|道|巷|弄|胡同|里|村|园|苑))(?P<rest>.*)$")
_CJK_NUMBER = re.compile(r"^第?([0-9]+(?:-[0-9]+)?)(?:号|號)?")
_CJK_UNIT = re.compile(r"([0-9a-z]+)(?:号楼|栋|幢|座|单元|室|楼|层|户|房)?")


class Address(NamedTuple):
    """Parts in standard form, '' where unknown. region and city only where the text itself names them."""

    house_number: str = ""
    street: str = ""
    unit: str = ""
    region: str = ""
    city: str = ""


def street_words(text: str) -> str:
    """Words without signs, street types and directions in their short form."""
    words = re.sub(r"[^\w ]+", " ", text.replace("'", "")).split()
    return " ".join([_street_word(word) for word in words])


def _street_word(word: str) -> str:
    """One word in its short form: Hauptstrasse ends like Hauptstr., street is st."""
    return f"{word[:-5]}r" if word.endswith("strasse") and word != "strasse" else _STREET_WORDS.get(word, word)


def parse(text: str, number: str = "", unit: str = "") -> Address:
    """Parts of one address line; `number` and `unit` are the columns that say them apart, '' without such columns.

    Known: 12 Main Street Apt 4, 4/12 Main St, Hauptstraße 12a, PO Box 7, 广东省深圳市南山区科技路12号3栋502室.
    """
    if not number and not unit and (simple := _simple(text)):
        return simple
    line, number, unit = (known(part) or "" for part in (text, number, unit))
    if not line.isascii() and HANZI.search(line):
        found = _chinese(line)
    elif box := _BOX.search(line):
        found = Address(next(filter(None, box.groups())).strip(), "po box")
    else:
        found = _latin(line, bool(number))
    return found._replace(house_number=_number(number) or found.house_number, unit=_joined_unit(unit) or found.unit)


def _simple(text: str) -> Address | None:
    """Parts of 12 Main Street and its like, which most addresses are; None where there is more to look at."""
    words = text.lower().split()
    if not words or not words[0].isdigit() or not (street := _simple_street(words[1:])):
        return None
    return Address(words[0].lstrip("0"), street)


def _simple_street(words: Sequence[str]) -> str | None:
    """The street of a simple address, by the words behind its number."""
    if len(words) < 2 or not all(word.isalpha() and word.isascii() for word in words):
        return None
    if not _MORE_TO_SEE.isdisjoint(words) or (len(words) == 2 and len(words[1]) == 1):
        return None
    return " ".join([_street_word(word) for word in words])


def parse_columns(text: pa.Array, number: pa.Array, unit: pa.Array) -> list[pa.Array]:
    """`parse` of columns, one column per part: simple addresses all at once, each street once."""
    simple = pc.extract_regex(text, "^(?P<number>[0-9]+) (?P<street>[A-Za-z ]+)$")
    street = each(pc.struct_field(simple, "street"), lambda found: _simple_street(found.lower().split()))
    apart = pc.or_(pc.is_valid(no_empty(number)), pc.is_valid(no_empty(unit)))
    house = no_empty(pc.utf8_ltrim(pc.struct_field(simple, "number"), "0"))
    nothing = pa.nulls(len(text), pa.string())
    columns = [house, street, nothing, nothing, nothing]
    is_simple = pc.and_not(pc.is_valid(street), apart)
    return all_but(is_simple, columns, [text, number, unit], parse, [pa.string()] * 5)


def _latin(line: str, has_number: bool) -> Address:
    units: list[str] = []
    while found := _UNIT.search(line):
        units.append(found[1])
        line = f"{line[: found.start()]} {line[found.end() :]}".strip(" ,")
    number = ""
    if not has_number:
        if slashed := _SLASHED.match(line):
            units.append(slashed[1])
            number, line = slashed[2], line[slashed.end() :]
        elif first := _NUMBER_FIRST.match(line):
            number, line = first[1], line[first.end() :]
        elif last := _NUMBER_LAST.match(line):
            line, number = last[1], last[2]
    return Address(_number(number), street_words(line), _joined_unit(" ".join(units)))


def _number(text: str) -> str:
    """A house number without blanks and leading zeros, such as 12a or 12-14."""
    found = re.sub(r"[^0-9a-z/-]", "", re.sub(r"^(?:no|nr)\b\.?", "", text)).strip("-/")
    return found.removesuffix("-0").lstrip("0")


def _joined_unit(text: str) -> str:
    words = re.sub(rf"\b(?:{_UNIT_WORDS}|no)\b", " ", re.sub(r"[^\w ]+", " ", text))
    return " ".join(words.split())


def _chinese(line: str) -> Address:
    """Chinese order: province, city, district, street, number, building, room."""
    from .chinese import simplified

    joined = re.sub(r"[\s,，。.、]+", "", simplified(line))
    places = _PLACES.match(joined)
    assert places is not None  # every part is optional
    rest = places["rest"]
    street, number = rest, ""
    if found := _CJK_STREET.match(rest):
        street, rest = found["street"], re.sub(r"[〇零一二两三四五六七八九十百]+", _number_in_words, found["rest"])
        if numbered := _CJK_NUMBER.match(rest):
            number, rest = numbered[1], rest[numbered.end() :]
    else:
        rest = ""
    unit = " ".join(_CJK_UNIT.findall(rest))
    region = re.sub(r"(特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省)$", "", places["region"] or "")
    return Address(number, (places["district"] or "") + street, unit, region, city(places["city"] or "") or "")


def _number_in_words(found: re.Match[str]) -> str:
    """十二 is 12, 一百零五 is 105, 五〇二 is 502."""
    signs = found[0]
    if not {"十", "百"} & set(signs):
        return "".join(str(_FIGURES[sign]) for sign in signs)
    total, figure = 0, 0
    for sign in signs:
        if sign in "十百":
            total += (figure or 1) * (10 if sign == "十" else 100)
            figure = 0
        else:
            figure = _FIGURES[sign]
    return str(total + figure)


def city(text: str | None) -> str | None:
    """City or town: plain words, Saint, Fort and Mount in short, Chinese ones without 市."""
    found = known(text)
    if not found:
        return None
    if HANZI.search(found):
        from .chinese import simplified

        return re.sub(r"市$", "", simplified(re.sub(r"\s", "", found))) or None
    words = re.sub(r"[^\w ]+", " ", found.replace("'", "")).split()
    short = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
    return " ".join(short.get(word, word) for word in words) or None


def postcode(text: str | None, country: str = "") -> str | None:
    """Letters and digits only, upper case; a US code is its first five digits, a lost leading zero put back."""
    if not text:
        return None
    if len(text) == 5 and text.isascii() and text.isdigit() and text not in ("00000", "99999"):
        return text
    written = plain(text)
    signs = re.sub(r"[^0-9a-z]+", "", written).upper()
    if re.fullmatch(r"[0-9]{5}-[0-9]{4}", written) or (country == "US" and re.fullmatch(r"[0-9]{9}", signs)):
        signs = signs[:5]
    if country == "US" and re.fullmatch(r"[0-9]{3,4}", signs):
        signs = signs.zfill(5)
    return None if len(set(signs)) < 2 and set(signs) <= {"0", "9"} else signs
