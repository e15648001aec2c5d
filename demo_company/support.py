"""Helpdesk tickets and call-centre calls: several times more of them from the unhappy."""

import numpy as np
import pyarrow as pa

from demo_company import texts
from demo_company.behaviour import Behaviour, moments, mood_of
from demo_company.columns import Columns, generator, numbered, pick, table
from demo_company.contacts import CRM, HELPDESK, Contacts

_TICKETS_PER_WEEK, _CALLS_PER_WEEK = 0.0225, 0.0085
_MORE_WHEN_UNHAPPY = 9.0
_TOPIC_WEIGHTS = {
    "product quality": 15,
    "billing": 9,
    "coupons": 9,
    "loyalty points": 16,
    "store staff": 6,
    "stock": 10,
    "website": 11,
    "question": 16,
    "praise": 8,
}
_UNHAPPY_WEIGHTS = {
    "product quality": 26,
    "billing": 17,
    "coupons": 10,
    "loyalty points": 5,
    "store staff": 20,
    "stock": 15,
    "website": 4,
    "question": 2,
    "praise": 1,
}
_END = np.datetime64("2018-01-01T06:00:00")


def _cases(
    contacts: Contacts,
    persons: Columns,
    mood: Behaviour,
    system: str,
    per_week: float,
    draws: np.random.Generator,
) -> Columns:
    """Who got in touch when, about what: one row per ticket or call, in the order of time."""
    rows = np.flatnonzero(contacts.records["system"] == system)
    person = contacts.records["person"][rows]
    unhappy = mood_of(mood, persons["household_no"][person])
    habit = draws.gamma(1.5, 1 / 1.5, (len(rows), 1))
    drawn = moments(draws, per_week * habit * (1 + _MORE_WHEN_UNHAPPY * unhappy))
    known = contacts.records["created_at"][rows][drawn.who] <= drawn.at
    order = np.flatnonzero(known)[np.argsort(drawn.at[known], kind="stable")]
    who, week, at = drawn.who[order], drawn.week[order], drawn.at[order]
    feeling = unhappy[who, week]
    topics, usual = list(_TOPIC_WEIGHTS), list(_TOPIC_WEIGHTS.values())
    cross = pick(draws, topics, len(who), list(_UNHAPPY_WEIGHTS.values()))
    topic = np.where(draws.random(len(who)) < feeling, cross, pick(draws, topics, len(who), usual)).astype(object)
    chinese = (persons["language"][person[who]] == "zh") & (draws.random(len(who)) < 0.75)
    return {
        "record": rows[who],
        "person": person[who],
        "at": at,
        "unhappy": feeling,
        "topic": topic,
        "language": np.where(chinese, "zh", "en").astype(object),
        "mood": texts.mood_word(draws, feeling, topic),
        "agent": numbered("agent-", draws.integers(1, 25, len(who)), 2),
    }


