"""The customer records: which systems know which person since when, and what they wrote down.

A record has one version, or two when the system heard of a move or a marriage. Mistakes belong to the record,
so both versions carry them. The result is system-neutral; `layouts` turns it into each system's own columns.
"""

from typing import NamedTuple

import numpy as np

from demo_company import errors
from demo_company.columns import Columns, at_random_second, change, generator, pick
from demo_company.journey import Journey
from demo_company.mistakes import draw_mistakes, flag
from demo_company.people import GROWN_CHILD, PROSPECT, SECOND_ADULT, SHOPPER

ERP, CRM, HELPDESK, WEB, LOYALTY, LEADS = systems = ("erp", "crm", "helpdesk", "web", "loyalty", "leads")
SECOND_ACCOUNT_SHARE = 0.30
# Chance that a person of a role (shopper, second adult, grown child, prospect) is in a system, and that a
# known person is in it twice.
_PRESENCE = {
    ERP: ((1.0, 0.12, 0.05, 0.0), 0.0),  # the shoppers' second accounts are dealt with apart
    CRM: ((0.82, 0.50, 0.40, 0.70), 0.07),
    HELPDESK: ((0.62, 0.40, 0.35, 0.20), 0.03),
    WEB: ((0.85, 0.75, 0.75, 0.80), 0.08),
    LOYALTY: ((1.0, 0.0, 0.0, 0.0), 0.0),
    LEADS: ((0.06, 0.06, 0.06, 1.0), 0.05),
}
# What a system asks for, and how often the answer is there.
_ASKS = {
    ERP: {"email": 0.60, "phone": 0.82, "street": 0.90, "birth_date": 0.65},
    CRM: {"email": 0.88, "phone": 0.72, "street": 0.85, "birth_date": 0.50},
    HELPDESK: {"email": 0.94, "phone": 0.30, "street": 0.0, "birth_date": 0.0},
    WEB: {"email": 0.97, "phone": 0.35, "street": 0.0, "birth_date": 0.0},
    LOYALTY: {"email": 0.55, "phone": 0.78, "street": 0.90, "birth_date": 0.70},
    LEADS: {"email": 0.92, "phone": 0.60, "street": 0.0, "birth_date": 0.0},
}
_REFRESHED_SHARE = 0.60
_SECOND_CONTACT_POINT = 0.10
_YEAR_START = np.datetime64("2017-01-01T00:00:00")


class Contacts(NamedTuple):
    """`records`: one row per record. `versions`: one row per version, `record` is its row in `records`.

    `flags` is records by KINDS without the stale kinds; `splits` gives per household the moment its second
    account opened (NaT: it has one account only).
    """

    records: Columns
    versions: Columns
    flags: np.ndarray
    splits: np.ndarray


def contacts(journey: Journey, persons: Columns, seed: int) -> Contacts:
    """All records of all systems, ordered by system, creation time and person."""
    draws = generator(seed, "contacts")
    splits = _second_accounts(journey, persons, draws)
    records = _plan(journey, persons, splits, draws)
    _asked(records, persons, draws)
    flags = draw_mistakes(records, persons, draws)
    versions = _versions(records, persons, draws)
    _write_down(records, versions, persons, flags, draws)
    return Contacts(records, versions, flags, splits)


def _second_accounts(journey: Journey, persons: Columns, draws: np.random.Generator) -> np.ndarray:
    """The moment a household re-registers: after its move where it moved, else somewhere in the middle."""
    middle = journey.read("""
        select household_no, count(*) as baskets,
               quantile_disc(ordered_at, 0.2) as early, quantile_disc(ordered_at, 0.8) as late
        from baskets group by all order by household_no""")
    at = at_random_second(draws, middle["early"], middle["late"], journey.count)
    moved = np.full(journey.count, np.datetime64("NaT"), dtype="M8[s]")
    shoppers = persons["role"] == SHOPPER
    moved[persons["household_no"][shoppers]] = persons["moved_on"][shoppers].astype("M8[s]")
    soon = moved + np.timedelta64(10 * 86400, "s")
    fits = ~np.isnat(moved) & (soon > middle["early"]) & (soon < middle["late"])
    at = np.where(fits, soon, at)
    chance = np.where(fits, 0.9, SECOND_ACCOUNT_SHARE)
    opens = (draws.random(journey.count) < chance) & (middle["baskets"] >= 6)
    return np.where(opens, at, np.datetime64("NaT"))


