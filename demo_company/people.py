"""Who lives in the households, and who only ever asked: persons with names, homes, moves and marriages.

The first adult of a household is its shopper. Prospects live alone and never bought. Names here are the true
ones; what the systems wrote down is decided in `contacts`.
"""

import numpy as np

from demo_company import names
from demo_company.columns import Columns, at_random_second, generator, numbered, pick
from demo_company.errors import pinyin
from demo_company.journey import Journey

SHOPPER, SECOND_ADULT, GROWN_CHILD, PROSPECT = 0, 1, 2, 9
PROSPECTS_PER_HOUSEHOLD = 900 / 2469
CHINESE_SHARE = 0.20
MOVED_SHARE, MARRIED_SHARE = 0.20, 0.10
TWIN_SHARE, NAMESAKE_SHARE = 0.012, 0.5
SHARED_CONTACT_SHARE = 0.49  # of the households with several adults, for e-mail and phone each: calibrated to
# give 8 % of all contact points with more than one person behind them
_AREA_CODES = np.array(
    [
        229,
        240,
        268,
        284,
        340,
        345,
        380,
        420,
        440,
        441,
        473,
        567,
        614,
        649,
        664,
        721,
        740,
        758,
        767,
        784,
        809,
        868,
        876,
        937,
    ]
)
_AGE_RANGES = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, 86),
}


def people(journey: Journey, seed: int) -> Columns:
    """One row per person, ordered by person_id; `household_no` is -1 for prospects."""
    draws = generator(seed, "people")
    persons = _members(journey, draws)
    homes = len(journey.households["household_id"]) + int((persons["role"] == PROSPECT).sum())
    _characters(persons, draws, homes)
    _names(persons, draws)
    _birth_dates(persons, journey, draws)
    _homes(persons, draws, homes)
    _contact_points(persons, draws, homes)
    return persons


def _members(journey: Journey, draws: np.random.Generator) -> Columns:
    comp, marital = journey.households["household_comp"], journey.households["marital_status"]
    known = np.not_equal(comp, None)
    couple = np.array([str(text).startswith("2") for text in comp]) | (marital == "Married")
    second = np.where(known, couple, draws.random(journey.count) < 0.60)
    third = second & (draws.random(journey.count) < 0.10)
    numbers = np.arange(journey.count)
    prospects = max(1, round(journey.count * PROSPECTS_PER_HOUSEHOLD))
    household_no = np.concatenate([numbers, numbers[second], numbers[third], np.full(prospects, -1)])
    role = np.repeat(
        [SHOPPER, SECOND_ADULT, GROWN_CHILD, PROSPECT], [journey.count, second.sum(), third.sum(), prospects]
    )
    home = np.concatenate([household_no[:-prospects], journey.count + np.arange(prospects)])
    order = draws.permutation(len(role))
    household_id = np.where(
        household_no >= 0,
        numbered("", journey.households["household_id"][household_no], 1),
        numbered("X", home, 5),
    )
    persons = {"household_no": household_no, "home": home, "role": role, "household_id": household_id}
    persons = {name: values[order] for name, values in persons.items()}
    persons["person_id"] = numbered("P", len(role), 5)
    return persons


def _of_shopper(persons: Columns, values: np.ndarray) -> np.ndarray:
    """Each person's row replaced by the value of the head of the home (shopper or prospect)."""
    heads = np.flatnonzero(np.isin(persons["role"], (SHOPPER, PROSPECT)))
    head_of_home = np.empty(len(heads), dtype=int)
    head_of_home[persons["home"][heads]] = heads
    return values[head_of_home[persons["home"]]]


