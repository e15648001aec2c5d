"""Phone numbers in E.164, with the country from the number itself or from the record's context."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from models.phones import region_of

from .text import all_but, plain

_EXTENSION = re.compile(r"(?:;?\s*ext(?:ension|\.)?|;?\s*extn\.?|\bdurchwahl|分机|转|[x#])\s*[.:=]?\s*\d{1,7}\s*$|;.*$")
_ORDINARY = re.compile(r"\(?\+?[0-9 ()./-]+")
_NO_DIGITS = re.compile(r"\D+")
_LONGEST = 60  # signs: longer text is something else
_FEWEST, _LOCAL, _MOST = 5, 7, 15  # digits: of any number, of one without a plan, and of the longest


class _Plan(NamedTuple):
    """What of a country's plan decides the form of a number."""

    country_code: str
    prefix: re.Pattern[str] | None
    lengths: frozenset[int]
    general: re.Pattern[str]
    valid: re.Pattern[str]
    mobile: re.Pattern[str]

    def national(self, digits: str) -> str | None:
        """Digits without the prefix that numbers have inside the country, as libphonenumber takes it off.

        None where that is no simple matter: what the prefix says belongs to the number, or the country code may be
        there too.
        """
        found = self.prefix.match(digits) if self.prefix else None
        if found:
            rest = digits[found.end() :]
            if any(found.groups()) or self.general.fullmatch(digits):
                return None
            return rest
        return None if digits.startswith(self.country_code) else digits

    @property
    def beyond_doubt(self) -> str:
        """Digits that are a number of the plan, as a pattern that Arrow knows too ..."""
        return f"^(?:{self.valid.pattern})$"

    @property
    def in_doubt(self) -> str:
        """... unless these say that there may be more to it: a prefix, a country code, too few or equal digits."""
        prefix = f"|^(?:{self.prefix.pattern})" if self.prefix else ""
        return f"^.{{0,{_FEWEST - 1}}}$|^00|^{self.country_code}|^(?:{_ALIKE})$|^.{{{_MOST + 5},}}{prefix}"


_ALIKE = "|".join(f"{figure}+" for figure in range(10))
_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")


@cache
def _plan(region: str) -> _Plan | None:
    """The plan of a region where taking off its prefix is all there is to do, else None."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.national_prefix_transform_rule:
        return None
    prefix = metadata.national_prefix_for_parsing
    # Tristan da Cunha has no mobile phones.
    patterns = {kind: getattr(getattr(metadata, kind), "national_number_pattern", None) for kind in _KINDS}
    return _Plan(
        str(metadata.country_code),
        re.compile(prefix) if prefix else None,
        frozenset(metadata.general_desc.possible_length),
        re.compile(metadata.general_desc.national_number_pattern),
        re.compile("|".join(f"(?:{pattern})" for pattern in patterns.values() if pattern)),
        re.compile(patterns["mobile"] or "(?!)"),
    )


@cache
def _plan_of_code(code: str) -> _Plan | None:
    """The plan of a country code's main region; None for what is no country code."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return _plan(COUNTRY_CODE_TO_REGION_CODE.get(int(code), ("ZZ",))[0])


def standard(
    text: str | None, country: str | None = None, language: str | None = None, default: str = "US"
) -> str | None:
    """E.164 text such as +16145550123; None without a number.

    Args:
        text: as typed: tel:, 00 and + in front, extensions behind, full width and any signs between are understood.
        country: of the record, a name or a code.
        language: of the record, such as zh-CN; says the country where the number looks like one of there.
        default: ISO 3166 code to fall back to, also where the number cannot be one of the context's country.

    A number that is none of any plan tried keeps its digits without a plus (a local number without its area code), as
    long as there are seven to fifteen of them and not all alike.
    """
    return of_place(text, *places(country or "", language or "", default), default)


def places(country: str, language: str, default: str) -> tuple[str, str]:
    """(region the country names, region the language hints at); '' where there is none."""
    return region_of(country, "", ""), region_of("", language, default)