def tickets(contacts: Contacts, persons: Columns, mood: Behaviour, seed: int) -> pa.Table:
    """Tickets as versions: opened, answered, and solved with a satisfaction mark for some."""
    draws = generator(seed, "tickets")
    cases = _cases(contacts, persons, mood, HELPDESK, _TICKETS_PER_WEEK, draws)
    size, unhappy, opened = len(cases["at"]), cases["unhappy"], cases["at"]
    slow = 1 + 1.5 * unhappy
    answered = opened + (draws.exponential(5, size) * slow * 3600 + 240).astype("m8[s]")
    resolved = answered + (draws.exponential(26, size) * slow * 3600 + 600).astype("m8[s]")
    marked = resolved + (draws.exponential(10, size) * 3600 + 60).astype("m8[s]")
    says = draws.random(size) < 0.55
    mark = np.clip(np.round(4.4 - 2.4 * unhappy - 0.7 * (cases["mood"] == "angry") + draws.normal(0, 0.7, size)), 1, 5)
    fields = {
        "ticket_id": numbered("K", size, 6),
        "user_id": contacts.records["key"][cases["record"]],
        "subject": texts.subjects(draws, cases["topic"], cases["language"]),
        "body": texts.messages(draws, cases["topic"], cases["language"], cases["mood"]),
        "category": cases["topic"],
        "priority": np.where(cases["mood"] == "angry", pick(draws, ["high", "normal"], size), "normal"),
        "agent": cases["agent"],
    }
    nat = np.full(size, np.datetime64("NaT"), dtype="M8[s]")
    none = np.full(size, np.nan)
    stages = [
        ("open", np.ones(size, bool), opened, nat, nat, none),
        ("pending", np.ones(size, bool), answered, answered, nat, none),
        ("solved", np.ones(size, bool), resolved, answered, resolved, none),
        ("solved", says, marked, answered, resolved, mark),
    ]
    parts = [
        (np.flatnonzero(happens & (at < _END)), status, at, first, done, score)
        for status, happens, at, first, done, score in stages
    ]
    row = np.concatenate([rows for rows, *_ in parts])
    updated = np.concatenate([at[rows] for rows, _, at, *_ in parts])
    score = np.concatenate([score[rows] for rows, *_, score in parts])
    return table(
        **{name: values[row] for name, values in fields.items()},
        status=np.concatenate([np.full(len(rows), status, dtype=object) for rows, status, *_ in parts]),
        created_at=opened[row],
        first_response_at=np.concatenate([first[rows] for rows, _, _, first, *_ in parts]),
        resolved_at=np.concatenate([done[rows] for rows, _, _, _, done, _ in parts]),
        satisfaction=pa.array(score, from_pandas=True).cast(pa.int64()),
        updated_at=updated,
        visible_at=updated,
    )


def calls(contacts: Contacts, persons: Columns, mood: Behaviour, seed: int) -> pa.Table:
    """Calls with their transcripts (a list of turns); one in seven callers is not recognised."""
    draws = generator(seed, "calls")
    cases = _cases(contacts, persons, mood, CRM, _CALLS_PER_WEEK, draws)
    size, unhappy, spoken = len(cases["at"]), cases["unhappy"], cases["language"]
    turns = [
        ("agent", texts.agent_lines(draws, spoken, 0)),
        ("customer", texts.messages(draws, cases["topic"], spoken, np.full(size, "calm", dtype=object))),
        ("agent", texts.agent_lines(draws, spoken, 1)),
        (
            "customer",
            texts.sentences(draws, cases["topic"], spoken) + texts.endings(draws, spoken, cases["mood"]),
        ),
        ("agent", texts.agent_lines(draws, spoken, 2)),
    ]
    length = draws.choice([3, 5], size, p=[0.35, 0.65])
    offsets = np.r_[0, np.cumsum(length)]
    call = np.repeat(np.arange(size), length)
    nth = np.arange(len(call)) - offsets[call]
    text = np.stack([words for _, words in turns], axis=1)[call, nth]
    speaker = np.array([who for who, _ in turns], dtype=object)[nth]
    transcript = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()),
        pa.StructArray.from_arrays([pa.array(speaker), pa.array(text)], ["speaker", "text"]),
    )
    known = draws.random(size) < 0.86
    score = np.clip(np.round(4.3 - 2.3 * unhappy + draws.normal(0, 0.8, size)), 1, 5)
    score[draws.random(size) > 0.4] = np.nan
    phone = persons["phone"][cases["person"]]
    return table(
        call_id=numbered("CA", size, 6),
        contact_id=np.where(known, contacts.records["key"][cases["record"]], None),
        caller_phone=np.array(["+1" + digits for digits in phone], dtype=object),
        agent=cases["agent"],
        started_at=cases["at"],
        duration_s=np.round(draws.gamma(3, 70, size) * (1 + unhappy) + 25).astype("int64"),
        reason=cases["topic"],
        language=spoken,
        transcript=transcript,
        post_call_score=pa.array(score, from_pandas=True).cast(pa.int64()),
        visible_at=cases["at"],
    )
