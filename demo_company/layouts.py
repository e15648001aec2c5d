"""Each system's own columns for the customer records: how it writes names, phones and dates, and its keys."""

from datetime import date

import numpy as np
import pyarrow as pa

from demo_company import errors
from demo_company.columns import Columns, change, generator, numbered, pick, table
from demo_company.contacts import CRM, ERP, HELPDESK, LEADS, LOYALTY, WEB, Contacts
from demo_company.names import COMPANY_NAMES

_KEYS = {ERP: ("A", 6), CRM: ("C", 6), HELPDESK: ("U", 6), WEB: ("W", 6), LEADS: ("L", 6)}
_STAGES = ("new", "contacted", "qualified", "proposal", "won", "lost")


def assign_keys(records: Columns, seed: int) -> None:
    """Adds `key`: running numbers by creation time, which say nothing of the person; 13-digit cards."""
    draws = generator(seed, "keys")
    key = np.empty(len(records["person"]), dtype=object)
    for system, (prefix, width) in _KEYS.items():
        mine = records["system"] == system
        key[mine] = numbered(prefix, int(mine.sum()), width)
    cards = records["system"] == LOYALTY
    key[cards] = numbered("29", draws.permutation(4_000_000)[: cards.sum()] * 25_000 + 17_171, 11)
    records["key"] = key


def layouts(contacts: Contacts, persons: Columns, seed: int) -> dict[str, pa.Table]:
    """The tables accounts, contacts, users, web_accounts, members and leads, one row per version."""
    draws = generator(seed, "layouts")
    records, versions = contacts.records, contacts.versions
    system = records["system"][versions["record"]]
    made = {}
    for name, build in (
        (ERP, _accounts),
        (CRM, _contacts),
        (HELPDESK, _users),
        (WEB, _web_accounts),
        (LOYALTY, _members),
        (LEADS, _leads),
    ):
        mine = {field: values[system == name] for field, values in versions.items()}
        mine["key"] = records["key"][mine["record"]]
        mine["person"] = records["person"][mine["record"]]
        mine["created_at"] = records["created_at"][mine["record"]]
        mine["phone"] = _phones(name, mine)
        made[name] = build(mine, records, persons, draws)
    return made


def _phones(system: str, mine: Columns) -> np.ndarray:
    style = {ERP: 0, LOYALTY: 1, WEB: 2, HELPDESK: 3}.get(system)
    styles = mine["style"] % 4 if style is None else np.full(len(mine["style"]), style)
    phone = change(mine["phone"], styles >= 0, _format_phone, styles)
    phone = np.where(mine["odd_phone"] != None, mine["odd_phone"], phone)  # noqa: E711
    return change(phone, mine["is_wide_phone"], errors.full_width)


def _format_phone(digits: str, style: int) -> str:
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    return (
        f"({area}) {exchange}-{line}",
        f"{area}-{exchange}-{line}",
        f"+1{digits}",
        f"{area}.{exchange}.{line}",
    )[style]


def full_name(mine: Columns, shouting: bool) -> np.ndarray:
    """Both names in one field. Tills shout and put the family name first; a swapped name has the wrong order.

    Hanzi are written family name first without a blank; pinyin in either order.
    """
    given, family, form = mine["given"], mine["family"], mine["form"]
    western, eastern = given + " " + family, family + " " + given
    first = (form == "pinyin") & (mine["style"] < 55)
    name = np.where(first ^ mine["is_swapped"], eastern, western)
    if shouting:
        comma = mine["style"] % 10 < 5
        a, b = np.where(mine["is_swapped"], given, family), np.where(mine["is_swapped"], family, given)
        shout = np.array([text.upper() for text in a + ", " + b], dtype=object)
        name = np.where(comma, shout, name)
    hanzi = np.where(mine["is_swapped"], given + family, family + given)
    return np.where(form == "hanzi", hanzi, name).astype(object)


def _common(mine: Columns) -> Columns:
    return {"created_at": mine["created_at"], "updated_at": mine["updated_at"]}


def _home(mine: Columns) -> Columns:
    return {field: mine[field] for field in ("street", "city", "postcode")}


def _country(mine: Columns) -> np.ndarray:
    return np.where(np.equal(mine["street"], None), None, "US").astype(object)


def _accounts(mine: Columns, records: Columns, persons: Columns, draws: np.random.Generator) -> pa.Table:
    holders = records["system"] == LOYALTY
    card_of_home = np.full(persons["home"].max() + 1, None, dtype=object)
    card_of_home[persons["home"][records["person"][holders]]] = records["key"][holders]
    asked = draws.random(len(records["person"]))[mine["record"]] < 0.65
    return table(
        account_id=mine["key"],
        account_name=full_name(mine, shouting=True),
        email=mine["email"],
        phone=mine["phone"],
        **_home(mine),
        country=_country(mine),
        birth_date=mine["birth_date"],
        loyalty_card=np.where(asked, card_of_home[persons["home"][mine["person"]]], None),
        **_common(mine),
    )


