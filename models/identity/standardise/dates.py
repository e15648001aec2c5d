"""Birth dates as ISO text, whichever way round they were written."""

from __future__ import annotations

import re
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from .text import listed, plain

# What systems write when nobody told them. Dates of one data set's own habit are found by `blocked_values`.
DEFAULT_BIRTH_DATES = frozenset(
    listed(
        "1111-11-11 1899-12-30 1899-12-31 1900-01-01 1900-01-02 1901-01-01 1904-01-01 1911-11-11 1970-01-01 "
        "2000-01-01 2099-12-31"
    )
)
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})\s?[-/. ]\s?(\d{1,2})\s?[-/. ]\s?(\d{4}|\d{2})(?!\d)")
_RUN = re.compile(r"\d{8}")
_WORDS = re.compile(r"(?:[a-z]+,? )?(\d{1,2})(?:st|nd|rd|th)?[ -.]+([a-z]{3,9})[ -.,]+(\d{4})(?!\d)")
_WORDS_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)")
# Letters that a scanner or a tired eye takes for figures: 2015-O3-1G was 2015-03-16.
_FIGURES = str.maketrans("oqdilzsgbt", "0001125687")
_MISREAD = re.compile(r"(?=(?:\D*\d){5})[\doqdilzsgbt]{1,4}[-/.]?[\doqdilzsgbt]{2}[-/.]?[\doqdilzsgbt]{2,4}")
_MONTHS = {name: at for at, name in enumerate(listed("jan feb mar apr may jun jul aug sep oct nov dec"), 1)}


def parts(text: str) -> tuple[int, int, int] | None:
    """(first, second, year) of a date written in figures with the year last, else None: which is the day is open."""
    found = _YEAR_LAST.match(plain(text))
    return (int(found[1]), int(found[2]), _full_year(found[3])) if found else None


def _full_year(written: str) -> int:
    """Two figures are the last hundred years up to 2019: nobody's customers are younger in years written so short."""
    year = int(written)
    return year if len(written) == 4 else 1900 + year if year >= 20 else 2000 + year


def standard(text: str | None, day_first: bool = False) -> str | None:
    """ISO text of a birth date; None when missing, impossible, a default such as 1900-01-01, or not of 1900 to 2099.

    Understood are 1971-04-13 (also with / . and 年月日), 19710413, 13/04/1971, 04/13/1971, 13 Apr 1971, April 13, 1971.
    Where both orders are possible (03/04/1971) `day_first` says which is meant.
    """
    if not text:
        return None
    folded = plain(text)
    iso = _iso(folded, day_first)
    if iso is None and _MISREAD.fullmatch(folded):
        iso = _iso(folded.translate(_FIGURES), day_first)
    return iso if iso and iso not in DEFAULT_BIRTH_DATES and iso[:2] in ("19", "20") else None


def _iso(text: str, day_first: bool) -> str | None:
    if found := _YEAR_FIRST.match(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if _RUN.fullmatch(text):
        found = _date(int(text[:4]), int(text[4:6]), int(text[6:])) if text[:2] in ("19", "20") else None
        return found or _iso(f"{text[:2]}/{text[2:4]}/{text[4:]}", day_first)
    if written := parts(text):
        first, second, year = written
        if first > 12 >= second or (day_first and second <= 12):
            first, second = second, first
        return _date(year, first, second)
    if found := _WORDS.match(text):
        return _date(int(found[3]), _MONTHS.get(found[2][:3], 0), int(found[1]))
    if found := _WORDS_MONTH_FIRST.match(text):
        return _date(int(found[3]), _MONTHS.get(found[1][:3], 0), int(found[2]))
    return None


def _date(year: int, month: int, day: int) -> str | None:
    """ISO text; 1971-13-04 is read with day and month changed about, as somebody meant it."""
    if month > 12 >= day:
        month, day = day, month
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def learn_day_first(written: pa.Array, raw: pa.Array, source: pa.Array) -> frozenset[str]:
    """Sources ('' for none) in which more dates can only have the day first than can only have the month first."""
    text = pc.coalesce(written, raw)
    has_year_last = pc.fill_null(pc.match_substring_regex(text, r"^\s*\d{1,2}\D\d{1,2}\D\d{2,4}"), False)
    named = pc.binary_join_element_wise(pc.fill_null(source, ""), text, "\x1f").filter(has_year_last)
    balance: dict[str, int] = {}
    for entry in pc.value_counts(named).to_pylist():
        place, _, value = entry["values"].partition("\x1f")
        if found := parts(value):
            is_day, is_month = found[0] > 12 >= found[1], found[1] > 12 >= found[0]
            balance[place] = balance.get(place, 0) + (is_day - is_month) * entry["counts"]
    return frozenset(place for place, more in balance.items() if more > 0)
