"""The name as one piece of evidence: both parts, either order, short forms, initials, a missing half."""

from __future__ import annotations

from .comparison import Comparison, Level, alike, near

# Lists without a bit in common have no root in common; looking into them takes time.
GIVEN_SAME = (
    "(given_root_l = given_root_r"
    " or given_roots_bits_l & given_roots_bits_r <> 0 and list_has_any(given_roots_l, given_roots_r))"
)
# Two words that many people bear are two names, however alike (Mary, Mark): a slip makes a rare word.
_GIVEN_SLIP = "not (given_is_common_l and given_is_common_r)"
_FAMILY_SLIP = "not (family_is_common_l and family_is_common_r)"
GIVEN_NEAR = f"({GIVEN_SAME} or {_GIVEN_SLIP} and {near('given_l', 'given_r')})"
FAMILY_NEAR = f"(family_l = family_r or {_FAMILY_SLIP} and {near('family_l', 'family_r')})"
GIVEN_ALIKE = f"({_GIVEN_SLIP} and {alike('given_l', 'given_r')})"
FAMILY_ALIKE = f"({_FAMILY_SLIP} and {alike('family_l', 'family_r')})"
# Where the writing shows which is which (hanzi, pinyin), Chen Song is not Song Chen.
_MAY_SWAP = "not (has_plain_order_l and has_plain_order_r)"
SWAPPED = f"({_MAY_SWAP} and {near('given_l', 'family_r')} and {near('family_l', 'given_r')})"
SWAPPED_HALF = (
    f"({_MAY_SWAP} and ({near('given_l', 'family_r')}"
    f" and ({near('family_l', 'given_r')} or {alike('family_l', 'given_r')})"
    f" or {near('family_l', 'given_r')} and {alike('given_l', 'family_r')}))"
)
GIVEN_INITIAL = "(least(length(given_l), length(given_r)) = 1 and left(given_l, 1) = left(given_r, 1))"
FAMILY_INITIAL = "(least(length(family_l), length(family_r)) = 1 and left(family_l, 1) = left(family_r, 1))"
# A name of one word inside the other's given name: a handle made of the name (ericx68).
PREFIX = (
    "((family_l is null or family_r is null) and least(length(given_l), length(given_r)) >= 3"
    " and (starts_with(given_l, given_r) or starts_with(given_r, given_l)))"
)
GIVEN_UNKNOWN = "(given_l is null or given_r is null)"
FAMILY_UNKNOWN = "(family_l is null or family_r is null)"
# One word that is the other's other half: whoever has one name only may have put it in the wrong field.
CROSSED = (
    f"((family_l is null or given_l is null or family_r is null or given_r is null)"
    f" and ({near('given_l', 'family_r')} or {near('family_l', 'given_r')}))"
)

NAME = Comparison(
    "name",
    ("given", "family", "given_root", "given_roots", "name_key"),
    "given_l is null and family_l is null or given_r is null and family_r is null",
    (
        Level("name_key_l = name_key_r", "same name", 0.62, 5e-5, frequency="name_key"),
        Level(f"{GIVEN_NEAR} and {FAMILY_NEAR} or {SWAPPED}", "name alike", 0.13, 2e-5),
        Level(
            f"{GIVEN_NEAR} and {FAMILY_ALIKE} or {GIVEN_ALIKE} and {FAMILY_NEAR} or {SWAPPED_HALF}",
            "name alike in part", 0.03, 3e-5,
        ),
        Level(
            f"{GIVEN_INITIAL} and ({FAMILY_NEAR} or {FAMILY_INITIAL}) or {GIVEN_NEAR} and {FAMILY_INITIAL}",
            "initial fits", 0.03, 1e-4,
        ),
        Level(
            f"{FAMILY_UNKNOWN} and given_root_l = given_root_r", "same given name, family name unknown", 0.03, 0.004,
            frequency="given_root",
        ),
        Level(
            f"{FAMILY_UNKNOWN} and ({GIVEN_NEAR} or {PREFIX})", "given name alike, family name unknown", 0.01, 0.002
        ),
        Level(
            f"{GIVEN_UNKNOWN} and family_l = family_r", "same family name, given name unknown", 0.03, 0.004,
            frequency="family",
        ),
        Level(f"{GIVEN_UNKNOWN} and {FAMILY_NEAR} or {CROSSED}", "one part alike, the other unknown", 0.01, 0.002),
        Level(
            "given_root_l = given_root_r", "same given name, another family name", 0.04, 0.006, frequency="given_root"
        ),
        Level(
            f"{GIVEN_NEAR} or {GIVEN_ALIKE} and {FAMILY_ALIKE}", "given name alike, another family name", 0.01, 0.004
        ),
        Level("family_l = family_r", "same family name, another given name", 0.02, 0.006, frequency="family"),
        Level(f"{FAMILY_NEAR}", "family name alike, another given name", 0.01, 0.003),
        Level("", "different", 0.03, 0.97),
    ),
)  # fmt: skip
