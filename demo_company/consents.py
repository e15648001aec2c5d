"""What people said when they were asked for consent: the CRM, the web shop and the loyalty programme each ask.

A statement is never changed: who thinks again makes another one. A person answers alike everywhere, more or less;
some were never asked, some never answered. Draws come from a generator of their own.
"""

import numpy as np
import pyarrow as pa

from demo_company.columns import Columns, at_random_second, generator, numbered, table
from demo_company.contacts import CRM, LOYALTY, WEB, Contacts

# What each system asks for: channel, purpose, the contact point it needs, and how often the answer is there.
_ASKS = {
    CRM: (
        ("email", "marketing", "email", 0.80),
        ("phone", "marketing", "phone", 0.70),
        ("any", "profiling", None, 0.60),
    ),
    WEB: (("email", "marketing", "email", 0.90), ("any", "profiling", None, 0.75)),
    LOYALTY: (
        ("email", "marketing", "email", 0.85),
        ("sms", "marketing", "phone", 0.80),
        ("any", "profiling", None, 0.85),
    ),
}
_WILLING = {"marketing": 0.66, "profiling": 0.58}  # share of the people who mostly say yes
_IN_CHARACTER = 0.88  # of the answers are the ones the person mostly gives
_WITHDRAWN, _GIVEN_AGAIN = 0.13, 0.15  # of the yeses are taken back later; of those, some come again
_CALENDAR_END = np.datetime64("2018-01-01T00:00:00")


def consents(contacts: Contacts, persons: Columns, seed: int) -> dict[str, pa.Table]:
    """One table of statements per system (crm, web, loyalty), each in its own columns and in the order of time."""
    draws = generator(seed, "consents")
    willing = {purpose: draws.random(len(persons["role"])) < share for purpose, share in _WILLING.items()}
    made = {system: _statements(system, contacts.records, willing, draws) for system in _ASKS}
    return {CRM: _of_crm(made[CRM]), WEB: _of_web(made[WEB]), LOYALTY: _of_loyalty(made[LOYALTY])}


def _statements(system: str, records: Columns, willing: dict[str, np.ndarray], draws: np.random.Generator) -> Columns:
    """key, channel, purpose, is_granted, at: first answers, later withdrawals, and those given again."""
    rows = np.flatnonzero(records["system"] == system)
    parts: list[Columns] = []
    for channel, purpose, point, answered in _ASKS[system]:
        luck = draws.random((5, len(rows)))
        asked = records["has_" + point][rows] if point else np.ones(len(rows), dtype=bool)
        answers = asked & (luck[0] < answered)
        yes = willing[purpose][records["person"][rows]] == (luck[1] < _IN_CHARACTER)
        first = records["created_at"][rows]
        second = at_random_second(draws, first, _CALENDAR_END, len(rows))
        third = at_random_second(draws, second, _CALENDAR_END, len(rows))
        left = answers & yes & (luck[2] < _WITHDRAWN)
        back = left & (luck[3] < _GIVEN_AGAIN)
        for which, granted, at in ((answers, yes, first), (left, ~yes, second), (back, yes, third)):
            parts.append(
                {
                    "key": records["key"][rows][which],
                    "channel": np.full(which.sum(), channel, dtype=object),
                    "purpose": np.full(which.sum(), purpose, dtype=object),
                    "is_granted": granted[which],
                    "at": at[which],
                }
            )
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((together["purpose"], together["channel"], together["key"], together["at"]))
    return {name: values[order] for name, values in together.items()}


def _of_crm(said: Columns) -> pa.Table:
    return table(
        consent_id=numbered("CO", len(said["at"]), 6),
        contact_id=said["key"],
        channel=said["channel"],
        purpose=said["purpose"],
        state=np.where(said["is_granted"], "opt-in", "opt-out").astype(object),
        stated_at=said["at"],
        updated_at=said["at"],
    )


def _of_web(said: Columns) -> pa.Table:
    """The shop names what it asks for: a newsletter, and cookies that tell what someone looks at."""
    return table(
        consent_id=numbered("WC", len(said["at"]), 7),
        web_account_id=said["key"],
        topic=np.where(said["purpose"] == "profiling", "personalisation", "newsletter").astype(object),
        accepted=np.where(said["is_granted"], "true", "false").astype(object),
        stated_at=said["at"],
        visible_at=said["at"],
    )


def _of_loyalty(said: Columns) -> pa.Table:
    """Boxes on a form: no number of their own, only the card, the box and the day it was ticked or crossed out."""
    box = np.where(said["purpose"] == "profiling", "profiling", said["channel"])
    return table(
        card_number=said["key"],
        box=box.astype(object),
        ticked=np.where(said["is_granted"], "yes", "no").astype(object),
        signed_at=said["at"],
        visible_at=said["at"],
    )
