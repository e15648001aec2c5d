"""What is compared between two records, how alike counts as alike, and first guesses of m and u.

m is the probability of a level among pairs of the same person, u among pairs of different people.
The guesses serve small data; with enough records Splink estimates both without labels.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

GIVEN_ALIKE = "list_has_any(given_roots_l, given_roots_r)"
# A slip of the keyboard in a name long enough that another name is not one letter away.
_NEAR = (
    "(damerau_levenshtein({a}, {b}) <= 1 and least(length({a}), length({b})) >= 4"
    " or jaro_winkler_similarity({a}, {b}) >= 0.93 and least(length({a}), length({b})) >= 5)"
)


def near(a: str, b: str) -> str:
    """SQL: the two columns differ by a slip of the keyboard at most (or not at all)."""
    return f"({a} = {b} or {_NEAR.format(a=a, b=b)})"


GIVEN_NEAR = f"({GIVEN_ALIKE} or {near('given_l', 'given_r')} or {near('given_root_l', 'given_root_r')})"
FAMILY_NEAR = near("family_l", "family_r")
SWAPPED_NEAR = f"({near('given_l', 'family_r')} and {near('family_l', 'given_r')})"
GIVEN_INITIAL = "(left(given_l, 1) = left(given_r, 1) and least(length(given_l), length(given_r)) = 1)"
FAMILY_INITIAL = "(left(family_l, 1) = left(family_r, 1) and least(length(family_l), length(family_r)) = 1)"
# A name of one word inside the other's given name: a handle made of the name (ericx68).
PREFIX = (
    "((family_l is null or family_r is null) and least(length(given_l), length(given_r)) >= 3"
    " and (starts_with(given_l, given_r) or starts_with(given_r, given_l)))"
)
# A name of one word that is the other's family name.
ONLY_FAMILY = (
    f"(family_l is null and {near('given_l', 'family_r')} or family_r is null and {near('given_r', 'family_l')})"
)

SWAPPED_DAY_MONTH = (
    "(left(birth_date_l, 4) = left(birth_date_r, 4)"
    " and substr(birth_date_l, 6, 2) = substr(birth_date_r, 9, 2)"
    " and substr(birth_date_l, 9, 2) = substr(birth_date_r, 6, 2))"
)
BIRTH_NEAR = (
    f"(birth_date_l = birth_date_r or {SWAPPED_DAY_MONTH} or damerau_levenshtein(birth_date_l, birth_date_r) <= 1)"
)


def _level(sql: str, label: str, m: float, u: float, **more: Any) -> dict[str, Any]:
    return {"sql_condition": sql, "label_for_charts": label, "m_probability": m, "u_probability": u, **more}


def _null(sql: str) -> dict[str, Any]:
    return {"sql_condition": sql, "label_for_charts": "unknown", "is_null_level": True}


def _otherwise(m: float, u: float) -> dict[str, Any]:
    return _level("ELSE", "different", m, u)


NAME = {
    "output_column_name": "name",
    "comparison_levels": [
        _null("given_l is null and family_l is null or given_r is null and family_r is null"),
        _level("name_key_l = name_key_r", "same name", 0.70, 0.0006, tf_adjustment_column="name_key"),
        _level(f"({GIVEN_NEAR} and {FAMILY_NEAR}) or {SWAPPED_NEAR}", "name alike", 0.12, 0.0003),
        _level(
            f"{GIVEN_INITIAL} and {FAMILY_NEAR} or {GIVEN_NEAR} and {FAMILY_INITIAL}", "initial fits", 0.03, 0.0003
        ),
        _level("given_root_l = given_root_r", "same given name", 0.08, 0.006, tf_adjustment_column="given_root"),
        _level(f"{GIVEN_NEAR} or {PREFIX}", "given name alike", 0.03, 0.004),
        _level(f"{FAMILY_NEAR} or {ONLY_FAMILY}", "family name alike", 0.01, 0.006),
        _otherwise(0.03, 0.982),
    ],
}  # fmt: skip

# A slip in an e-mail; but smith@ and smith2@ are two people's, so the digits must be the same.
EMAIL_ALIKE = (
    "(email_digits_l = email_digits_r and length(email_l) >= 12 and damerau_levenshtein(email_l, email_r) <= 2)"
)

EMAIL = {
    "output_column_name": "email",
    "comparison_levels": [
        # janenewton69@home and jane.newton@work: both made from the name, which is compared already.
        _null(
            f"email_l is null or email_r is null or mailbox_l = mailbox_r and email_l <> email_r and not {EMAIL_ALIKE}"
        ),
        _level("email_l = email_r", "same e-mail", 0.75, 0.0003, tf_adjustment_column="email"),
        _level(EMAIL_ALIKE, "e-mail alike", 0.06, 0.0001),
        _otherwise(0.19, 0.9995),
    ],
}

PHONE = {
    "output_column_name": "phone",
    "comparison_levels": [
        _null("phone_l is null or phone_r is null"),
        _level("phone_l = phone_r", "same phone", 0.75, 0.0003, tf_adjustment_column="phone"),
        _otherwise(0.25, 0.9997),
    ],
}

BIRTH = {
    "output_column_name": "birth",
    "comparison_levels": [
        _null("birth_date_l is null or birth_date_r is null"),
        _level("birth_date_l = birth_date_r", "same birth date", 0.93, 0.0003),
        _level(SWAPPED_DAY_MONTH, "day and month swapped", 0.03, 0.0001),
        _level("damerau_levenshtein(birth_date_l, birth_date_r) <= 1", "birth date alike", 0.02, 0.002),
        _otherwise(0.02, 0.9976),
    ],
}

# Address and card say where somebody lives, not who they are, and agree together: one comparison,
# so that a household is not counted twice.
HOUSEHOLD = {
    "output_column_name": "household",
    "comparison_levels": [
        _null("address_l is null and loyalty_card_l is null or address_r is null and loyalty_card_r is null"
              " or address_l is null and loyalty_card_r is null or address_r is null and loyalty_card_l is null"),
        _level("loyalty_card_l = loyalty_card_r", "same loyalty card", 0.45, 0.0003),
        _level("address_l = address_r", "same address", 0.35, 0.0003),
        # The house number must be the same: next door is somebody else.
        _level(
            "split_part(address_l, ' ', 1) = split_part(address_r, ' ', 1)"
            " and damerau_levenshtein(address_l, address_r) <= 2",
            "address alike", 0.02, 0.0001,
        ),
        _otherwise(0.18, 0.9993),
    ],
}  # fmt: skip

DEVICE = {
    "output_column_name": "device",
    "comparison_levels": [
        _null("device_id_l is null or device_id_r is null"),
        _level("device_id_l = device_id_r", "same device", 0.7, 0.0005),
        _otherwise(0.3, 0.9995),
    ],
}

_ALL = [NAME, EMAIL, PHONE, BIRTH, HOUSEHOLD, DEVICE]


def comparisons(by_frequency: bool) -> list[dict[str, Any]]:
    """All comparisons for Splink; `by_frequency` lets rare values count for more than common ones.

    Among few records every value is frequent, so frequencies are left out there.
    """
    copies = deepcopy(_ALL)
    for level in (level for comparison in copies for level in comparison["comparison_levels"]):
        if not by_frequency:
            level.pop("tf_adjustment_column", None)
    return copies


# Pairs worth looking at: each rule finds people another one misses.
BLOCKING = [
    ["email"],
    ["phone"],
    ["name_key"],
    ["address"],
    ["loyalty_card"],
    ["device_id"],
    ["mailbox"],
    ["birth_date", "family"],
    ["birth_date", "given_root"],
    ["postcode", "given_root"],
    ["postcode", "family"],
]

# Training blocks: pairs of the same person are common in each, and each leaves the others free to be learnt.
TRAINING = [["email"], ["name_key"], ["phone"]]

# Given names that cannot be one person's: no common root, no slip, no initial, no part of the other, no swap.
GIVEN_CONFLICT = (
    "given_l is not null and given_r is not null and least(length(given_l), length(given_r)) > 1"
    f" and not ({GIVEN_NEAR} or coalesce({PREFIX}, false)"
    f" or coalesce({SWAPPED_NEAR}, false) or coalesce({ONLY_FAMILY}, false))"
)
# Father and son of one name: born a generation apart, and no slip in a digit makes the dates the same.
LEAST_GENERATION_YEARS = 12
BIRTH_CONFLICT = (
    "birth_date_l is not null and birth_date_r is not null"
    " and abs(cast(left(birth_date_l, 4) as integer) - cast(left(birth_date_r, 4) as integer))"
    f" >= {LEAST_GENERATION_YEARS}"
    f" and not {BIRTH_NEAR}"
)