def of_place(text: str | None, surely: str, perhaps: str, default: str) -> str | None:
    """`standard` where the regions of the context are known already ('' for none)."""
    if not text or len(text) > _LONGEST:
        return None
    folded = text
    if not _ORDINARY.fullmatch(text):
        folded = _EXTENSION.sub("", plain(text).removeprefix("tel:").strip())
    digits = _NO_DIGITS.sub("", folded)
    if not digits.isascii():
        digits = "".join(str(int(sign)) for sign in digits)
    if not _FEWEST <= len(digits) <= _MOST + 4 or len(set(digits)) < 2:
        return None
    if folded.lstrip("( ").startswith("+"):
        found = _international(digits)
    elif digits.startswith("00"):
        found = _international(digits[2:])
    else:
        found = _national(digits, surely, perhaps, default)
    return found or (digits if _LOCAL <= len(digits) <= _MOST else None)


def standard_column(written: pa.Array, surely: pa.Array, perhaps: pa.Array, default: str) -> pa.Array:
    """`of_place` of columns (null for no region): numbers of a plan, written as inside its country, all at once."""
    digits = pc.replace_substring_regex(written, "[^0-9]+", "")
    place = pc.fill_null(surely, default)
    is_open = pc.and_(pc.match_substring_regex(written, "^[0-9 ()./-]+$"), _has_one_place(surely, perhaps, default))
    is_open = pc.and_(is_open, pc.less_equal(pc.utf8_length(written), _LONGEST))
    found = pa.nulls(len(written), pa.string())
    for region in pc.unique(place.filter(is_open)).to_pylist():
        if plan := _plan(region):
            fits = pc.and_(is_open, pc.equal(place, region))
            fits = pc.and_(fits, pc.match_substring_regex(digits, plan.beyond_doubt))
            fits = pc.and_not(fits, pc.match_substring_regex(digits, plan.in_doubt))
            form = pc.binary_join_element_wise(f"+{plan.country_code}", digits, "")
            found = pc.if_else(fits, form, found)

    def standard_of(*row: str) -> tuple[str | None]:
        return (of_place(*row, default),)

    return all_but(pc.is_valid(found), [found], [written, surely, perhaps], standard_of, [pa.string()])[0]


def _has_one_place(surely: pa.Array, perhaps: pa.Array, default: str) -> pa.Array:
    """Whether no language hints at another country than the one that is tried first."""
    return pc.or_(pc.is_valid(surely), pc.equal(pc.fill_null(perhaps, default), default))


def _international(digits: str) -> str | None:
    """E.164 of digits that begin with a country code."""
    for length in (1, 2, 3):
        plan = _plan_of_code(digits[:length]) if digits[0] != "0" else None
        if plan:
            rest = digits[length:]
            if len(rest) in plan.lengths and not (plan.prefix and plan.prefix.match(rest)):
                return f"+{digits}"
            break
    found = _by_library(f"+{digits}", "ZZ")
    return found[0] if found else None


def _national(digits: str, surely: str, perhaps: str, default: str) -> str | None:
    """E.164 of digits without a sign of a country code (which may be there all the same).

    The first place that has such a number; without one, the first whose numbers can be so long. A country that only
    the language hints at needs a number that looks like one of there: mobile, or with the prefix that numbers have
    inside the country. A landline without it may be of anywhere.
    """
    tried = [place for place in dict.fromkeys((surely, default)) if place]
    plans = {place: _plan(place) for place in (*tried, perhaps) if place}
    bare = {place: plan.national(digits) if plan else None for place, plan in plans.items()}
    hinted = plans.get(perhaps) if not surely and perhaps != default else None
    if hinted and (rest := bare[perhaps]) and (hinted.mobile if rest == digits else hinted.valid).fullmatch(rest):
        return f"+{hinted.country_code}{rest}"
    for place in tried:
        if (plan := plans[place]) and (rest := bare[place]) and plan.valid.fullmatch(rest):
            return f"+{plan.country_code}{rest}"
    if all(bare[place] is not None for place in tried):  # no plan has it, and nothing is left to be made out
        for place in tried:
            plan = plans[place]
            if plan and len(bare[place] or "") in plan.lengths:
                return f"+{plan.country_code}{bare[place]}"
        return None
    made = [found for place in tried if (found := _by_library(digits, place))]
    return next((form for form, is_valid in made if is_valid), made[0][0] if made else None)


def _by_library(text: str, region: str) -> tuple[str, bool] | None:
    """(E.164, whether the plan has such a number) by libphonenumber; None where nothing can be made of it."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return form, phonenumbers.is_valid_number(number)
