"""Web visits and their events: more of them around real purchases, fewer from the unhappy."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from demo_company.behaviour import Behaviour, Moments, activity_of, moments, mood_of
from demo_company.columns import Columns, generator, numbered, pick, table
from demo_company.contacts import WEB, Contacts
from demo_company.journey import Journey
from demo_company.people import PROSPECT, SHOPPER

MEAN_EVENTS = 6.5
_LOGGED_IN_SHARE = 0.72
_EVENT_TYPES = ("page_view", "click", "search", "add_to_cart", "download")
_PAGES = {
    "page_view": ("/", "/offers", "/recipes", "/stores", "/products", "/account/points"),
    "click": ("/offers/weekly", "/recipes/dinner", "/products", "/newsletter"),
    "search": ("/search",),
    "add_to_cart": ("/cart",),
    "download": ("/downloads/weekly-flyer.pdf", "/app"),
}
_UNHAPPY_PAGES = ("/help/contact", "/help/complaints", "/account/close", "/help/refunds")
_REFERRERS = ("https://search.example/", "https://social.example/", "https://news.example/", None)


class Visits(NamedTuple):
    """`events` is the feed; `session_*` serve the truth and the tests (one row per session)."""

    events: pa.Table
    session_person: np.ndarray
    session_at: np.ndarray


def visits(
    journey: Journey, persons: Columns, contacts: Contacts, mood: Behaviour, extra: Moments, seed: int
) -> Visits:
    """All sessions of all persons and what happened in them, in the order of time."""
    draws = generator(seed, "web")
    unhappy = mood_of(mood, persons["household_no"])
    rate = _rate(persons, activity_of(mood, persons["household_no"]), unhappy, draws)
    usual = moments(draws, rate)
    at = _near_purchases(journey, persons, usual, draws)
    person = np.concatenate([usual.who, extra.who])
    at = np.concatenate([at, extra.at])
    is_extra = np.arange(len(person)) >= len(usual.who)
    inside = at < np.datetime64("2018-01-01T06:00:00")
    order = np.flatnonzero(inside)[np.lexsort((person[inside], at[inside]))]
    sessions = {"person": person[order], "at": at[order], "from_campaign": is_extra[order]}
    week = np.clip((sessions["at"].astype("M8[D]") - np.datetime64("2016-12-26")).astype(int) // 7, 0, 52)
    sessions["unhappy"] = unhappy[sessions["person"], week]
    _accounts_and_devices(sessions, persons, contacts, draws)
    return Visits(_events(journey, persons, sessions, draws), sessions["person"], sessions["at"])


def _rate(persons: Columns, activity: np.ndarray, unhappy: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """Sessions per week: a person's own habit, times purchases, damped where unhappy."""
    habit = draws.gamma(1.6, 0.40, len(persons["role"]))
    share = np.select([persons["role"] == SHOPPER, persons["role"] == PROSPECT], [1.0, 0.30], 0.42)
    demand = np.where((persons["role"] == PROSPECT)[:, None], 0.55, 0.08 + 0.34 * np.sqrt(activity))
    return (habit * share)[:, None] * demand * (1 - 0.7 * unhappy)


def _near_purchases(journey: Journey, persons: Columns, usual: Moments, draws: np.random.Generator) -> np.ndarray:
    """Half of the visits in a week with purchases come in the day and a half before one of them."""
    baskets = journey.read("select household_no, week - 1 as week, ordered_at from baskets order by all")
    slot = baskets["household_no"] * 53 + baskets["week"]
    wanted = persons["household_no"][usual.who] * 53 + usual.week
    first, end = (np.searchsorted(slot, wanted, side=side) for side in ("left", "right"))
    anchored = (end > first) & (persons["household_no"][usual.who] >= 0) & (draws.random(len(wanted)) < 0.5)
    chosen = np.minimum(first + (draws.random(len(wanted)) * (end - first)).astype(int), len(slot) - 1)
    before = (draws.exponential(9, len(wanted)).clip(0.05, 36) * 3600).astype("m8[s]")
    at = baskets["ordered_at"][chosen].astype("M8[s]") - before
    return np.where(anchored, np.maximum(at, np.datetime64("2017-01-01T00:05:00")), usual.at)