def _contacts(mine: Columns, records: Columns, persons: Columns, draws: np.random.Generator) -> pa.Table:
    swapped = mine["is_swapped"]
    american = mine["style"] % 5 < 2
    know_gender, know_language = (draws.random(len(records["person"]))[mine["record"]] < share for share in (0.8, 0.9))
    return table(
        contact_id=mine["key"],
        given_name=np.where(swapped, mine["family"], mine["given"]),
        family_name=np.where(swapped, mine["given"], mine["family"]),
        email=mine["email"],
        phone=mine["phone"],
        **_home(mine),
        country=_country(mine),
        birth_date=_birth_date_text(mine["birth_date"], american),
        gender=np.where(know_gender, persons["gender"][mine["person"]], None),
        language=np.where(know_language, persons["language"][mine["person"]], None),
        **_common(mine),
    )


def _birth_date_text(born: np.ndarray, american: np.ndarray) -> np.ndarray:
    written = change(born, american, lambda day: f"{day.month:02d}/{day.day:02d}/{day.year}")
    return change(written, ~american, date.isoformat)


def _users(mine: Columns, records: Columns, persons: Columns, draws: np.random.Generator) -> pa.Table:
    chinese = np.where(mine["form"] == "hanzi", "zh-CN", "en-US")
    return table(
        user_id=mine["key"],
        name=full_name(mine, shouting=False),
        email=mine["email"],
        phone=mine["phone"],
        locale=np.where(persons["language"][mine["person"]] == "zh", chinese, "en-US"),
        **_common(mine),
    )


def _web_accounts(mine: Columns, records: Columns, persons: Columns, draws: np.random.Generator) -> pa.Table:
    name = full_name(mine, shouting=False)
    initial = np.array([text[0] for text in mine["family"]], dtype=object)
    short = np.where(mine["form"] == "hanzi", name, mine["given"] + " " + initial + ".")
    handle = np.array([text[1:] for text in persons["handle"][mine["person"]]], dtype=object)
    style = mine["style"]
    shown = np.select([style < 72, style < 84, style < 93], [name, short, mine["given"]], handle)
    return table(
        web_account_id=mine["key"],
        display_name=shown.astype(object),
        email=mine["email"],
        phone=mine["phone"],
        device_id=persons["device_id"][mine["person"]],
        registered_at=mine["created_at"],
        updated_at=mine["updated_at"],
    )


def _members(mine: Columns, records: Columns, persons: Columns, draws: np.random.Generator) -> pa.Table:
    return table(
        card_number=mine["key"],
        member_name=full_name(mine, shouting=False),
        email=mine["email"],
        phone=mine["phone"],
        **_home(mine),
        birth_date=change(mine["birth_date"], mine["style"] >= 0, date.isoformat),
        joined_at=mine["created_at"],
        updated_at=mine["updated_at"],
    )


def _leads(mine: Columns, records: Columns, persons: Columns, draws: np.random.Generator) -> pa.Table:
    """A lead moves through its stages: an extra version a few weeks after it was opened."""
    size, every, of = len(mine["key"]), len(records["person"]), mine["record"]
    company = np.where(draws.random(every) < 0.3, pick(draws, COMPANY_NAMES, every), None).astype(object)[of]
    source = pick(draws, ["web form", "event", "referral", "social", "partner"], every, [40, 20, 20, 12, 8])[of]
    value = np.round(np.exp(draws.normal(5.6, 0.8, every)), 2)[of]
    later = mine["created_at"] + (draws.exponential(25, size) * 86400 + 3600).astype("m8[s]")
    moves = mine["is_first"] & (draws.random(size) < 0.75)
    stage = np.where(mine["is_first"], "new", "contacted").astype(object)
    rows = np.r_[np.arange(size), np.flatnonzero(moves)]
    updated = np.r_[mine["updated_at"], later[moves]]
    stage = np.r_[stage, pick(draws, _STAGES[1:], int(moves.sum()), [30, 25, 15, 15, 15])]
    order = np.lexsort((updated, mine["key"][rows].astype(str)))
    rows, updated, stage = rows[order], updated[order], stage[order]
    return table(
        lead_id=mine["key"][rows],
        full_name=full_name(mine, shouting=False)[rows],
        email=mine["email"][rows],
        phone=mine["phone"][rows],
        company=company[rows],
        stage=stage,
        lead_source=source[rows],
        expected_value=value[rows],
        created_at=mine["created_at"][rows],
        updated_at=updated,
    )
