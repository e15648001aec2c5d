"""A missing column is refused in one line that guesses its new name, and never repeats a value."""

import pytest

from orchestration.raw.declaration import validate_declaration
from orchestration.raw.errors import SourceError
from orchestration.raw.shape import likely_renames, require_columns


def _declared(*columns: str):
    table = {"description": "People.", "columns": list(columns), "path": "*.csv", "format": "csv"}
    return validate_declaration(
        {
            "source": "crm",
            "description": "The CRM.",
            "connector": "files",
            "owner": "sales@example.com",
            "party_data_class": "first",
            "location": "/nowhere",
            "tables": {"people": table},
        }
    )


def test_all_columns_there_pass_in_any_order_and_with_others():
    require_columns(_declared("id", "phone"), "people", ["extra", "phone", "id"], "people.csv")


def test_a_missing_column_names_its_likely_new_name():
    with pytest.raises(SourceError) as caught:
        require_columns(_declared("id", "phone"), "people", ["id", "colour", "phone_number"], "people.csv")
    assert str(caught.value) == (
        "crm.people: column phone is missing in people.csv; phone_number is new and looks like it: was it renamed?"
        " Remedy: ask sales@example.com to bring it back, or change crm.yml and its staging model"
    )


def test_several_missing_columns_are_paired_one_to_one():
    with pytest.raises(SourceError, match=r"columns email, phone are missing in people\.csv; ") as caught:
        require_columns(_declared("id", "email", "phone"), "people", ["id", "mobile", "e-mail"], "people.csv")
    assert "e-mail is new and looks like email: was it renamed?; mobile is new and looks like phone" in str(
        caught.value
    )


def test_without_a_likely_name_none_is_guessed():
    with pytest.raises(SourceError, match=r"^crm\.people: column phone is missing in people\.csv\. Remedy: "):
        require_columns(_declared("id", "phone"), "people", ["id", "colour", "updated_at"], "people.csv")


def test_a_lost_header_line_repeats_nobody_s_values():
    found = ["1", "phone@example.com", "phone: 555-123-4567"]
    with pytest.raises(SourceError) as caught:
        require_columns(_declared("id", "phone"), "people", found, "people.csv")
    assert "example.com to bring" in str(caught.value) and "phone@" not in str(caught.value)
    assert "555" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("phone", "phone_number"),
        ("updated_at", "updateTime"),
        ("given_name", "first_name"),
        ("birth_date", "date_of_birth"),
        ("retail_disc", "retail_discount"),
        ("postcode", "zip_code"),
        ("name", "full_name"),
    ],
)
def test_common_renames_are_recognised(old: str, new: str):
    assert likely_renames([old], ["colour", new, "batch"]) == {old: new}


@pytest.mark.parametrize(
    ("old", "new"), [("account_id", "account_name"), ("created_at", "resolved_at"), ("order_id", "store_id")]
)
def test_neighbours_of_another_meaning_are_not(old: str, new: str):
    assert likely_renames([old], [new]) == {}
