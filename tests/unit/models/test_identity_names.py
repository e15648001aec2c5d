"""Names, contact points and dates as people type them come out comparable."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import record, records_table
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity.standardise import email, phone, standardise
from models.identity.standardise.names import parse
from models.identity.standardise.nicknames import roots
from models.identity.standardise.tables import as_frame
from models.identity.standardise.text import plain


def features(rows: list[dict[str, object]]) -> pd.DataFrame:
    return as_frame(standardise(records_table(rows))[0])


def name_key(**values: object) -> str | None:
    return features([record("one", **values)]).name_key[0]


@pytest.mark.parametrize(
    "written",
    [
        {"full_name": "张国强"},
        {"full_name": "張國強"},
        {"full_name": "国强张"},
        {"given_name": "国强", "family_name": "张"},
        {"given_name": "张", "family_name": "国强"},
        {"full_name": "Zhang Guoqiang"},
        {"full_name": "Guoqiang Zhang"},
        {"full_name": "ZHANG, GUO QIANG"},
        {"full_name": "Guo-Qiang Zhang"},
        {"full_name": "Ｇｕｏｑｉａｎｇ Ｚｈａｎｇ"},
        {"given_name": "Zhang", "family_name": "Guoqiang"},
    ],
)
def test_a_chinese_name_in_any_script_and_order_is_one_name(written: dict[str, str]) -> None:
    assert name_key(**written) == "guoqiang zhang"


@pytest.mark.parametrize(
    "written",
    [
        {"full_name": "Robert Oakhurst"},
        {"full_name": "OAKHURST, ROBERT"},
        {"full_name": "Mr. Röbert  Oakhurst"},
        {"full_name": "Ｒｏｂｅｒｔ Oakhurst"},
        {"given_name": "Robert", "family_name": "Oakhurst"},
        {"given_name": "Oakhurst", "family_name": "Robert"},
        {"full_name": "Robbie Oakhurst", "given_name": None},
    ],
)
def test_an_english_name_in_any_layout_is_one_name(written: dict[str, str]) -> None:
    out = features([record("one", **written)])
    assert out.family[0] == "oakhurst"
    assert "robert" in out.given_roots[0]


def test_a_family_reading_differs_from_the_everyday_one() -> None:
    assert parse("曾伟", "", "").family == "zeng"
    assert parse("单丽华", "", "").family == "shan"
    assert parse("欧阳志明", "", "").family == "ouyang"


def test_umlaut_spellings_are_one_sound() -> None:
    assert name_key(full_name="吕伟") == name_key(full_name="Lv Wei") == name_key(full_name="Lyu Wei")


def test_nicknames_may_stand_for_several_names_and_slips_count() -> None:
    assert set(roots("alex")) >= {"alexander", "alexandra"}
    assert "eleanor" in roots("elkie")  # a slip of ellie
    assert roots("mortimer") == ["mortimer"]


def test_words_that_most_records_use_as_given_name_settle_the_order() -> None:
    """Maxwell is in the list of given names, but here everybody has it for a family name."""
    rows = [
        record(f"crm{k}", given_name=g, family_name="Maxwell")
        for k, g in enumerate(["Ursula", "Ingrid", "Ursula", "Greta"])
    ]
    out = features([*rows, record("odd", full_name="Maxwell Ursula")])
    odd = out[out.record_key == record("odd")["record_key"]].iloc[0]
    assert (odd.given, odd.family) == ("ursula", "maxwell")
    assert set(out.family) == {"maxwell"}


def test_one_part_alone_stays_what_its_field_says() -> None:
    assert (parse("", "", "green").given, parse("", "", "green").family) == ("", "green")
    assert (parse("", "green", "").given, parse("", "green", "").family) == ("green", "")
    assert (parse("", "", "robert green").given, parse("", "", "robert green").family) == ("robert", "green")


def test_a_family_name_is_completed_from_the_records_own_mailbox() -> None:
    own = features([record("a", full_name="Nora S.", email="nora.stokes@work.example")])
    other = features([record("a", full_name="Nora S.", email="peter.stokes@work.example")])
    assert own.family[0] == "stokes"
    assert other.family[0] == "s"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("(614) 555-0123", "+16145550123"),
        ("+1 614 555 0123", "+16145550123"),
        ("００１６１４５５５０１２３", "+16145550123"),
        ("614.555.0123 ext 12", "+16145550123"),
        ("0000000000", None),
        ("n/a", None),
        (None, None),
    ],
)
def test_phones(written: str | None, wanted: str | None) -> None:
    assert phone.standard(written) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [(" Ann.Lee@Mail.Example ", "ann.lee@mail.example"), ("ann@", None), ("none", None), ("a@b@c", None), ("", None)],
)
def test_emails(written: str, wanted: str | None) -> None:
    assert email.standard(written) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("1971-04-13", "1971-04-13"),
        ("04/13/1971", "1971-04-13"),
        ("13/04/1971", "1971-04-13"),
        (pd.Timestamp("1971-04-13"), "1971-04-13"),
        ("1900-01-01", None),
        ("1971-02-30", None),
        ("unknown", None),
        (pd.NaT, None),
        (None, None),
    ],
)
def test_birth_dates(written: object, wanted: str | None) -> None:
    assert features([record("one", birth_date=written)]).birth_date[0] == wanted


def test_a_record_key_must_be_there_once() -> None:
    with pytest.raises(ValueError, match="record_key"):
        features([record("a"), record("a")])


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30), st.text(max_size=15), st.text(max_size=15))
def test_any_text_is_survived_and_standardising_twice_changes_nothing(full: str, first: str, last: str) -> None:
    name = parse(plain(full), plain(first), plain(last))
    assert name.given.isascii() and name.family.isascii() or name.hanzi
    assert plain(plain(full)) == plain(full)
    assert email.standard(email.standard(full)) == email.standard(full)
    assert phone.standard(phone.standard(full)) == phone.standard(full)
