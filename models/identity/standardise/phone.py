"""Phone numbers in E.164, with the country from the number itself or from the record's context."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from models.phones import region_of

from .text import plain

_EXTENSION = re.compile(r"(?:;?\s*ext(?:ension|\.)?|;?\s*extn\.?|\bdurchwahl|分机|转|[x#])\s*[.:=]?\s*\d{1,7}\s*$|;.*$")
_LONGEST = 60  # signs: longer text is something else
_FEWEST, _MOST = 7, 15  # digits of a number that can be dialled from elsewhere


class _Plan(NamedTuple):
    """What of a country's plan decides the form of a number written without a country code."""

    country_code: str
    prefix: re.Pattern[str] | None
    general: re.Pattern[str]
    valid: re.Pattern[str]
    mobile: re.Pattern[str]


_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")


@cache
def _plan(region: str) -> _Plan | None:
    """The plan of a region where taking off its prefix is all there is to do, else None."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.national_prefix_transform_rule:
        return None
    prefix = metadata.national_prefix_for_parsing
    patterns = [getattr(metadata, kind).national_number_pattern for kind in _KINDS if getattr(metadata, kind)]
    return _Plan(
        str(metadata.country_code),
        re.compile(prefix) if prefix else None,
        re.compile(metadata.general_desc.national_number_pattern),
        re.compile("|".join(f"(?:{pattern})" for pattern in patterns if pattern)),
        re.compile(metadata.mobile.national_number_pattern or "(?!)"),
    )


def _by_plan(digits: str, region: str, is_sure: bool) -> str | None:
    """E.164 of digits written without a country code where the region's plan has such a number, else None.

    `is_sure`: the number is known to be of the region. Otherwise it must look like it: a mobile number, or one written
    with the prefix that numbers have inside the country; a landline without it may be of anywhere.
    """
    plan = _plan(region)
    if plan is None:
        return None
    if plan.prefix and (found := plan.prefix.match(digits)):
        rest = digits[found.end() :]
        fits = not any(found.groups()) and plan.valid.fullmatch(rest) and not plan.general.fullmatch(digits)
        return f"+{plan.country_code}{rest}" if fits else None
    fits = plan.valid.fullmatch(digits) and not digits.startswith(plan.country_code)
    if fits and (is_sure or plan.prefix is None or plan.mobile.fullmatch(digits)):
        return f"+{plan.country_code}{digits}"
    return None


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
    folded = plain(text).removeprefix("tel:").strip()
    folded = _EXTENSION.sub("", folded)
    digits = "".join(sign for sign in folded if sign.isdecimal())
    if not digits.isascii():
        digits = "".join(str(int(sign)) for sign in digits)
    if not _FEWEST <= len(digits) <= _MOST + 4 or len(set(digits)) < 2:
        return None
    found = None
    if folded.lstrip("( ").startswith("+"):
        found = _international(digits)
    elif digits.startswith("00"):
        found = _international(digits[2:])
    else:
        found = _national(digits, surely, perhaps, default)
    return found or (digits if len(digits) <= _MOST else None)


def _national(digits: str, surely: str, perhaps: str, default: str) -> str | None:
    """E.164 of digits without a sign of a country code (which may be there all the same)."""
    for place, is_sure in ((surely, True), (perhaps, perhaps == default and not surely), (default, True)):
        if place and (found := _by_plan(digits, place, is_sure)):
            return found
    made = [_by_library(digits, place) for place in dict.fromkeys((surely, perhaps, default)) if place]
    known = [found for found in made if found]
    return next((form for form, is_valid in known if is_valid), known[0][0] if known else None)


def _international(digits: str) -> str | None:
    """E.164 of digits that begin with a country code."""
    if len(digits) == 11 and digits[0] == "1":  # the commonest plan, which has no prefix after the code
        plan = _plan("US")
        if plan and plan.valid.fullmatch(digits[1:]):
            return f"+{digits}"
    found = _by_library(f"+{digits}", "ZZ")
    return found[0] if found else None
