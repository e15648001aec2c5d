"""What names nobody is found from placeholders and from the data, and families are left alone."""

from __future__ import annotations

import pyarrow as pa
import pytest

from models.identity import IdentitySettings
from models.identity.blocked_values import blocked_values, effective
from models.identity.standardise import SCHEMA, standardise


def features(**columns: list) -> pa.Table:
    count = len(next(iter(columns.values())))
    whole = {"record_key": [f"r{n:05d}" for n in range(count)], **columns}
    arrays = [pa.array(whole.get(field.name, [None] * count), field.type) for field in SCHEMA]
    return pa.table(arrays, schema=SCHEMA)


def found(table: pa.Table, kind: str) -> dict[str, str]:
    rows = blocked_values(table).to_pylist()
    return {row["value"]: row["reason"] for row in rows if row["kind"] == kind}


def people(count: int) -> list[str]:
    return [f"family{n} given{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "test@test.com"), ("email", "noreply@works.example"), ("email", "jane@none.com"),
        ("email", "a@a.com"),
        ("phone", "+10000000000"), ("phone", "+16149999999"), ("phone", "1234567"), ("phone", "+11234567890"),
        ("phone", "+861234567890"), ("address", "unknown|43011"), ("address", "general delivery|43011"),
        ("national_id", "123456789"), ("national_id", "078051120"), ("loyalty_card", "NOCARD"),
        ("device_id", "00000000-0000-0000-0000-000000000000"),
    ],
)  # fmt: skip
def test_placeholders(kind: str, value: str) -> None:
    assert found(features(**{kind: [value, None]}), kind) == {value: "placeholder"}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "testa.rossi@works.example"), ("email", "nora@testing-labs.example"), ("email", "j@smith.example"),
        ("phone", "+16145550123"), ("phone", "+8613812345678"), ("address", "12 unknown soldier st|43011"),
        ("national_id", "1030769"), ("loyalty_card", "29000000017"), ("birth_date", "1971-04-13"),
    ],
)  # fmt: skip
def test_real_values_are_no_placeholders(kind: str, value: str) -> None:
    assert found(features(**{kind: [value, None]}), kind) == {}


def test_a_shops_phone_is_blocked_and_a_familys_is_not() -> None:
    own = [f"+1614551{n:04d}" for n in range(500)]
    phones = ["+16145500001"] * 9 + ["+16145500002"] * 8 + own
    blocked = found(features(phone=phones, name_key=people(len(phones))), "phone")
    assert blocked == {"+16145500001": "shared by 9 people, more than 8"}
    blocked = found(features(phone=["+16145500001"] * 8, name_key=people(8)), "phone")
    assert blocked == {}


def test_one_switchboard_alone_is_no_measure_of_itself() -> None:
    assert list(found(features(phone=["+16145500001"] * 60, name_key=people(60)), "phone")) == ["+16145500001"]


def test_one_person_in_forty_records_blocks_nothing() -> None:
    assert blocked_values(features(phone=["+16145500001"] * 40, name_key=["jane smith"] * 40)).num_rows == 0
    assert blocked_values(features(phone=["+16145500001"] * 40, name_key=[None] * 40)).num_rows == 0


def test_the_limit_follows_the_kind() -> None:
    """Twenty people a day are born by chance in this table; one day has two hundred."""
    days = [f"19{year}-0{month}-{day}" for year in range(50, 60) for month in range(1, 10) for day in range(10, 20)]
    dates = days * 20 + ["1950-01-01"] * 200
    blocked = found(features(birth_date=dates, name_key=people(len(dates))), "birth_date")
    assert list(blocked) == ["1950-01-01"]


def test_settings_move_the_limit() -> None:
    table = features(phone=["+16145500001"] * 5, name_key=people(5))
    assert blocked_values(table, IdentitySettings(least_people_blocked=4, blocked_tail=0.5)).num_rows == 1


def test_effective_clears_what_says_the_same_and_nothing_else() -> None:
    table = features(
        email=["test@test.com", "jane@works.example"],
        mailbox=["testtest", "janejane"],
        email_digits=["", ""],
        address=["unknown|43011", "12 main st|43011"],
        street=["unknown", "main st"],
        postcode=["43011", "43011"],
        given=["jane", "jane"],
    )
    cleared = effective(table, blocked_values(table))
    gone = {"email", "mailbox", "email_digits", "address", "street"}
    for column in table.column_names:
        before, after = table[column].to_pylist(), cleared[column].to_pylist()
        assert after == ([None, before[1]] if column in gone else before), column
    assert cleared.schema == table.schema


def test_the_order_of_rows_and_the_rest_of_the_night_change_nothing(people: tuple) -> None:
    records, _ = people
    shared = records.assign(phone=records.phone.where(records.index % 4 != 1, "(614) 550-0199"))
    first = blocked_values(standardise(shared)[0])
    again = blocked_values(standardise(shared.sample(frac=1, random_state=2))[0])
    assert first.num_rows > 0
    assert first.equals(again)
