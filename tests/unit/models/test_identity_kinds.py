"""Columns are recognised by name, then by content; what knows the answer never becomes evidence."""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from models.identity.kinds import find_kinds, ignored_columns
from models.identity.standardise.tables import as_arrow, as_text


def table(**columns: list) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_the_columns_of_public_sets_are_found_by_name() -> None:
    febrl = table(
        rec_id=["a", "b"],
        given_name=["x", "y"],
        surname=["x", "y"],
        street_number=["1", "2"],
        address_1=["x", "y"],
        address_2=["x", "y"],
        suburb=["x", "y"],
        postcode=["1", "2"],
        state=["x", "y"],
        date_of_birth=["19710413", "19710414"],
        soc_sec_id=["1", "2"],
    )
    assert find_kinds(febrl) == {
        "record_key": "rec_id",
        "given": "given_name",
        "family": "surname",
        "birth_date": "date_of_birth",
        "house_number": "street_number",
        "street": "address_1",
        "unit": "address_2",
        "city": "suburb",
        "region": "state",
        "postcode": "postcode",
        "national_id": "soc_sec_id",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("E-Mail", "email"), ("EMAIL_ADDRESS", "email"), ("Mobile", "phone"), ("tel", "phone"), ("DOB", "birth_date"),
        ("Zip Code", "postcode"), ("zipcode", "postcode"), ("postal_code", "postcode"), ("Town", "city"),
        ("Province", "region"), ("house_number", "house_number"), ("unit_number", "unit"), ("forename", "given"),
        ("firstname", "given"), ("last_name", "family"), ("middle_initial", "middle"), ("Sex", "gender"),
        ("ssn", "national_id"), ("Name", "full_name"), ("street_name", "street"), ("source_system", "source"),
    ],
)  # fmt: skip
def test_names_of_columns(name: str, kind: str) -> None:
    records = pd.DataFrame(
        {"id": [1, 2], "surname" if kind != "family" else "first name": ["a", "b"], name: ["c", "d"]}
    )
    assert find_kinds(records)[kind] == name


def test_columns_without_a_known_name_are_found_by_content() -> None:
    count = 20
    records = table(
        f0=[f"K{n}" for n in range(count)],
        f1=[f"p{n}@mail.example" for n in range(count)],
        f2=[f"(614) 555-01{n:02d}" for n in range(count)],
        f3=[f"{1930 + 3 * n}-02-03" for n in range(count)],
        f4=[f"2017-02-{n + 1:02d}" for n in range(count)],
        f5=["blue", "red"] * 10,
    )
    assert find_kinds(records) == {"record_key": "f0", "email": "f1", "phone": "f2", "birth_date": "f3"}
    assert ignored_columns(records, find_kinds(records)) == ["f4", "f5"]


@pytest.mark.parametrize(
    "name", ["cluster", "true id", "true_id", "entity", "entity_id", "label", "simulant_id", "person_id"]
)
def test_a_column_that_knows_the_answer_is_never_used(name: str) -> None:
    records = pd.DataFrame({name: ["a@b.example", "c@d.example", "e@f.example"], "id": [1, 2, 3], "surname": ["x"] * 3})
    assert name not in find_kinds(records).values()


def test_an_id_that_is_there_twice_is_no_key() -> None:
    records = table(id=[1, 1, 2], rec_id=[1, 2, 3], surname=["a", "b", "c"])
    assert find_kinds(records)["record_key"] == "rec_id"


def test_the_caller_knows_better() -> None:
    records = table(id=[1, 2], contact=["a", "b"], phone=["c", "d"], surname=["x", "y"])
    assert find_kinds(records, {"phone": "contact"})["phone"] == "contact"
    assert "phone" not in find_kinds(records, {"phone": None})


@pytest.mark.parametrize(
    ("records", "kinds", "says"),
    [
        (table(surname=["a", "a"]), None, "record_key"),
        (table(id=[1, 2], colour=["red", "blue"]), None, "tells people apart"),
        (table(id=[1, 2], surname=["a", "b"]), {"fon": "surname"}, "no such kind 'fon'"),
        (table(id=[1, 2], surname=["a", "b"]), {"phone": "tel"}, "no column 'tel'"),
    ],
)
def test_one_clear_error(records: pd.DataFrame, kinds: dict | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        find_kinds(records, kinds)


def test_errors_show_no_value() -> None:
    with pytest.raises(ValueError) as error:
        find_kinds(table(surname=["Oakhurst", "Oakhurst"]))
    assert "Oakhurst" not in str(error.value)


def test_arrow_duckdb_and_a_named_index_do_as_well() -> None:
    records = table(id=["1", "2"], surname=["a", "b"])
    arrow = pa.table({"id": ["1", "2"], "surname": ["a", "b"]})
    relation = duckdb.connect().sql("select * from (values ('1', 'a'), ('2', 'b')) as t(id, surname)")
    found = [find_kinds(each) for each in (records, arrow, relation, records.set_index("id"))]
    assert found == [{"record_key": "id", "family": "surname"}] * 4
    with pytest.raises(TypeError, match="pandas or Arrow"):
        find_kinds([("1", "a")])


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        (pd.Series(["6145550101", None, "6145550101"], dtype="category"), ["6145550101", None, "6145550101"]),
        (pd.Series([10**30, 1, None], dtype=object), [str(10**30), "1", None]),
        (pd.Series(["a\ud800b", "x", None], dtype=object), ["a?b", "x", None]),
        (pd.Series([1e20, 5.0, None]), ["1e+20", "5", None]),
        (pd.Series(pd.period_range("2017-01", periods=3, freq="M")), ["2017-01", "2017-02", "2017-03"]),
        (pd.Series([1 + 2j, 0, 1]), ["(1+2j)", "0j", "(1+0j)"]),
    ],
)
def test_columns_of_any_type_are_read_as_text(phone: pd.Series, written: list) -> None:
    records = as_arrow(pd.DataFrame({"id": pd.Categorical(["a", "b", "c"]), "phone": phone}))
    assert find_kinds(records) == {"record_key": "id", "phone": "phone"}
    assert as_text(records["phone"]).to_pylist() == written


@pytest.mark.parametrize("values", [[["a@b.example"], [], None], [b"\xff", b"a", None], [{"a": 1}, None, None]])
def test_a_column_that_is_no_text_is_no_evidence(values: list) -> None:
    records = pa.table({"id": [1, 2, 3], "surname": ["x", "y", "z"], "email": pa.array(values)})
    assert find_kinds(records) == {"record_key": "id", "family": "surname"}
    with pytest.raises(ValueError, match="column 'email' holds .* be read as text"):
        find_kinds(records, {"email": "email"})


def test_a_column_that_is_there_twice_is_told_in_one_line() -> None:
    records = pd.DataFrame([[1, "x", "y"]], columns=["id", "email", "email"])
    for table_ in (records, pa.Table.from_arrays([pa.array([1])] * 3, names=["id", "email", "email"])):
        with pytest.raises(ValueError, match="the column 'email' is there twice"):
            find_kinds(table_)


def test_the_order_of_rows_decides_no_kind() -> None:
    """A column of notes, the first thousand of which happen to be phones."""
    notes = [f"(614) 555-{n:04d}" for n in range(1_000)] + [f"call back on day {n}" for n in range(2_000)]
    records = pd.DataFrame({"id": range(3_000), "surname": "x", "note": notes})
    assert find_kinds(records) == find_kinds(records[::-1]) == {"record_key": "id", "family": "surname"}
