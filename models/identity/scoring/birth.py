"""Birth dates: the same, swapped, a slip, parts of them."""

from __future__ import annotations

from .comparison import Comparison, Level

_YEAR = "left(birth_date_l, 4) = left(birth_date_r, 4)"
_MONTH = "substr(birth_date_l, 6, 2) = substr(birth_date_r, 6, 2)"
_DAY = "right(birth_date_l, 2) = right(birth_date_r, 2)"
SWAPPED_DAY_MONTH = (
    f"({_YEAR} and substr(birth_date_l, 6, 2) = right(birth_date_r, 2)"
    " and right(birth_date_l, 2) = substr(birth_date_r, 6, 2))"
)
SLIP = "(hamming(birth_date_l, birth_date_r) <= 2 and damerau_levenshtein(birth_date_l, birth_date_r) <= 1)"
TWO_PARTS = f"({_YEAR} and {_MONTH} or {_YEAR} and {_DAY} or {_MONTH} and {_DAY})"
BIRTH_NEAR = f"(birth_date_l = birth_date_r or {SWAPPED_DAY_MONTH} or {SLIP} or {TWO_PARTS})"
_YEARS_APART = "abs(cast(left(birth_date_l, 4) as integer) - cast(left(birth_date_r, 4) as integer))"

BIRTH = Comparison(
    "birth",
    ("birth_date",),
    "birth_date_l is null or birth_date_r is null",
    (
        Level("birth_date_l = birth_date_r", "same birth date", 0.85, 5e-5, frequency="birth_date"),
        Level(SWAPPED_DAY_MONTH, "day and month swapped", 0.02, 3e-5),
        Level(SLIP, "birth date with a slip", 0.04, 6e-4),
        Level(TWO_PARTS, "two parts of the birth date agree", 0.03, 5e-3),
        Level(f"{_YEAR} or {_YEARS_APART} <= 1 and ({_MONTH} or {_DAY})", "near in years", 0.02, 0.03),
        Level("", "different", 0.04, 0.96),
    ),
)
