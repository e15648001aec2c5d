"""Contact points, dates and codes as people type them come out comparable; the table in the docs says the truth."""

from __future__ import annotations

import re
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.identity.standardise import address, codes, dates, email, phone
from models.identity.standardise.names import parse, prepared

DOCS = Path(__file__).parents[3] / "docs" / "standardising.md"


def _name(text: str) -> str | None:
    found = parse(prepared(text) or "", "", "")
    return " ".join(part for part in (found.given, found.family) if part) or None


def _address(text: str) -> str:
    return " / ".join(address.parse(text)[:3])


FORMS = {
    "name": _name,
    "e-mail": email.standard,
    "phone": phone.standard,
    "phone in China": lambda text: phone.standard(text, "China"),
    "phone in Germany": lambda text: phone.standard(text, None, "de-DE"),
    "date": dates.standard,
    "address": _address,
    "postcode": address.postcode,
    "city": address.city,
    "region": codes.region,
    "country": codes.country,
    "gender": codes.gender,
    "company": codes.company,
    "id": codes.code,
}
EXAMPLES = re.findall(r"^\| ([\w -]+) \| `(.+)` \| (?:`(.+)`|none) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("kind", "written", "wanted"), EXAMPLES)
def test_the_docs_table_is_what_the_code_does(kind: str, written: str, wanted: str) -> None:
    assert FORMS[kind](written) == (wanted or None)


def test_the_docs_show_every_kind() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == set(FORMS)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("jo@gmail.co", "jo@gmail.com"),
        ("jo@gmailcom", "jo@gmail.com"),
        ("jo@yaho.com", "jo@yahoo.com"),
        ("j.o@outlook.com", "j.o@outlook.com"),
        ("jo+news@outlook.com", "jo@outlook.com"),
        ("jo@hotmail.com", "jo@hotmail.com"),
        ("jo@outlook.com", "jo@outlook.com"),
        ("jo@me.com", "jo@icloud.com"),
        ("jo@mail.com", "jo@mail.com"),
        ("jo@yahoo.fr", "jo@yahoo.fr"),
        ("+@gmail.com", "+@gmail.com"),
        (".@gmail.com", None),
    ],
)
def test_providers(written: str, wanted: str) -> None:
    assert email.standard(written) == wanted


def test_a_real_domain_is_never_taken_for_a_slip() -> None:
    known = email._WELL_KNOWN + sorted(email._REAL)
    assert {domain for domain in known if email.domain_of(domain) not in known} == set()
    assert email.domain_of("ymail.com") == "ymail.com"


@pytest.mark.parametrize(("a", "b", "apart"), [("mial.example", "mail.example", True), ("a.org", "a.com", False)])
def test_slips(a: str, b: str, apart: bool) -> None:
    assert email.one_slip_apart(a, b) is email.one_slip_apart(b, a) is apart


def test_numbers_in_domains_are_no_slips() -> None:
    assert not email.one_slip_apart("mail1.example", "mail2.example")
    assert not email.one_slip_apart("163.com", "162.com")


@pytest.mark.parametrize("region", ["US", "CN", "GB", "DE", "FR", "IT", "ES", "AU", "JP", "IN", "BR", "MX", "AR", "RU"])
def test_phones_agree_with_libphonenumber_in_every_spelling(region: str) -> None:
    """The fast way by the region's plan must never differ from the library's slow one."""
    for kind in range(11):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        wanted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for style in range(3):
            text = phonenumbers.format_number(number, style)
            for written in (text, text.replace(" ", ""), f"{text} ext. 12", f"tel:{text}"):
                assert phone.standard(written, region) == wanted
        assert phone.standard(f"00{wanted[1:]}") == wanted


@pytest.mark.parametrize(
    ("written", "language", "wanted"),
    [
        ("13812345678", "zh-CN", "+8613812345678"),  # mobile there, nothing here
        ("6145500123", "zh-CN", "+16145500123"),  # a Chinese speaker's American number
        ("6145550123", "zh", "+16145550123"),
        ("6145550123", "en", "+16145550123"),
    ],
)
def test_a_language_names_a_country_only_where_the_number_fits(written: str, language: str, wanted: str) -> None:
    assert phone.standard(written, None, language) == wanted