def _characters(persons: Columns, draws: np.random.Generator, homes: int) -> None:
    size = len(persons["role"])
    chinese = (draws.random(homes) < CHINESE_SHARE)[persons["home"]]
    persons["language"] = np.where(chinese, "zh", "en").astype(object)
    script = pick(draws, ["hans", "hant", "pinyin"], size, [50, 25, 25])
    persons["script"] = np.where(chinese, script, "latin").astype(object)
    woman = draws.random(size) < 0.55
    opposite = ~_of_shopper(persons, woman)
    woman = np.where((persons["role"] == SECOND_ADULT) & (draws.random(size) < 0.93), opposite, woman)
    persons["gender"] = np.where(woman, "F", "M").astype(object)
    persons["is_twin"] = (persons["role"] == SECOND_ADULT) & (draws.random(size) < TWIN_SHARE)
    persons["is_namesake"] = (
        (persons["role"] == GROWN_CHILD)
        & (persons["gender"] == _of_shopper(persons, persons["gender"]))
        & (draws.random(size) < NAMESAKE_SHARE)
    )


def _names(persons: Columns, draws: np.random.Generator) -> None:
    size = len(persons["role"])
    woman, chinese = persons["gender"] == "F", persons["language"] == "zh"
    # A few names are common, most are rare: draw with weights falling with the place in a shuffled list.
    rank = np.arange(1, 400) ** -0.5
    english = np.where(
        woman,
        pick(draws, draws.permutation(names.WOMEN), size, rank[: len(names.WOMEN)]),
        pick(draws, draws.permutation(names.MEN), size, rank[: len(names.MEN)]),
    )
    signs = [
        np.where(woman, pick(draws, names.CHINESE_GIVEN_WOMEN, size), pick(draws, names.CHINESE_GIVEN_MEN, size))
        for _ in range(2)
    ]
    hanzi = np.where(draws.random(size) < 0.25, signs[0], signs[0] + signs[1])
    given = np.where(chinese, hanzi, english)
    family = np.where(
        chinese,
        pick(draws, names.CHINESE_FAMILIES, size, rank[: len(names.CHINESE_FAMILIES)]),
        pick(draws, draws.permutation(names.FAMILIES), size, rank[: len(names.FAMILIES)]),
    )
    own_name = family.copy()
    keeps = (persons["role"] == SECOND_ADULT) & ~persons["is_twin"] & (chinese | (draws.random(size) < 0.25))
    family = np.where(keeps, own_name, _of_shopper(persons, family))
    persons["given"] = np.where(persons["is_namesake"], _of_shopper(persons, given), given)
    persons["family"] = family
    # Marriage: the present name is the family name above, the former one another draw.
    marries = ~chinese & woman & (persons["role"] != GROWN_CHILD) & ~persons["is_twin"]
    marries &= draws.random(size) < MARRIED_SHARE
    persons["former_family"] = np.where(marries, pick(draws, names.FAMILIES, size), family)
    married_on = at_random_second(draws, "2015-06-01", "2017-11-15", size).astype("M8[D]")
    persons["married_on"] = np.where(marries, married_on, np.datetime64("NaT"))


def _birth_dates(persons: Columns, journey: Journey, draws: np.random.Generator) -> None:
    size = len(persons["role"])
    drawn = pick(draws, list(_AGE_RANGES), size, [46, 142, 194, 288, 59, 72])
    known = journey.households["age"][persons["household_no"]]
    head = persons["role"] == SHOPPER
    age_range = np.where(head & np.not_equal(known, None), known, drawn)
    low, high = (np.array([_AGE_RANGES[text][end] for text in age_range]) for end in (0, 1))
    age = low + draws.random(size) * (high - low + 1)
    shoppers_age = _of_shopper(persons, age)
    age = np.where(persons["role"] == SECOND_ADULT, np.clip(shoppers_age + draws.normal(0, 3, size), 19, 88), age)
    age = np.where(persons["role"] == GROWN_CHILD, np.clip(shoppers_age - draws.uniform(22, 32, size), 18, 60), age)
    age = np.where(persons["is_twin"], shoppers_age, age)
    born = np.datetime64("2017-01-01") - (age * 365.2425).astype("timedelta64[D]")
    persons["birth_date"] = born.astype("M8[D]")


