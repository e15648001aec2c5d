"""Birth dates: the same, swapped, a slip, parts of them."""

from __future__ import annotations

from .comparison import Comparison, Level

# Parts as numbers (see `prepare`): millions of pairs are told apart by them, and texts take several times as long.
_YEAR = "birth_year_l = birth_year_r"
_MONTH = "birth_month_l = birth_month_r"
_DAY = "birth_day_l = birth_day_r"
SWAPPED_DAY_MONTH = f"({_YEAR} and birth_month_l = birth_day_r and birth_day_l = birth_month_r)"
TWO_PARTS = f"({_YEAR} and {_MONTH} or {_YEAR} and {_DAY} or {_MONTH} and {_DAY})"
# A slip is in one part, so that the two others agree.
SLIP = (
    f"({TWO_PARTS} and hamming(birth_date_l, birth_date_r) <= 2"
    " and damerau_levenshtein(birth_date_l, birth_date_r) <= 1)"
)
BIRTH_NEAR = f"(birth_date_l = birth_date_r or {SWAPPED_DAY_MONTH} or {TWO_PARTS})"
YEARS_APART = "abs(birth_year_l - birth_year_r)"

BIRTH = Comparison(
    "birth",
    ("birth_date",),
    "birth_date_l is null or birth_date_r is null",
    (
        Level("birth_date_l = birth_date_r", "same birth date", 0.85, 5e-5, frequency="birth_date"),
        Level(SWAPPED_DAY_MONTH, "day and month swapped", 0.02, 3e-5),
        Level(SLIP, "birth date with a slip", 0.04, 6e-4),
        Level(TWO_PARTS, "two parts of the birth date agree", 0.03, 5e-3),
        Level(f"{_YEAR} or {YEARS_APART} <= 1 and ({_MONTH} or {_DAY})", "near in years", 0.02, 0.03),
        Level("", "different", 0.04, 0.96),
    ),
)