def _plan(journey: Journey, persons: Columns, splits: np.ndarray, draws: np.random.Generator) -> Columns:
    role = persons["role"]
    place = np.select([role == SHOPPER, role == SECOND_ADULT, role == GROWN_CHILD], [0, 1, 2], 3)
    household = persons["household_no"]
    first_at = journey.households["first_at"].astype("M8[s]")[household]
    recipients = np.isin(household, journey.read("select distinct household_no from recipients")["household_no"])
    plans = []
    for system, (presence, twice) in _PRESENCE.items():
        known = draws.random(len(role)) < np.array(presence)[place]
        if system == CRM:
            known |= recipients & (role == SHOPPER)
        who = np.flatnonzero(known)
        again = who[draws.random(len(who)) < twice]
        created = _created_at(system, persons, who, first_at, draws)
        created_again = at_random_second(draws, created[np.isin(who, again)], "2017-12-20", len(again))
        plans.append((system, who, created))
        plans.append((system, again, created_again))
    split = np.where(role == SHOPPER, splits[household], np.datetime64("NaT"))
    reopened = np.flatnonzero(~np.isnat(split))
    plans.append((ERP, reopened, split[reopened].astype("M8[s]")))
    system = np.concatenate([np.full(len(who), name, dtype=object) for name, who, _ in plans])
    person = np.concatenate([who for _, who, _ in plans])
    created = np.concatenate([at for _, _, at in plans])
    rank = np.array([systems.index(name) for name in system])
    order = np.lexsort((person, created, rank))
    return {"system": system[order], "person": person[order], "created_at": created[order]}


def _created_at(
    system: str, persons: Columns, who: np.ndarray, first_at: np.ndarray, draws: np.random.Generator
) -> np.ndarray:
    """When a system first heard of each person; a shopper's account exists before the first purchase."""
    size = len(who)
    before = at_random_second(draws, "2012-03-01", "2016-12-20", size)
    during = at_random_second(draws, "2017-01-02", "2017-12-15", size)
    prospect = persons["role"][who] == PROSPECT
    if system in (ERP, LOYALTY):
        newcomer = first_at[who] > _YEAR_START + np.timedelta64(28 * 86400, "s")
        joins = np.minimum(first_at[who], during) if system == ERP else first_at[who]
        joins = np.where(persons["role"][who] == SHOPPER, first_at[who], joins) - np.timedelta64(900, "s")
        return np.where(newcomer, joins, before)
    if system == LEADS:
        return at_random_second(draws, "2016-08-01", "2017-12-20", size)
    late = draws.random(size) < np.where(prospect, 0.7, 0.18)
    late &= ~((system == CRM) & (persons["role"][who] == SHOPPER))  # campaigns write to contacts that exist
    return np.where(late, during, before)


def _asked(records: Columns, persons: Columns, draws: np.random.Generator) -> None:
    for field in ("email", "phone", "street", "birth_date"):
        share = np.array([_ASKS[system][field] for system in records["system"]])
        records["has_" + field] = draws.random(len(share)) < share
    records["has_email"] |= ~records["has_phone"]
    records["index"] = np.arange(len(records["person"]))


def _versions(records: Columns, persons: Columns, draws: np.random.Generator) -> Columns:
    """The first version of every record, and a second one where the system heard of the change."""
    who, created = records["person"], records["created_at"]
    changes = np.fmax(persons["moved_on"][who], persons["married_on"][who]).astype("M8[s]")
    heard = changes + at_random_second(draws, 0, 45 * 86400, len(who)).astype("int64").astype("m8[s]")
    hears = ~np.isnat(changes) & (changes > created) & (draws.random(len(who)) < _REFRESHED_SHARE)
    hears &= records["has_street"] | ~np.isnat(persons["married_on"][who])
    records["refreshed_at"] = np.where(hears, heard, np.datetime64("NaT"))
    record = np.concatenate([records["index"], records["index"][hears]])
    updated = np.concatenate([created, heard[hears]])
    order = np.lexsort((updated, record))
    versions = {"record": record[order], "updated_at": updated[order]}
    versions["is_first"] = np.r_[True, versions["record"][1:] != versions["record"][:-1]]
    return versions