@pytest.mark.parametrize("text", ["", "n/a", "call me", "123", "1" * 40, "+1", "1111111111"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert phone.standard(text) is None


@pytest.mark.parametrize(
    ("written", "day_first", "wanted"),
    [
        ("03/04/1971", False, "1971-03-04"),
        ("03/04/1971", True, "1971-04-03"),
        ("13/04/1971", False, "1971-04-13"),
        ("04/13/1971", True, "1971-04-13"),
        ("4/13/71", False, "1971-04-13"),
        ("1971-13-04", False, "1971-04-13"),
        ("April 13th, 1971", False, "1971-04-13"),
        ("04131971", False, "1971-04-13"),
        ("1971-04-13T08:00:00", False, "1971-04-13"),
        ("2015-O3-1G", False, "2015-03-16"),
        ("z0151018", False, "2015-10-18"),
        ("O4/13/1971", False, "1971-04-13"),
        ("goodbill", False, None),
        ("1970-01-01", False, None),
        ("1771-04-13", False, None),
        ("13", False, None),
    ],
)
def test_dates(written: str, day_first: bool, wanted: str | None) -> None:
    assert dates.standard(written, day_first) == wanted


@pytest.mark.parametrize(
    ("line", "number", "unit", "wanted"),
    [
        ("Main Street", "12", "Apt 4", ("12", "main st", "4")),
        ("Main Street", "012", "", ("12", "main st", "")),
        ("12 Main Street", "", "Unit 4", ("12", "main st", "4")),
        ("12 Main Street", "", "rowan villas", ("12", "main st", "rowan villas")),
        ("Flat 2B, 10 High Street", "", "", ("10", "high st", "2b")),
        ("12-14 High Street", "", "", ("12-14", "high st", "")),
        ("221B Canal Street", "", "", ("221b", "canal st", "")),
        ("Elm Street", "", "", ("", "elm st", "")),
        ("5th Avenue 10", "", "", ("10", "5th ave", "")),
        ("北京市朝阳区建国路88号", "", "", ("88", "朝阳区建国路", "")),
        ("n/a", "", "", ("", "", "")),
        ("", "", "", ("", "", "")),
    ],
)
def test_addresses(line: str, number: str, unit: str, wanted: tuple[str, str, str]) -> None:
    assert address.parse(line, number, unit)[:3] == wanted


def test_a_full_chinese_address_names_its_places() -> None:
    found = address.parse("广东省深圳市南山区科技路12号")
    assert (found.region, found.city) == ("广东", "深圳")


def test_a_lost_zero_comes_back_where_codes_have_five_digits() -> None:
    assert address.postcode("2139", "US") == "02139"
    assert address.postcode("2139", "AU") == "2139"
    assert address.postcode("00000") is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
@example(":\u4c78")  # its simplified form is a rare character, of another block
def test_any_text_is_survived_and_a_standard_form_is_its_own(text: str) -> None:
    for standard in (email.standard, phone.standard, dates.standard, address.postcode, address.city, codes.code):
        found = standard(text)
        assert found is None or (found and standard(found) == found)
    once = address.parse(text)
    assert all(isinstance(part, str) for part in once)
    codes.company(text), codes.region(text), codes.gender(text), codes.country(text)


@settings(max_examples=60, deadline=None)
@given(
    st.from_regex(r"[a-z][a-z0-9]{1,8}(\.[a-z0-9]{1,5})?", fullmatch=True),
    st.sampled_from(["gmail.com", "works.example", "outlook.com"]),
)
def test_case_width_and_blanks_of_an_address_do_not_matter(mailbox: str, domain: str) -> None:
    plain = f"{mailbox}@{domain}"
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in plain)
    assert email.standard(plain.upper()) == email.standard(f"  <{plain}> ") == email.standard(wide) is not None