def _accounts_and_devices(sessions: Columns, persons: Columns, contacts: Contacts, draws: np.random.Generator) -> None:
    """Which account a session is logged in to (None: anonymous) and the device it comes from."""
    records = contacts.records
    rows = np.flatnonzero(records["system"] == WEB)
    first = np.full(len(persons["role"]), -1)
    first[records["person"][rows[::-1]]] = rows[::-1]
    account = first[sessions["person"]]
    exists = (account >= 0) & (records["created_at"][account] <= sessions["at"])
    logged_in = exists & (draws.random(len(account)) < _LOGGED_IN_SHARE)
    sessions["web_account_id"] = np.where(logged_in, records["key"][account], None).astype(object)
    main = draws.random(len(account)) < 0.75
    devices = [persons[name][sessions["person"]] for name in ("device_id", "device_id_2")]
    sessions["device_id"] = np.where(main, *devices).astype(object)
    sessions["device_type"] = np.where(main, "mobile", "desktop").astype(object)


def _events(journey: Journey, persons: Columns, sessions: Columns, draws: np.random.Generator) -> pa.Table:
    size = len(sessions["at"])
    session_id = numbered("S", size, 7)
    count = 2 + draws.geometric(1 / (MEAN_EVENTS - 1), size) - 1
    buys = draws.random(size) < 0.06 * (1 - sessions["unhappy"])
    count = np.where(buys, count + 2, count)
    session = np.repeat(np.arange(size), count)
    nth = np.arange(len(session)) - np.repeat(np.cumsum(count) - count, count)
    left = count[session] - nth
    kind = pick(draws, _EVENT_TYPES, len(session), [52, 26, 12, 7, 3])
    kind = np.where(nth == 0, "page_view", kind).astype(object)
    kind[buys[session] & (left == 2)] = "checkout"
    kind[buys[session] & (left == 1)] = "purchase_confirmed"
    page = np.full(len(session), "/checkout", dtype=object)
    for name, pages in _PAGES.items():
        rows = np.flatnonzero(kind == name)
        page[rows] = pick(draws, pages, len(rows))
    grumbles = (kind == "page_view") & (draws.random(len(session)) < 0.02 + 0.30 * sessions["unhappy"][session])
    page[grumbles] = pick(draws, _UNHAPPY_PAGES, int(grumbles.sum()))
    shows_product = (page == "/products") | (kind == "add_to_cart")
    product = np.full(len(session), None, dtype=object)
    rows = np.flatnonzero(shows_product)
    product[rows] = _products(journey, persons["household_no"][sessions["person"][session[rows]]], draws)
    referrer = pick(draws, _REFERRERS, size, [30, 12, 6, 52])
    referrer[sessions["from_campaign"]] = "https://mail.example/"
    seconds = np.round(nth * 38 + draws.random(len(session)) * 30).astype("m8[s]")
    at = sessions["at"][session] + seconds
    order = np.lexsort((nth, session, at))
    of = session[order]
    return table(
        event_id=numbered("E", len(order), 8),
        web_account_id=sessions["web_account_id"][of],
        device_id=sessions["device_id"][of],
        session_id=session_id[of],
        event_type=kind[order],
        page=page[order],
        product_id=product[order],
        referrer=np.where(nth[order] == 0, referrer[of], None),
        device_type=sessions["device_type"][of],
        occurred_at=at[order],
        visible_at=at[order],
    )


def _products(journey: Journey, household_no: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """Products to look at: mostly what the household buys, else what everybody buys."""
    lines = journey.read("""
        select household_no, product_id from transactions inner join households using (household_id)
        order by household_no, basket_id, product_id""")
    popular = lines["product_id"][draws.integers(0, len(lines["product_id"]), len(household_no))]
    first, end = (np.searchsorted(lines["household_no"], household_no, side=side) for side in ("left", "right"))
    own = np.minimum(first + (draws.random(len(first)) * (end - first)).astype(int), len(lines["product_id"]) - 1)
    usual = (household_no >= 0) & (draws.random(len(first)) < 0.7)
    return numbered("", np.where(usual, lines["product_id"][own], popular), 1)
