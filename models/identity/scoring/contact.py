"""E-mail, telephone and numbers that somebody was given: national id, device, company."""

from __future__ import annotations

from .comparison import Comparison, Level, letters_apart

# A slip in an e-mail; but smith@ and smith2@ are two people's, so the digits must be the same.
EMAIL_SLIP = (
    f"(email_l <> email_r and {letters_apart('email_l', 'email_r')} <= 4 and email_digits_l = email_digits_r"
    " and least(length(email_l), length(email_r)) >= 10 and damerau_levenshtein(email_l, email_r) <= 2)"
)
EMAIL_ALIKE = (
    f"({letters_apart('email_l', 'email_r')} <= 5 and email_digits_l = email_digits_r"
    " and least(length(email_l), length(email_r)) >= 10 and jaro_winkler_similarity(email_l, email_r) >= 0.92)"
)
EMAIL = Comparison(
    "email",
    ("email", "mailbox", "email_digits"),
    # janenewton69@home and jane.newton@work: both made from the name, which is compared already.
    f"email_l is null or email_r is null or mailbox_l = mailbox_r and email_l <> email_r and not {EMAIL_SLIP}",
    (
        Level("email_l = email_r", "same e-mail", 0.70, 0.1, per_record=True, frequency="email"),
        Level(EMAIL_SLIP, "e-mail with a slip", 0.06, 0.02, per_record=True),
        Level(EMAIL_ALIKE, "e-mail alike", 0.02, 0.05, per_record=True),
        Level("", "different", 0.22, 0.9995),
    ),
)

PHONE = Comparison(
    "phone",
    ("phone",),
    "phone_l is null or phone_r is null",
    (
        Level("phone_l = phone_r", "same phone", 0.75, 0.3, per_record=True, frequency="phone"),
        Level(
            f"{letters_apart('phone_l', 'phone_r')} <= 2"
            " and right(phone_l, 3) = right(phone_r, 3) and least(length(phone_l), length(phone_r)) >= 7"
            " and damerau_levenshtein(phone_l, phone_r) <= 1",
            "phone with a slip", 0.02, 0.2, per_record=True,
        ),
        Level("", "different", 0.23, 0.9997),
    ),
)  # fmt: skip

_FEW = letters_apart("national_id_l", "national_id_r")
NATIONAL_ID_SLIP = f"({_FEW} <= 2 and damerau_levenshtein(national_id_l, national_id_r) <= 1)"
NATIONAL_ID = Comparison(
    "national_id",
    ("national_id",),
    "national_id_l is null or national_id_r is null",
    (
        Level("national_id_l = national_id_r", "same national id", 0.85, 0.01, per_record=True),
        Level(NATIONAL_ID_SLIP, "national id with a slip", 0.06, 1e-5),
        Level(
            f"{_FEW} <= 4 and damerau_levenshtein(national_id_l, national_id_r) <= 2",
            "national id with two slips",
            0.03,
            2e-4,
        ),
        Level("", "different", 0.06, 0.9998),
    ),
)

DEVICE = Comparison(
    "device",
    ("device_id",),
    "device_id_l is null or device_id_r is null",
    (
        Level("device_id_l = device_id_r", "same device", 0.6, 0.2, per_record=True, frequency="device_id"),
        Level("", "different", 0.4, 0.9999),
    ),
)

GENDER = Comparison(
    "gender",
    ("gender",),
    "gender_l is null or gender_r is null",
    (Level("gender_l = gender_r", "same gender", 0.98, 0.5), Level("", "different", 0.02, 0.5)),
)

COMPANY = Comparison(
    "company",
    ("company",),
    "company_l is null or company_r is null",
    (
        Level("company_l = company_r", "same company", 0.7, 0.01, frequency="company"),
        Level("", "different", 0.3, 0.99),
    ),
)
