"""How a careful user of Splink would set it up for each kind of table: comparisons, blocking and training by column.

For the sets on which Splink's documentation has an example (FEBRL3, FEBRL4, fake_1000) it is that example's choice; the
others follow the same manner: the comparison library's types for names, dates and e-mails, blocking on one column or
two, a prior from sure rules, EM over two or three blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Columns that must be the same, or a condition in SQL.
Rules = list[tuple[str, ...] | str]
_SWAPPED = "l.given_name = r.surname and l.surname = r.given_name"


def _same(column: str) -> str:
    return f"l.{column} = r.{column}"


@dataclass(frozen=True)
class Configuration:
    """What a user writes down.

    Args:
        comparisons: of Splink's comparison library.
        blocking: columns that a pair must share to be looked at, one rule each.
        sure: rules so strict that they hardly ever err; with `sure_recall` they give the prior.
        training: blocks for EM; each leaves other columns free to be learnt.
        prepared: SQL of the columns a user would prepare first, none by default.
        u_pairs: random pairs from which u is estimated.
    """

    comparisons: list[Any]
    blocking: Rules
    sure: Rules
    training: Rules
    sure_recall: float = 0.7
    prepared: str = "1 as nothing"
    u_pairs: float = 1e6


def configuration(name: str) -> Configuration:
    """Of one set; generated records of any number are `scale_<number>`."""
    of_set = {
        "febrl4": _febrl4,
        "fake_1000": _fake_1000,
        "pseudopeople": _pseudopeople,
        "demo": _demo,
    }
    if name.startswith("scale"):
        return _scale()
    return of_set.get(name, _febrl3)()


def _febrl3() -> Configuration:
    """As Splink's example deduplicates FEBRL3; FEBRL1 and 2 are of the same kind."""
    import splink.comparison_library as cl

    return Configuration(
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
        blocking=[("soc_sec_id",), ("given_name",), ("surname",), ("date_of_birth",), ("postcode",)],
        sure=[("soc_sec_id",), ("given_name", "surname", "date_of_birth"), f"{_SWAPPED} and {_same('date_of_birth')}"],
        sure_recall=0.9,
        training=[("date_of_birth",), ("postcode",)],
    )


def _febrl4() -> Configuration:
    """As Splink's example links FEBRL4, with the more detailed of its two models."""
    import splink.comparison_library as cl

    return Configuration(
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        blocking=[
            ("given_name", "surname"),
            _SWAPPED,
            ("date_of_birth",),
            ("soc_sec_id",),
            ("state", "address_1"),
            ("street_number", "address_1"),
            ("postcode",),
        ],
        sure=[("soc_sec_id",), ("given_name", "surname", "date_of_birth")],
        sure_recall=0.8,
        training=[("date_of_birth",), ("postcode",)],
    )


def _fake_1000() -> Configuration:
    """As Splink's example measures itself on fake_1000."""
    import splink.comparison_library as cl

    return Configuration(
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking=[("first_name",), ("surname",), ("dob",), ("email",)],
        sure=[
            f"{_same('first_name')} and levenshtein(l.dob, r.dob) <= 1",
            f"{_same('surname')} and levenshtein(l.dob, r.dob) <= 1",
            f"{_same('first_name')} and levenshtein(l.surname, r.surname) <= 2",
            ("email",),
        ],
        training=[("dob",), ("email",), ("first_name", "surname")],
    )


def _pseudopeople() -> Configuration:
    import splink.comparison_library as cl

    return Configuration(
        # One spelling of dates, one length of middle names and one field of the address for all forms.
        prepared="""
            replace(date_of_birth, '-', '') as born, left(middle_name, 1) as middle_initial,
            street_number || ' ' || street_name as address
        """,
        comparisons=[
            cl.NameComparison("first_name"),
            cl.ExactMatch("middle_initial"),
            cl.NameComparison("last_name"),
            cl.DateOfBirthComparison("born", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("ssn", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("address", [1]),
            cl.ExactMatch("sex"),
        ],
        blocking=[
            ("ssn",),
            ("first_name", "last_name"),
            ("first_name", "born"),
            ("last_name", "born"),
            ("address",),
        ],
        sure=[("ssn", "last_name"), ("first_name", "last_name", "born")],
        training=[("ssn",), ("first_name", "last_name"), ("born",)],
        sure_recall=0.6,
    )


def _demo() -> Configuration:
    import splink.comparison_library as cl

    return Configuration(
        prepared="""
            nullif(lower(trim(coalesce(full_name, concat_ws(' ', given_name, family_name)))), '') as name,
            lower(trim(email)) as email_address,
            right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) as phone_digits,
            strftime(birth_date, '%Y-%m-%d') as born,
            lower(street) as street_line
        """,
        comparisons=[
            cl.NameComparison("name"),
            cl.EmailComparison("email_address"),
            cl.ExactMatch("phone_digits").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.JaroWinklerAtThresholds("street_line", [0.9]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("loyalty_card"),
            cl.ExactMatch("device_id"),
        ],
        blocking=[
            ("name",),
            ("email_address",),
            ("phone_digits",),
            ("street_line",),
            ("loyalty_card",),
            ("device_id",),
            ("born", "postcode"),
        ],
        sure=[("name", "email_address"), ("name", "phone_digits"), ("name", "street_line")],
        training=[("email_address",), ("name",), ("phone_digits",)],
        sure_recall=0.6,
    )


def _scale() -> Configuration:
    import splink.comparison_library as cl

    return Configuration(
        prepared="""
            lower(given_name) as given, lower(family_name) as family, lower(trim(email)) as email_address,
            right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) as phone_digits, lower(street) as street_line
        """,
        comparisons=[
            cl.NameComparison("given"),
            cl.NameComparison("family"),
            cl.EmailComparison("email_address"),
            cl.ExactMatch("phone_digits").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.JaroWinklerAtThresholds("street_line", [0.9]).configure(term_frequency_adjustments=True),
        ],
        blocking=[
            ("email_address",),
            ("phone_digits",),
            ("given", "family"),
            ("street_line", "postcode"),
            ("given", "birth_date"),
            ("family", "birth_date"),
        ],
        sure=[("given", "family", "email_address"), ("given", "family", "phone_digits")],
        training=[("email_address",), ("given", "family"), ("phone_digits",)],
        sure_recall=0.6,
    )