def _homes(persons: Columns, draws: np.random.Generator, homes: int) -> None:
    for suffix in ("", "_former"):
        number = draws.integers(1, 2400, homes).astype(str).astype(object)
        street = number + " " + pick(draws, names.STREETS, homes) + " " + pick(draws, names.STREET_TYPES, homes)
        town = draws.integers(0, len(names.CITY_NAMES), homes)
        persons["street" + suffix] = street[persons["home"]]
        persons["city" + suffix] = names.CITY_NAMES[town][persons["home"]]
        persons["postcode" + suffix] = names.CITY_POSTCODES[town][persons["home"]]
    moved_on = at_random_second(draws, "2015-01-01", "2017-11-30", homes).astype("M8[D]")
    moved_on = np.where(draws.random(homes) < MOVED_SHARE, moved_on, np.datetime64("NaT"))
    persons["moved_on"] = moved_on[persons["home"]]


def _contact_points(persons: Columns, draws: np.random.Generator, homes: int) -> None:
    size = len(persons["role"])
    chinese = persons["language"] == "zh"
    latin = [
        np.array(
            [pinyin(text) if zh else text for text, zh in zip(persons[part], chinese, strict=True)],
            dtype=object,
        )
        for part in ("given", "former_family")
    ]
    given, family = (np.array([text.lower().replace("'", "") for text in part], dtype=object) for part in latin)
    year = persons["birth_date"].astype("M8[Y]").astype(str).astype(object)
    short_year = np.array([text[2:] for text in year], dtype=object)
    digits = draws.integers(10_000_000, 99_999_999, size).astype(str).astype(object)
    styles = [
        given + "." + family,
        given + family + short_year,
        np.array([g[0] for g in given], dtype=object) + family,
        given + "_" + year,
        digits,
    ]
    style = np.where(
        chinese,
        draws.choice(5, size, p=[0.25, 0.25, 0.1, 0.1, 0.3]),
        draws.choice(5, size, p=[0.35, 0.25, 0.25, 0.13, 0.02]),
    )
    mailbox = np.choose(style, styles)
    persons["email"] = _unique(mailbox) + "@" + pick(draws, names.MAIL_DOMAINS, size)
    persons["email_2"] = _unique(given + "." + family) + "@" + pick(draws, names.WORK_DOMAINS, size)
    persons["handle"] = _unique("@" + given + pick(draws, ["", "_", "x", "the"], size) + short_year)
    area = pick(draws, _AREA_CODES, homes)[persons["home"]].astype(int)
    lines = draws.permutation(10_000)
    for name, shift in (("phone", 0), ("phone_2", 1)):
        # Unique: the running number decides line and exchange together, the area is a free choice.
        running = 2 * np.arange(size) + shift
        exchange = 550 + running // 10_000
        persons[name] = (area * 10_000_000 + exchange * 10_000 + lines[running % 10_000]).astype(str).astype(object)
    persons["device_id"] = _devices(draws, size)
    shared_device = (draws.random(homes) < 0.06)[persons["home"]]
    persons["device_id"] = np.where(shared_device, _of_shopper(persons, persons["device_id"]), persons["device_id"])
    persons["device_id_2"] = _devices(draws, size)
    adults = np.bincount(persons["home"], minlength=homes)
    for name in ("email", "phone"):
        shares = (adults > 1) & (draws.random(homes) < SHARED_CONTACT_SHARE)
        persons["family_" + name] = np.where(shares[persons["home"]], _of_shopper(persons, persons[name]), None).astype(
            object
        )


def _devices(draws: np.random.Generator, size: int) -> np.ndarray:
    return np.array([f"d-{number:012x}" for number in draws.integers(0, 2**48, size)], dtype=object)


def _unique(values: np.ndarray) -> np.ndarray:
    """Later owners of a value already taken get a number behind it, as mail providers do."""
    distinct, position = np.unique(values.astype(str), return_inverse=True)
    order = np.argsort(position, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(position, minlength=len(distinct)))[:-1]])
    nth = np.empty(len(values), dtype=int)
    nth[order] = np.arange(len(values)) - starts[position[order]]
    return np.where(nth == 0, values, values + (nth + 1).astype(str).astype(object))
