"""What only the grading may read: who is who, who lapsed and why, what campaigns caused, what is broken."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo_company.behaviour import Behaviour
from demo_company.columns import Columns, table
from demo_company.contacts import LEADS, Contacts, stale_since
from demo_company.journey import Journey
from demo_company.mistakes import flag, kinds_text
from demo_company.people import SHOPPER


def records_truth(contacts: Contacts, persons: Columns) -> pa.Table:
    """truth/records as it changes: a row per record and moment at which its error kinds change.

    The row that holds on a day is the newest one with `visible_at` up to that day.
    """
    records = contacts.records
    stale = {
        kind: stale_since(contacts, persons, event)
        for kind, event in (("moved_house", "moved_on"), ("former_name", "married_on"))
    }
    moments = [records["created_at"], *(since for since, _ in stale.values()), records["refreshed_at"]]
    at = np.concatenate(moments)
    record = np.tile(np.arange(len(records["person"])), len(moments))
    keep = ~np.isnat(at)
    at, record = at[keep], record[keep]
    flags = contacts.flags[record].copy()
    for kind, (since, until) in stale.items():
        flags[:, flag(kind)] = (since[record] <= at) & ~(until[record] <= at)
    order = np.lexsort((at, record))
    at, record, flags = at[order], record[order], flags[order]
    who = records["person"][record]
    lead = records["system"][record] == LEADS
    return table(
        source_system=np.where(lead, "crm", records["system"][record]),
        source_key=np.where(lead, "lead:" + records["key"][record], records["key"][record]),
        person_id=persons["person_id"][who],
        household_id=persons["household_id"][who],
        language=persons["language"][who],
        error_kinds=kinds_text(flags),
        n_errors=flags.sum(axis=1),
        visible_at=at,
    )


def churn_truth(journey: Journey, persons: Columns, mood: Behaviour) -> pa.Table:
    """truth/churn: the shopper of each household that fell silent, the last day of purchase, and why."""
    shopper = np.empty(journey.count, dtype=int)
    heads = np.flatnonzero(persons["role"] == SHOPPER)
    shopper[persons["household_no"][heads]] = heads
    return table(
        person_id=persons["person_id"][shopper[mood.lapses["household_no"]]],
        lapsed_on=mood.lapses["last_day"].astype("M8[D]"),
        reason=mood.lapses["reason"],
        visible_at=mood.lapses["last_day"].astype("M8[s]"),
    )


def persons_truth(persons: Columns) -> pa.Table:
    """truth/persons."""
    return table(
        person_id=persons["person_id"],
        household_id=persons["household_id"],
        is_shopper=persons["role"] == SHOPPER,
        language=persons["language"],
    )


_IDENTIFIER_COLUMNS = {
    "erp": {
        "account_name": "name",
        "email": "email",
        "phone": "phone",
        "street": "street",
        "loyalty_card": "card",
    },
    "crm": {
        "given_name": "given_name",
        "family_name": "family_name",
        "email": "email",
        "phone": "phone",
        "street": "street",
    },
    "helpdesk": {"name": "name", "email": "email", "phone": "phone"},
    "web": {"display_name": "name", "email": "email", "phone": "phone", "device_id": "device"},
    "loyalty": {
        "member_name": "name",
        "email": "email",
        "phone": "phone",
        "street": "street",
        "card_number": "card",
    },
    "leads": {"full_name": "name", "email": "email", "phone": "phone"},
    "calls": {"caller_phone": "phone"},
    "events": {"device_id": "device"},
    "responses": {"card_number": "card", "email": "email"},
    "mentions": {"author_handle": "handle"},
}


def identifiers_truth(tables: dict[str, pa.Table], persons: Columns) -> pa.Table:
    """truth/identifiers: every direct identifier as any system writes it, and the true ones.

    Given and family names on their own are kinds of their own: as plain words they also occur elsewhere.
    """
    parts: dict[str, list[pa.Array]] = {}
    for source, wanted in _IDENTIFIER_COLUMNS.items():
        for column, kind in wanted.items():
            parts.setdefault(kind, []).append(pc.unique(tables[source][column]).cast(pa.string()))
    crm = tables["crm"]
    for first, second in (("given_name", "family_name"), ("family_name", "given_name")):
        for between in (" ", "", ", "):
            joined = pc.binary_join_element_wise(crm[first], crm[second], between)
            parts["name"].append(pc.unique(joined))
    for name, kind in (
        ("email", "email"),
        ("email_2", "email"),
        ("phone", "phone"),
        ("phone_2", "phone"),
        ("street", "street"),
        ("street_former", "street"),
        ("device_id", "device"),
        ("device_id_2", "device"),
        ("handle", "handle"),
    ):
        parts[kind].append(pc.unique(pa.array(persons[name])))
    made = []
    for kind in sorted(parts):
        values = pc.unique(pa.chunked_array([_flat(part) for part in parts[kind]], pa.string()))
        values = values.drop_null()
        values = values.take(pc.sort_indices(values))
        made.append(pa.table({"kind": pa.array([kind] * len(values)), "value": values}))
    return pa.concat_tables(made)


def _flat(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
