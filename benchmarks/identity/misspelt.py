"""The demo company's kinds of error on generated records, at its rates: some 30 % of records have one, 10 % several."""

from __future__ import annotations

from datetime import date

import numpy as np

from demo_company import errors
from demo_company.columns import Columns, present
from demo_company.mistakes import ERROR_COUNTS, WEIGHTS
from demo_company.names import NICKNAMES

# The generated records have no full-width Latin letters: all other kinds, at the demo company's rates.
KINDS = {kind: weight for kind, weight in WEIGHTS.items() if kind != "full_width"}


def with_mistakes(table: Columns, people: Columns, draws: np.random.Generator) -> None:
    """Put mistakes into `table` in place; `people` has the row of the person behind each record."""
    wanted = _wanted(table, people, draws)
    luck = draws.random((2, len(table["given_name"])))

    def each(kind: str, column: str, how, *more: np.ndarray) -> None:
        rows = np.flatnonzero(wanted[kind] & present(table[column]))
        values = [how(*row) for row in zip(table[column][rows], *(part[rows] for part in more), strict=True)]
        table[column][rows] = np.array(values, dtype=object)

    given_hit = luck[1] < 0.5
    script = {kind: wanted[kind] for kind in ("pinyin", "script_variant")}
    for part in ("given", "family"):
        column = part + "_name"
        table[column] = np.where(script["pinyin"], people[part + "_latin"], table[column])
        each("script_variant", column, errors.traditional)
    each("nickname", "given_name", errors.nickname, luck[0])
    typos = wanted["typo"]
    for column, hit in (("given_name", given_hit), ("family_name", ~given_hit)):
        wanted["typo"] = typos & hit
        each("typo", column, errors.typo, luck[0])
    swapped = wanted["swapped_names"]
    given, family = table["given_name"], table["family_name"]
    table["given_name"], table["family_name"] = np.where(swapped, family, given), np.where(swapped, given, family)
    each("phone_format", "phone", errors.odd_phone, luck[0])
    each("email_typo", "email", errors.email_typo, luck[0])
    each("email_case", "email", errors.email_case, luck[0])
    each("swapped_day_month", "birth_date", lambda text: errors.swapped_day_month(date.fromisoformat(text)).isoformat())
    table["birth_date"][wanted["default_birth_date"]] = errors.DEFAULT_BIRTH_DATE.isoformat()
    table["phone"][wanted["missing_field"] & given_hit] = None
    table["email"][wanted["missing_field"] & ~given_hit] = None


def _wanted(table: Columns, people: Columns, draws: np.random.Generator) -> dict[str, np.ndarray]:
    """Which record suffers which kinds: a weighted choice among those its fields and its person allow."""
    size = len(table["given_name"])
    chinese, latin = people["is_chinese"], ~people["is_chinese"] | people["is_pinyin"]
    born, phone, email = (present(table[column]) for column in ("birth_date", "phone", "email"))
    can = {
        "typo": latin,
        "nickname": ~chinese & np.isin(people["given"].astype(str), list(NICKNAMES)),
        "swapped_names": np.ones(size, dtype=bool),
        "script_variant": chinese & ~latin,
        "pinyin": chinese & ~latin,
        "missing_field": phone & email,
        "phone_format": phone,
        "email_case": email,
        "email_typo": email,
        "swapped_day_month": born,
        "default_birth_date": born,
    }
    # The smallest of exponential draws divided by weights: a weighted choice without replacement.
    score = np.empty((size, len(KINDS)), dtype=np.float32)
    for at, (kind, weight) in enumerate(KINDS.items()):
        score[:, at] = np.where(can[kind], draws.exponential(size=size) / weight, np.inf)
    rank = score.argsort(axis=1).argsort(axis=1)
    count = draws.choice(len(ERROR_COUNTS), size=size, p=ERROR_COUNTS)
    return {kind: (rank[:, at] < count) & can[kind] for at, kind in enumerate(KINDS)}
