"""What is said of an error holds no value of a row."""

import pytest

from orchestration.redact import without_values


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Could not convert string 'jane.doe@example.com' to DOUBLE", "Could not convert string … to DOUBLE"),
        ('invalid date: "12 Main St"\nLINE 1', "invalid date: … LINE 1"),
        ("row jane@example.com is wrong", "row … is wrong"),
        ("call +1 (555) 550-1234 now", "call +… now"),
        ("Table orders does not exist, 12 rows", "Table orders does not exist, 12 rows"),
    ],
)
def test_values_are_left_out_and_the_rest_stays(said, kept):
    assert without_values(said) == kept


def test_a_long_reason_is_cut():
    assert len(without_values("word " * 1000)) == 300
