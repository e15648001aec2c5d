"""Customer records of any number, with truth, the same for the same seed: N records of 0.8 N people.

Names follow the frequencies of real populations (a few common, a long tail of rare ones), a fifth of the people are
Chinese, families share a home, a surname and now and then a phone or an e-mail, and records carry the demo company's
kinds of error at its rates. The demo's word lists give the common names; the tail is spelt from syllables.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

from benchmarks.identity.misspelt import with_mistakes
from demo_company import names
from demo_company.columns import Columns, pick
from demo_company.errors import pinyin

PEOPLE_PER_RECORD = 0.8
CHINESE_SHARE = 0.2
SOURCES = ("erp", "crm", "helpdesk", "web", "loyalty")
# How often a record has the field, about what the demo's five systems have between them.
FILLED = {"email": 0.82, "phone": 0.66, "street": 0.60, "birth_date": 0.55}
_PER_HOME = 2.2
_SHARED_CONTACT = 0.08
_GIVEN_NAMES, _SURNAMES, _STREETS, _TOWNS = 4_000, 60_000, 6_000, 3_000
_ONSETS = ["b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m"]
_ONSETS += ["n", "p", "pr", "r", "s", "sh", "st", "t", "th", "tr", "v", "w", "z"]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ie", "oo", "ou"]
_CODAS = ["l", "ll", "m", "n", "nd", "ng", "r", "rd", "rn", "s", "sk", "st", "t", "th", "x", "ck"]
_ENDINGS = ("", "", "er", "man", "ton", "ley", "field", "berg", "well", "ski")


def records(count: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`count` records ordered by record_key, and their truth (record_key, person_id).

    Columns: record_key, source_system, given_name, family_name, email, phone, street, city, postcode, country,
    birth_date (ISO text), gender; all text, missing is None.
    """
    draws = np.random.default_rng([seed, count])
    people = _people(max(1, round(count * PEOPLE_PER_RECORD)), draws)
    size = len(people["given"])
    who = np.concatenate([np.arange(size), draws.integers(0, size, count - size)])
    table = _written_down(people, who, draws)
    with_mistakes(table, {name: values[who] for name, values in people.items()}, draws)
    frame = pd.DataFrame(table, dtype=object)
    keys = draws.permutation(count)
    frame.insert(0, "record_key", [f"r{key:08d}" for key in keys])
    order = np.argsort(keys)
    truth = pd.DataFrame({"record_key": frame["record_key"], "person_id": [f"p{person:08d}" for person in who]})
    return frame.iloc[order].reset_index(drop=True), truth.iloc[order].reset_index(drop=True)


def changed(frame: pd.DataFrame, share: float = 0.01, seed: int = 2) -> pd.DataFrame:
    """The records a night later: a share of them with another e-mail, phone or street, in equal parts."""
    draws = np.random.default_rng([seed, len(frame)])
    later = frame.copy()
    rows = draws.choice(len(frame), size=max(1, round(len(frame) * share)), replace=False)
    for rows_of, (column, new) in zip(np.array_split(rows, 3), _NEW_VALUES.items(), strict=True):
        later.loc[rows_of, column] = [new(number) for number in draws.integers(0, 10**9, len(rows_of))]
    return later


_NEW_VALUES: dict[str, Callable[[int], str]] = {
    "email": lambda number: f"new{number}@mail.example",
    "phone": lambda number: f"614 {number % 800 + 200:03d} {number // 800 % 10_000:04d}",
    "street": lambda number: f"{number % 2400 + 1} {names.STREETS[number // 2400 % len(names.STREETS)]} Road",
}


@cache
def _spelt(count: int, common: tuple[str, ...], endings: tuple[str, ...]) -> np.ndarray:
    """`count` distinct words: the common ones in a shuffled order, then words spelt from syllables."""
    draws = np.random.default_rng([count, len(common)])
    words = dict.fromkeys(draws.permutation(np.array(common, dtype=object)))
    while len(words) < count:
        size = 2 * (count - len(words))
        parts = [pick(draws, signs, size) for signs in (_ONSETS, _VOWELS, _CODAS, _VOWELS, _CODAS, endings)]
        short = draws.random(size) < 0.35
        spelt = np.where(short, parts[0] + parts[1] + parts[2] + parts[5], sum(parts[1:], parts[0]))
        words.update(dict.fromkeys(word.capitalize() for word in spelt))
    return np.array(list(words)[:count], dtype=object)


def _common(size: int, few: int) -> np.ndarray:
    """Zipf-Mandelbrot weights: the share of the word of rank r falls as 1 / (r + few)."""
    return 1.0 / (np.arange(1, size + 1) + few)