def _write_down(
    records: Columns, versions: Columns, persons: Columns, flags: np.ndarray, draws: np.random.Generator
) -> None:
    """Names, contact points, home and birth date of each version, mistakes included."""
    record = versions["record"]
    who, at = records["person"][record], versions["updated_at"]
    size = len(records["person"])
    luck = {name: draws.random(size)[record] for name in ("name", "part", "contact", "birth", "width", "missing")}
    has = {name: flags[:, flag(name)][record] for name in errors.KINDS}
    married = persons["married_on"][who].astype("M8[s]")
    moved = persons["moved_on"][who].astype("M8[s]")
    given = persons["given"][who]
    family = np.where(at >= married, persons["family"][who], persons["former_family"][who])
    given, family, form = _in_script(given, family, persons["script"][who], has)
    given = change(given, has["nickname"], errors.nickname, luck["name"])
    in_family = luck["part"] < 0.5
    given = change(given, has["typo"] & ~in_family, errors.typo, luck["name"])
    family = change(family, has["typo"] & in_family, errors.typo, luck["name"])
    wide_name = has["full_width"] & ((luck["width"] < 0.5) | ~records["has_phone"][record]) & (form != "hanzi")
    given, family = (change(part, wide_name, errors.full_width) for part in (given, family))
    versions |= {"given": given, "family": family, "form": form, "is_swapped": has["swapped_names"]}

    second = draws.random(size) < _SECOND_CONTACT_POINT
    for point, kind in (("email", "shared_email"), ("phone", "shared_phone")):
        own = np.where(second[record], persons[point + "_2"][who], persons[point][who])
        value = np.where(has[kind], persons["family_" + point][who], own)
        drop = has["missing_field"] & ((luck["missing"] < 0.5) == (point == "email"))
        keep = records["has_" + point][record] & ~drop
        versions[point] = np.where(keep, value, None).astype(object)
    versions["email"] = change(versions["email"], has["email_typo"], errors.email_typo, luck["contact"])
    versions["email"] = change(versions["email"], has["email_case"], errors.email_case, luck["contact"])
    versions["odd_phone"] = change(
        np.where(has["phone_format"], versions["phone"], None).astype(object),
        has["phone_format"],
        errors.odd_phone,
        luck["contact"],
    )
    versions["is_wide_phone"] = has["full_width"] & ~wide_name

    former = ~(at >= moved) & ~np.isnat(moved)
    for field in ("street", "city", "postcode"):
        value = np.where(former, persons[field + "_former"][who], persons[field][who])
        versions[field] = np.where(records["has_street"][record], value, None).astype(object)
    born = persons["birth_date"][who].astype(object)
    born = change(born, has["swapped_day_month"], lambda day: errors.swapped_day_month(day))
    born = np.where(has["default_birth_date"], errors.DEFAULT_BIRTH_DATE, born)
    versions["birth_date"] = np.where(records["has_birth_date"][record], born, None).astype(object)
    versions["style"] = pick(draws, np.arange(100), size).astype(int)[record]


def _in_script(
    given: np.ndarray, family: np.ndarray, script: np.ndarray, has: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The name in the script the record uses: `form` says latin, hanzi or pinyin."""
    variant = has["script_variant"]
    to_pinyin = ((script == "pinyin") & ~variant) | has["pinyin"]
    to_traditional = ~to_pinyin & np.where(variant, script == "hans", script == "hant")
    for how, where in ((errors.pinyin, to_pinyin), (errors.traditional, to_traditional)):
        given, family = change(given, where, how), change(family, where, how)
    form = np.select([script == "latin", to_pinyin], ["latin", "pinyin"], "hanzi").astype(object)
    return given, family, form


def stale_since(contacts_: Contacts, persons: Columns, event: str) -> tuple[np.ndarray, np.ndarray]:
    """From when until when each record shows the state before `event` (moved_on, married_on); NaT: never."""
    records = contacts_.records
    at = persons[event][records["person"]].astype("M8[s]")
    shows = at > records["created_at"]
    if event == "moved_on":
        shows &= records["has_street"]
    refreshed = np.where(records["refreshed_at"] >= at, records["refreshed_at"], np.datetime64("NaT"))
    return np.where(shows, at, np.datetime64("NaT")), refreshed
