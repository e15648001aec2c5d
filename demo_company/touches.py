"""Campaign touches: who was written to, who was held out at random, and what every send truly caused.

The recipients are the real ones. A tenth of them is held out and never written to. Each campaign has a true
effect: extra web visits in the seven days after its first send, drawn here and kept in the truth.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from demo_company.behaviour import Behaviour, Moments
from demo_company.columns import Columns, generator, numbered, table
from demo_company.contacts import CRM, Contacts
from demo_company.journey import Journey, week_start
from demo_company.people import SHOPPER

HOLD_OUT_SHARE = 0.10
EFFECT_DAYS = 7
_NO_EFFECT_SHARE = 0.15
_EMAIL_USD, _MAIL_USD = 0.002, 0.58


class Campaigning(NamedTuple):
    """`extra_visits` are moments of persons (rows of `persons`) that only happened because of a send."""

    touches: pa.Table
    extra_visits: Moments
    effects: pa.Table
    holdouts: pa.Table


def campaigning(journey: Journey, persons: Columns, contacts: Contacts, mood: Behaviour, seed: int) -> Campaigning:
    """All sends of the year with their opens, clicks and replies, and the truth about them."""
    draws = generator(seed, "campaigns")
    campaigns = journey.read("select * from campaigns order by campaign_id")
    recipients = journey.read("select * from recipients")
    held_out = draws.random(len(recipients["household_no"])) < HOLD_OUT_SHARE
    shopper = np.empty(journey.count, dtype=int)
    heads = np.flatnonzero(persons["role"] == SHOPPER)
    shopper[persons["household_no"][heads]] = heads
    contact = _first_contact(contacts, len(persons["role"]))[shopper[recipients["household_no"]]]

    place = np.searchsorted(campaigns["campaign_id"], recipients["campaign_id"])
    first_send = np.maximum(campaigns["start_date"].astype("M8[D]"), np.datetime64("2017-01-02"))
    effect = np.where(
        draws.random(len(campaigns["campaign_id"])) < _NO_EFFECT_SHARE,
        0.0,
        draws.gamma(4.0, 0.22, len(campaigns["campaign_id"])),
    )
    effect = np.round(effect, 3)
    sent = ~held_out
    extra = draws.poisson(effect[place]) * sent
    row = np.repeat(np.arange(len(place)), extra)
    hour = (9 + draws.integers(0, 3, len(place))) * 3600
    send_at = first_send[place].astype("M8[s]") + hour.astype("m8[s]")
    late = (draws.beta(1, 2.5, len(row)) * EFFECT_DAYS * 86400 - 60).clip(30).astype("m8[s]")
    at = send_at[row] + late
    extra_visits = Moments(shopper[recipients["household_no"][row]], _week_of(at), at)
    offers = journey.read("select distinct campaign_id, coupon_upc from coupons order by all")
    touches = _touches(campaigns, recipients, place, sent, send_at, contact, contacts, mood, offers, draws)
    truth = {
        "effects": table(
            campaign_id=numbered("", campaigns["campaign_id"], 1),
            true_extra_visits_per_recipient=effect,
            recipients=np.bincount(place, minlength=len(effect)),
            held_out=np.bincount(place, held_out, minlength=len(effect)).astype("int64"),
        ),
        "holdouts": table(
            campaign_id=numbered("", recipients["campaign_id"], 1),
            household_id=numbered("", recipients["household_id"], 1),
            is_held_out=held_out,
        ),
    }
    return Campaigning(touches, extra_visits, **truth)


def _week_of(at: np.ndarray) -> np.ndarray:
    return (at.astype("M8[D]") - week_start(np.array(1))).astype(int) // 7


def _first_contact(contacts: Contacts, people: int) -> np.ndarray:
    """The row in `records` of each person's oldest CRM contact, -1 without one."""
    first = np.full(people, -1)
    rows = np.flatnonzero(contacts.records["system"] == CRM)[::-1]
    first[contacts.records["person"][rows]] = rows
    return first


def _touches(
    campaigns: Columns,
    recipients: Columns,
    place: np.ndarray,
    sent: np.ndarray,
    send_at: np.ndarray,
    contact: np.ndarray,
    contacts: Contacts,
    mood: Behaviour,
    offers: Columns,
    draws: np.random.Generator,
) -> pa.Table:
    """One send at the start and reminders every ten days while the campaign runs, then the reactions."""
    running = (campaigns["end_date"].astype("M8[D]")[place] - send_at.astype("M8[D]")).astype(int)
    sends = np.where(sent, 1 + np.clip(running // 10, 0, 5), 0)
    row = np.repeat(np.arange(len(place)), sends)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(sends) - sends, sends)
    at = send_at[row] + (nth * 10 * 86400 + draws.integers(0, 1800, len(row))).astype("m8[s]")
    last = np.unique(contacts.versions["record"], return_index=True)[1]
    has_email = np.not_equal(contacts.versions["email"][last], None)
    by_email = has_email[contact[row]] & (draws.random(len(row)) < 0.9)
    unhappy = mood.unhappy[recipients["household_no"][row], np.clip(_week_of(at), 0, 52)]
    keen = draws.beta(2.2, 3.4, len(place))[row] * (1 - 0.8 * unhappy)
    opened = by_email & (draws.random(len(row)) < np.clip(keen * 1.35, 0, 0.95))
    clicked = opened & (draws.random(len(row)) < 0.30 * (1 - 0.7 * unhappy))
    replied = opened & (draws.random(len(row)) < 0.012)
    parts, delay = [], np.zeros(len(row))
    for event, happens in (
        ("sent", sent[row]),
        ("opened", opened),
        ("clicked", clicked),
        ("replied", replied),
    ):
        delay = delay + (draws.exponential(20_000, len(row)) + 20 if event != "sent" else 0)
        rows = np.flatnonzero(happens)
        parts.append((np.full(len(rows), event, dtype=object), rows, at[rows] + delay[rows].astype("m8[s]")))
    event = np.concatenate([part[0] for part in parts])
    line = np.concatenate([part[1] for part in parts])
    moment = np.concatenate([part[2] for part in parts])
    inside = moment < np.datetime64("2018-01-01T06:00:00")
    order = np.flatnonzero(inside)[np.lexsort((line[inside], moment[inside]))]
    event, line, moment = event[order], line[order], moment[order]
    cost = np.where(by_email[line], _EMAIL_USD, _MAIL_USD) * (event == "sent")
    coupon = _coupons(recipients["campaign_id"][row[line]], offers, draws)
    return table(
        touch_id=numbered("T", len(order), 7),
        campaign_id=numbered("", recipients["campaign_id"][row[line]], 1),
        contact_id=contacts.records["key"][contact[row[line]]],
        channel=np.where(by_email[line], "email", "mail").astype(object),
        event=event,
        coupon_upc=coupon,
        cost_usd=np.round(cost, 4),
        occurred_at=moment,
        visible_at=moment,
    )


def _coupons(campaign: np.ndarray, offers: Columns, draws: np.random.Generator) -> np.ndarray:
    """For half of the touches one of the campaign's own coupons, where it has any."""
    first = np.searchsorted(offers["campaign_id"], campaign, side="left")
    count = np.searchsorted(offers["campaign_id"], campaign, side="right") - first
    carries = (count > 0) & (draws.random(len(campaign)) < 0.5)
    chosen = first + (draws.random(len(campaign)) * count).astype(int)
    coupon = np.full(len(campaign), None, dtype=object)
    coupon[carries] = numbered("", offers["coupon_upc"][chosen[carries]], 1)
    return coupon
