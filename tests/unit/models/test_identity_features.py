"""Features: one row per record, a function of the record and of frozen statistics alone."""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from conftest import record, records_table
from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity.kinds import find_kinds
from models.identity.standardise import SCHEMA, NameOrder, chinese, standardise
from models.identity.standardise.name_order import learn_domains
from models.identity.standardise.nicknames import roots


def one(**values: object) -> dict[str, object]:
    return standardise(records_table([record("one", **values)]))[0].to_pylist()[0]


def test_rows_are_ordered_by_key_and_missing_is_null(people) -> None:
    features, _ = standardise(people[0])
    assert features.schema == SCHEMA
    assert features["record_key"].to_pylist() == sorted(people[0].record_key)
    for name in set(SCHEMA.names) - {"given_roots", "has_plain_order", "email_digits"}:
        assert "" not in features[name].to_pylist(), name


def test_pandas_arrow_duckdb_and_any_order_of_rows_give_the_same_bytes(people) -> None:
    records = people[0]
    first, order = standardise(records)
    mixed = records.sample(frac=1, random_state=5)
    arrow = pa.Table.from_pandas(mixed, preserve_index=False)
    connection = duckdb.connect()
    connection.register("mixed", arrow)
    for other in (mixed, arrow, connection.sql("select * from mixed")):
        found, learnt = standardise(other)
        assert found.equals(first)
        assert learnt.to_json() == order.to_json()


def test_a_row_does_not_depend_on_the_rows_beside_it(people) -> None:
    """With the statistics frozen and sent through text, half the records give half the features."""
    features, order = standardise(people[0])
    kept = NameOrder.from_json(order.to_json())
    half = people[0].iloc[::2]
    found, same = standardise(half, find_kinds(people[0]), kept)
    mask = pa.array([key in set(half.record_key) for key in features["record_key"].to_pylist()])
    assert found.equals(features.filter(mask))
    assert same.to_json() == order.to_json()


def test_originals_are_left_alone() -> None:
    records = records_table([record("one", full_name="SMITH, Jane", email=" Jane@Works.Example")])
    before = records.copy(deep=True)
    standardise(records)
    pd.testing.assert_frame_equal(records, before)


def test_rare_domains_one_slip_from_a_common_one_are_put_right() -> None:
    emails = [f"p{n}@mail.example" for n in range(60)] + ["x@mial.example", "y@mail.exampl", "z@main-street.example"]
    rows = [record(f"r{n}", full_name="Ann Lee", email=text) for n, text in enumerate(emails)]
    features, order = standardise(records_table(rows))
    assert order.domains == {"mail.exampl": "mail.example", "mial.example": "mail.example"}
    assert {"x@mail.example", "y@mail.example", "z@main-street.example"} <= set(features["email"].to_pylist())
    tomorrow, _ = standardise(records_table([record("new", email="q@mial.example")]), order=order)
    assert tomorrow["email"].to_pylist() == ["q@mail.example"]


def test_two_common_domains_are_two() -> None:
    emails = [f"p{n}@mail.example" for n in range(60)] + [f"p{n}@mall.example" for n in range(30)]
    assert learn_domains(pa.array(emails)) == {}


def test_a_source_shows_by_its_other_dates_which_way_round_it_writes() -> None:
    rows = [
        record("a", source_system="uk", full_name="A B", birth_date_raw="25/12/1980"),
        record("b", source_system="uk", full_name="C D", birth_date_raw="03/04/1971"),
        record("c", source_system="us", full_name="E F", birth_date_raw="12/25/1980"),
        record("d", source_system="us", full_name="G H", birth_date_raw="03/04/1971"),
    ]
    features, order = standardise(records_table(rows))
    by_name = dict(zip(features["given"].to_pylist(), features["birth_date"].to_pylist(), strict=True))
    assert by_name == {"a": "1980-12-25", "c": "1971-04-03", "e": "1980-12-25", "g": "1971-03-04"}
    assert order.day_first == frozenset({"uk"})


