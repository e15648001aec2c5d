"""Which record suffers which kinds of error: weighted draws among the kinds its system and person allow."""

import numpy as np

from demo_company.columns import Columns
from demo_company.errors import KINDS, traditional
from demo_company.names import NICKNAMES

# How often a record has 0, 1, 2, 3 errors of its own. Stale addresses, former names and shared contact
# points come on top; together about 30 % of the records have an error and 10 % several.
ERROR_COUNTS = (0.785, 0.137, 0.052, 0.026)
# How often each kind is chosen where it can happen.
WEIGHTS = {
    "typo": 22,
    "nickname": 14,
    "swapped_names": 7,
    "full_width": 2,
    "script_variant": 25,
    "pinyin": 25,
    "missing_field": 10,
    "phone_format": 12,
    "email_case": 8,
    "email_typo": 10,
    "swapped_day_month": 14,
    "default_birth_date": 9,
}
_SHARED_USE = 0.65  # of the records of adults whose household shares a contact point


def flag(name: str) -> int:
    """The column of a kind in the flags."""
    return KINDS.index(name)


def draw_mistakes(records: Columns, persons: Columns, draws: np.random.Generator) -> np.ndarray:
    """A boolean matrix, records by KINDS, without the stale kinds (they depend on the day)."""
    size = len(records["person"])
    weights = np.where(_applicable(records, persons), [WEIGHTS.get(kind, 0) for kind in KINDS], 0).astype(float)
    chinese = persons["language"][records["person"]] == "zh"
    weights[chinese, flag("full_width")] *= 6
    # The smallest of exponential draws divided by weights: a weighted choice without replacement.
    with np.errstate(divide="ignore"):
        score = draws.exponential(size=weights.shape) / weights
    rank = score.argsort(axis=1).argsort(axis=1)
    wanted = draws.choice(len(ERROR_COUNTS), size=size, p=ERROR_COUNTS)
    flags = (rank < wanted[:, None]) & (weights > 0)
    for point in ("email", "phone"):
        family = persons["family_" + point][records["person"]]
        own = persons[point][records["person"]]
        shares = np.not_equal(family, None) & (family != own) & records["has_" + point]
        flags[:, flag("shared_" + point)] = shares & (draws.random(size) < _SHARED_USE)
    return flags


def _applicable(records: Columns, persons: Columns) -> np.ndarray:
    who = records["person"]
    given, script = persons["given"][who], persons["script"][who]
    born = persons["birth_date"][who]
    day = (born - born.astype("M8[M]")).astype(int) + 1
    month = born.astype("M8[M]").astype(int) % 12 + 1
    latin = script == "latin"
    variant = np.array([traditional(text) != text for text in persons["given"] + persons["family"]])[who]
    can = np.zeros((len(who), len(KINDS)), dtype=bool)
    can[:, flag("typo")] = latin | (script == "pinyin")
    can[:, flag("nickname")] = np.array([name in NICKNAMES for name in persons["given"]])[who] & latin
    can[:, flag("swapped_names")] = given != persons["family"][who]
    can[:, flag("full_width")] = records["has_phone"] | latin
    can[:, flag("script_variant")] = ~latin & (variant | (script == "pinyin"))
    can[:, flag("pinyin")] = ~latin & (script != "pinyin")
    can[:, flag("missing_field")] = records["has_phone"] & records["has_email"]
    can[:, flag("phone_format")] = records["has_phone"]
    can[:, flag("email_case")] = can[:, flag("email_typo")] = records["has_email"]
    can[:, flag("swapped_day_month")] = records["has_birth_date"] & (day <= 12) & (day != month)
    can[:, flag("default_birth_date")] = records["has_birth_date"]
    return can


def kinds_text(flags: np.ndarray) -> np.ndarray:
    """The kinds of each row, comma-separated in the order of KINDS; empty for none."""
    codes = flags @ (1 << np.arange(len(KINDS)))
    distinct, position = np.unique(codes, return_inverse=True)
    words = [",".join(kind for bit, kind in enumerate(KINDS) if code >> bit & 1) for code in distinct]
    return np.array(words, dtype=object)[position]