def _people(size: int, draws: np.random.Generator) -> Columns:
    homes = max(1, round(size / _PER_HOME))
    home = np.concatenate([np.arange(homes), draws.integers(0, homes, size)])[:size]
    first = np.arange(size) < homes
    chinese = (draws.random(homes) < CHINESE_SHARE)[home]
    woman = draws.random(size) < 0.5
    english, signs = [], []
    for common, chinese_signs in ((names.MEN, names.CHINESE_GIVEN_MEN), (names.WOMEN, names.CHINESE_GIVEN_WOMEN)):
        words = _spelt(_GIVEN_NAMES, tuple(common), ("", "a", "ie", "o", "elle"))
        english.append(pick(draws, words, size, _common(len(words), 20)))
        one, two = (pick(draws, chinese_signs, size) for _ in range(2))
        signs.append(np.where(draws.random(size) < 0.12, one, one + two))
    given = np.where(chinese, np.where(woman, signs[1], signs[0]), np.where(woman, english[1], english[0]))
    surnames = _spelt(_SURNAMES, tuple(names.FAMILIES), _ENDINGS)
    family = np.where(
        chinese,
        pick(draws, names.CHINESE_FAMILIES, size, _common(len(names.CHINESE_FAMILIES), 6)),
        pick(draws, surnames, size, _common(len(surnames), 30)),
    )
    own = first | (draws.random(size) < np.where(chinese, 0.5, 0.2))
    people = {"home": home, "given": given, "family": np.where(own, family, family[home])}
    people["gender"] = np.where(woman, "F", "M").astype(object)
    people["is_chinese"] = chinese
    people["is_pinyin"] = chinese & (draws.random(size) < 0.25)
    latin = {word: pinyin(word) for word in pd.unique(np.concatenate([given[chinese], people["family"][chinese]]))}
    for part in ("given", "family"):
        people[part + "_latin"] = np.array([latin.get(word, word) for word in people[part]], dtype=object)
    age = np.clip(draws.gamma(6.0, 7.5, size), 18, 95)
    born = np.datetime64("2017-01-01") - (age * 365.2425).astype("timedelta64[D]")
    people["birth_date"] = born.astype("M8[D]").astype(str).astype(object)
    _addresses(people, homes, draws)
    _contact_points(people, home, first, draws)
    return people


def _addresses(people: Columns, homes: int, draws: np.random.Generator) -> None:
    streets = _spelt(_STREETS, tuple(names.STREETS), ("", "wood", "side", "hill"))
    towns = _spelt(_TOWNS, tuple(names.CITY_NAMES), ("ton", "ville", "burg", " Falls"))
    postcodes = draws.choice(90_000, size=_TOWNS, replace=False).astype(int) + 10_000
    for suffix in ("", "_former"):
        number = draws.integers(1, 2400, homes).astype(str).astype(object)
        street = number + " " + pick(draws, streets, homes, _common(_STREETS, 50)) + " "
        street = street + pick(draws, names.STREET_TYPES, homes)
        town = draws.choice(_TOWNS, size=homes, p=_common(_TOWNS, 15) / _common(_TOWNS, 15).sum())
        people["street" + suffix] = street[people["home"]]
        people["city" + suffix] = towns[town][people["home"]]
        people["postcode" + suffix] = postcodes[town].astype(str).astype(object)[people["home"]]


def _contact_points(people: Columns, home: np.ndarray, first: np.ndarray, draws: np.random.Generator) -> None:
    size = len(home)
    given, family = (np.char.lower(people[part + "_latin"].astype(str)).astype(object) for part in ("given", "family"))
    number = draws.integers(1, 9_999, size).astype(str).astype(object)
    year = np.array([text[:4] for text in people["birth_date"]], dtype=object)
    initial = np.array([text[:1] for text in given], dtype=object)
    styles = [
        given + "." + family + number,
        given + family + year,
        initial + family + number,
        given + "_" + number + family,
    ]
    mailbox = np.choose(draws.choice(4, size=size, p=[0.35, 0.25, 0.25, 0.15]), styles)
    people["email"] = mailbox + "@" + pick(draws, names.MAIL_DOMAINS, size)
    # Every number once: a permutation of the exchanges and lines of some areas.
    line = draws.permutation(max(8_000_000, 2 * size))[:size]
    area = np.array(["614", "567", "740", "809", "345"], dtype=object)[line // 8_000_000 % 5]
    people["phone"] = np.array(
        [f"{code}{n % 8_000_000 // 10_000 + 200}{n % 10_000:04d}" for code, n in zip(area, line, strict=True)],
        dtype=object,
    )
    for column in ("email", "phone"):
        shares = ~first & (draws.random(size) < 2 * _SHARED_CONTACT)
        people[column] = np.where(shares, people[column][home], people[column])


def _written_down(people: Columns, who: np.ndarray, draws: np.random.Generator) -> Columns:
    """The fields as a system without any error has them; those it lacks are None."""
    count = len(who)
    latin = people["is_pinyin"][who]
    table: Columns = {"source_system": pick(draws, list(SOURCES), count)}
    for part in ("given", "family"):
        table[part + "_name"] = np.where(latin, people[part + "_latin"][who], people[part][who])
    moved = draws.random(count) < 0.08
    has = {field: draws.random(count) < share for field, share in FILLED.items()}
    # Nobody is known by a name alone.
    has["email"] |= ~(has["phone"] | has["street"])
    for field in ("email", "phone", "birth_date"):
        table[field] = np.where(has[field], people[field][who], None)
    for field in ("street", "city", "postcode"):
        table[field] = np.where(
            has["street"], np.where(moved, people[field + "_former"][who], people[field][who]), None
        )
    table["country"] = np.full(count, "US", dtype=object)
    table["gender"] = np.where(draws.random(count) < 0.4, people["gender"][who], None)
    return table
