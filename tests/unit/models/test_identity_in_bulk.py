"""What is worked out for a whole column at once is what is worked out value by value, however odd the values are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.identity.standardise import address, email, names, phone
from models.identity.standardise.tables import are_keys

SIGNS = "aBz059 .-+@,'()/#\u00df\u00e9\u0130\u212a\uff21王\u0661\u00b2\n\t\x1f"
MAILBOXES = ["jo", "j.o", "J.O+news", "+", "..+x", ".", "jo.", "-jo_", "jane.Newton99", "jörg", "王"]
DOMAINS = ["gmail.com", "GoogleMail.com", "gmial.com", "outlook.con", "works.example", "ya.ru", "x", "x.", "-x", "a@b"]
WORDS = [
    "ann", "smith", "wang", "li", "xiao ming", "cheung", "hsieh", "mei-ling", "mr", "jr", "nee", "anneese", "o'brien",
    "van der berg", "von ulm", "j", "j.", "smith-jones", "王", "欧阳", "иван", "smith (jo)",
    "o brien", "smith, ann", "smith nee jones", "geb", "ou yang", "-", "7", "",
]  # fmt: skip
STREETS = ["Main Street", "Main", "St E", "Main  Street", "Apt Street", "Main Street Apt 4", "Hauptstrasse", "Straße A",
           "1st Street", "Box 7", "Avenue", "strasse lane", "科技路", "A B", "Main\tStreet", ""]  # fmt: skip
NUMBERS = ["12", "007", "0", "12a", "\u0661\u0662", "\u00b2", "4/12", "", "12-14"]
odd = st.none() | st.text(SIGNS, max_size=12)


def column(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def alone(how: Callable[..., str | None], values: Sequence[str | None]) -> list[str | None]:
    return [None if value is None else how(value) or None for value in values]


mails = odd | st.builds("{}@{}".format, st.sampled_from(MAILBOXES), st.sampled_from(DOMAINS))


@settings(deadline=None, max_examples=40)
@given(st.lists(mails, max_size=30))
@example([f"{mailbox}@{domain}" for mailbox in MAILBOXES for domain in DOMAINS])
def test_e_mails(written: list[str | None]) -> None:
    found = email.standard_column(column(written))
    assert found.to_pylist() == alone(email.standard, written)
    corrections = {"works.example": "gmail.com", "x": "y"}
    corrected = email.corrected(found, corrections)
    assert corrected.to_pylist() == alone(lambda text: email.standard(text, corrections), written)
    letters = alone(lambda text: re.sub("[^a-z]", "", text.partition("@")[0]), found.to_pylist())
    assert email.mailbox_letters(found).to_pylist() == [text if text and len(text) >= 6 else None for text in letters]
    figures = [None if text is None else re.sub("[^0-9]", "", text) for text in found.to_pylist()]
    assert email.digits(found).to_pylist() == figures


def _phones(rows: Sequence[tuple[str | None, str, str]], default: str) -> None:
    columns = [column([value or None for value in side]) for side in zip(*rows, strict=True)] or [column([])] * 3
    wanted = [phone.of_place(text, *places, default) for text, *places in rows]
    assert phone.standard_column(*columns, default).to_pylist() == wanted


def _written_of(region: str) -> list[str]:
    number = phonenumbers.example_number(region)
    if number is None:
        return []
    forms = (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    written = [phonenumbers.format_number(number, form) for form in forms]
    return [*written, str(number.national_number), f"00{number.country_code}{number.national_number}"]


@pytest.mark.slow
def test_numbers_of_every_plan_written_in_every_way() -> None:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        rows = [(text, place, "") for text in _written_of(region) for place in ("", region, "US")]
        _phones([*rows, *((text, "", region) for text, _, _ in rows)], region)
    assert phone.standard_column(column(["614 555 0123"]), column([None]), column([None]), "US").to_pylist() == [
        "+16145550123"
    ]


numbers = (
    odd
    | st.from_regex(r"[(+]{0,2}[0-9][0-9 ()./-]{3,18}", fullmatch=True)
    | st.from_regex("[2-9][0-9]{9}", fullmatch=True)
)
regions = st.sampled_from(["", "US", "CN", "DE", "IT", "AR", "GB", "SM", "XX"])


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(numbers, regions, regions), max_size=30), st.sampled_from(["US", "DE", "CN"]))
@example([(text, "", "") for text in ("7777777777", "0000", "911", "6145550123" + " " * 60, "2025550123")], "US")
def test_phones(rows: list[tuple[str | None, str, str]], default: str) -> None:
    _phones(rows, default)


def _parts(rows: Sequence[tuple[str | None, ...]], how: Callable, in_bulk: Callable) -> None:
    found = in_bulk(*(column(side) for side in zip(*rows, strict=True)))
    wanted = [how(*(text or "" for text in row)) for row in rows]
    for side, values in zip(found, zip(*wanted, strict=True), strict=True):
        assert side.to_pylist() == [None if value == "" else value for value in values]


fields = st.none() | st.sampled_from(WORDS) | st.builds("{} {}".format, st.sampled_from(WORDS), st.sampled_from(WORDS))
prepared = fields.map(lambda text: names.prepared(text or ""))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(prepared, prepared, prepared, st.none() | prepared), min_size=1, max_size=20))
@example([(names.prepared(f"{one} {two}"), None, None, None) for one in WORDS for two in WORDS])
@example([(None, names.prepared(one), names.prepared(two), None) for one in WORDS for two in WORDS])
def test_names(rows: list[tuple[str | None, ...]]) -> None:
    _parts(rows, names.parse, names.parse_columns)


lines = odd | st.builds("{} {}".format, st.sampled_from(NUMBERS), st.sampled_from(STREETS))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(lines, st.sampled_from([None, "", "7"]), st.sampled_from([None, "", "3b"])), min_size=1))
@example([(f"{number} {street}", None, None) for number in NUMBERS for street in STREETS])
def test_addresses(rows: list[tuple[str | None, ...]]) -> None:
    _parts(rows, address.parse, address.parse_columns)


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [([], True), (["a"], True), (["a", "b"], True), (["b", "a"], True), (["a", "a"], False), (["b", "a", "b"], False),
     (["a", None], False)],
)  # fmt: skip
def test_keys_are_all_there_and_all_different(keys: list[str | None], wanted: bool) -> None:
    assert are_keys(column(keys)) is wanted