def test_the_readable_date_counts_before_the_text_beside_it() -> None:
    assert one(birth_date="1971-04-13", birth_date_raw="unreadable")["birth_date"] == "1971-04-13"
    assert one(birth_date=None, birth_date_raw="13 April 1971")["birth_date"] == "1971-04-13"


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"full_name": "Mary Ann Smith"}, ("mary", "ann", "smith")),
        ({"full_name": "J. R. Smith"}, ("j", "r", "smith")),
        ({"full_name": "Smith, Jane Q"}, ("jane", "q", "smith")),
        ({"given_name": "Jean-Pierre", "family_name": "Dupont"}, ("jean", "pierre", "dupont")),
        ({"given_name": "Jane", "family_name": "Smith-Jones"}, ("jane", None, "smithjones")),
        ({"family_name": "Smith-Jones"}, (None, None, "smithjones")),
        ({"full_name": "Ludwig van der Berg"}, ("ludwig", None, "vanderberg")),
        ({"given_name": "Otto", "family_name": "von Adlerberg"}, ("otto", None, "adlerberg")),
        ({"full_name": "王先生"}, (None, None, "wang")),
        ({"full_name": "欧阳女士"}, (None, None, "ouyang")),
        ({"full_name": "李 Amy"}, ("amy", None, "li")),
        ({"full_name": "Ｗａｎｇ ＸｉａｏＭｉｎｇ"}, ("xiaoming", None, "wang")),
        ({"full_name": "Ken Cheung"}, ("ken", None, "cheung")),
        ({"full_name": "Test User"}, (None, None, None)),
        ({"full_name": "n/a", "given_name": "-"}, (None, None, None)),
    ],
)
def test_parts_of_a_name(values: dict[str, str], wanted: tuple[str | None, ...]) -> None:
    row = one(**values)
    assert (row["given"], row["middle"], row["family"]) == wanted


def test_short_forms_stand_for_their_names_but_not_in_chinese_names() -> None:
    assert one(full_name="Bill Oakhurst")["given_root"] == "william"
    assert one(full_name="Lu Zhang")["given_root"] == "lu"
    assert one(full_name="Zhang Lu")["has_plain_order"] is True
    assert roots("bill") == ["bill", "william"]


def test_an_address_key_holds_number_street_unit_and_place() -> None:
    home = {"street": "12 Main Street Apt 4", "postcode": "43011-2211", "city": "Saint Paul", "country": "USA"}
    row = one(full_name="A B", **home)
    assert row["address"] == "12 main st 4|43011"
    assert (row["house_number"], row["street"], row["unit"]) == ("12", "main st", "4")
    assert (row["city"], row["country"]) == ("st paul", "US")
    assert one(full_name="A B", **home | {"postcode": None})["address"] == "12 main st 4|st paul"
    assert one(full_name="A B", postcode="43011")["address"] is None


def test_numbers_and_dates_in_typed_columns_are_read() -> None:
    frame = pd.DataFrame(
        {
            "id": [7, 8],
            "surname": ["Oak", "Elm"],
            "dob": pd.to_datetime(["1971-04-13", None]),
            "zip": [43011.0, None],
            "phone": [6145500123, 6145500124],
        }
    )
    rows = standardise(frame)[0].to_pylist()
    assert [(row["record_key"], row["birth_date"], row["postcode"], row["phone"]) for row in rows] == [
        ("7", "1971-04-13", "43011", "+16145500123"),
        ("8", None, None, "+16145500124"),
    ]


def test_converting_characters_is_not_paid_for_without_any(monkeypatch) -> None:
    def paid(*_: object) -> None:
        raise AssertionError("a dictionary of characters was opened for Latin names")

    monkeypatch.setattr(chinese, "_to_simplified", paid)
    monkeypatch.setattr(chinese, "reading", paid)
    assert one(full_name="Wang Xiaoming", street="1 Mill Lane", city="Linden")["family"] == "wang"


def test_family_names_read_as_the_dictionary_reads_them() -> None:
    """The readings are written down so that Latin names need no dictionary; all but the known ones agree with it."""
    from models.identity.standardise.surnames import EVERYDAY_READINGS, SURNAME_READINGS, SURNAMES

    assert len(SURNAMES) == len(SURNAME_READINGS)
    differ = {
        sign for sign, written in zip(SURNAMES, SURNAME_READINGS, strict=True) if chinese.reading(sign) != written
    }
    assert differ == {name for name in EVERYDAY_READINGS if len(name) == 1}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=15), st.text(max_size=15), st.text(max_size=15)), min_size=1, max_size=5))
def test_any_text_in_any_column_is_survived(rows: list[tuple[str, str, str]]) -> None:
    table = records_table(
        [
            record(f"r{n}", full_name=a, street=b, email=c, phone=b, city=a, company=c)
            for n, (a, b, c) in enumerate(rows)
        ]
    )
    assert standardise(table)[0].num_rows == len(rows)


def test_a_document_in_a_field_is_cut_and_not_compared_letter_by_letter() -> None:
    text = "abcdefghij" * 3_000
    row = one(full_name=f"Ann {text}", email=f"{text}@mail.example", street=f"12 {text} St")
    assert max(len(value) for name, value in row.items() if isinstance(value, str) and name != "record_key") <= 700


def test_a_key_of_any_length_is_kept_whole() -> None:
    keys = ["k" * 1_000 + end for end in "ab"]
    table = pd.DataFrame({"record_key": keys, "email": ["a@b.example"] * 2})
    assert standardise(table)[0]["record_key"].to_pylist() == keys
