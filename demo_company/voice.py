"""Survey answers and public mentions: what people say of the company when asked, and when not."""

import numpy as np
import pyarrow as pa

from demo_company import texts
from demo_company.behaviour import Behaviour, activity_of, moments, mood_of
from demo_company.columns import Columns, generator, numbered, pick, table
from demo_company.contacts import LOYALTY, Contacts
from demo_company.journey import Journey
from demo_company.people import PROSPECT

_ANSWERS_PER_BASKET, _MENTIONS_PER_WEEK = 0.057, 0.0050
_QUESTIONS = {
    "nps": "How likely are you to recommend us to a friend? (0-10)",
    "csat": "How satisfied were you with your last visit? (1-5)",
}


def responses(journey: Journey, persons: Columns, contacts: Contacts, mood: Behaviour, seed: int) -> pa.Table:
    """NPS and CSAT answers of the card holders, some given by e-mail address only."""
    draws = generator(seed, "surveys")
    rows = np.flatnonzero(contacts.records["system"] == LOYALTY)
    person = contacts.records["person"][rows]
    household = persons["household_no"][person]
    unhappy = mood_of(mood, household)
    bias = draws.normal(0, 1.0, len(rows))
    # The unhappy still answer for a while after they stopped coming: they are asked by e-mail.
    rate = _ANSWERS_PER_BASKET * (np.sqrt(activity_of(mood, household)) + 0.8 * unhappy)
    drawn = moments(draws, rate)
    known = contacts.records["created_at"][rows][drawn.who] <= drawn.at
    order = np.flatnonzero(known)[np.argsort(drawn.at[known], kind="stable")]
    who, week, at = drawn.who[order], drawn.week[order], drawn.at[order]
    size, feeling = len(who), unhappy[who, week]
    survey = pick(draws, ["nps", "csat"], size, [55, 45])
    nps = np.clip(np.round(8.4 - 5.0 * feeling + bias[who] + draws.normal(0, 1.2, size)), 0, 10)
    csat = np.clip(np.round(4.3 - 2.3 * feeling + 0.4 * bias[who] + draws.normal(0, 0.6, size)), 1, 5)
    score = np.where(survey == "nps", nps, csat).astype(int)
    low, high = np.where(survey == "nps", 6, 2), np.where(survey == "nps", 9, 4)
    tone = np.select([score <= low, score >= high], ["angry", "happy"], "calm").astype(object)
    spoken = persons["language"][person[who]]
    comment = np.where(draws.random(size) < 0.45, texts.comments(draws, spoken, tone), None)
    last = np.unique(contacts.versions["record"], return_index=True)[1]
    email = contacts.versions["email"][last][rows[who]]
    by_email = (draws.random(size) < 0.3) & np.not_equal(email, None)
    return table(
        response_id=numbered("R", size, 6),
        card_number=np.where(by_email, None, contacts.records["key"][rows[who]]),
        email=np.where(by_email, email, None),
        survey=survey,
        question=np.array([_QUESTIONS[name] for name in survey], dtype=object),
        score=score.astype(str).astype(object),
        comment=comment,
        answered_at=at,
        visible_at=at,
    )


def mentions(persons: Columns, mood: Behaviour, seed: int) -> pa.Table:
    """Reviews and posts, of us and of (invented) competitors."""
    draws = generator(seed, "mentions")
    unhappy = mood_of(mood, persons["household_no"])
    share = np.where(persons["role"] == PROSPECT, 0.6, 1.0)[:, None]
    drawn = moments(draws, _MENTIONS_PER_WEEK * share * (1 + 5 * unhappy))
    order = np.argsort(drawn.at, kind="stable")
    who, week, at = drawn.who[order], drawn.week[order], drawn.at[order]
    size, feeling = len(who), unhappy[who, week]
    about_us = draws.random(size) < 0.82
    mark = np.clip(np.round(4.1 - 2.8 * feeling * about_us + draws.normal(0, 0.9, size)), 1, 5)
    tone = np.select([mark <= 2, mark >= 4], ["angry", "happy"], "calm").astype(object)
    spoken = np.where((persons["language"][who] == "zh") & (draws.random(size) < 0.8), "zh", "en").astype(object)
    text = texts.comments(draws, spoken, tone)
    text = text + texts.endings(draws, spoken, tone)
    text = np.where(about_us, text, texts.competitors(draws, size) + ": " + text)
    platform = pick(draws, ["reviews", "microblog", "forum", "news"], size, [55, 28, 15, 2])
    return table(
        mention_id=numbered("N", size, 6),
        platform=platform,
        author_handle=persons["handle"][who],
        language=spoken,
        text=text,
        rating=pa.array(np.where(platform == "reviews", mark, np.nan), from_pandas=True).cast(pa.int64()),
        is_about_us=about_us,
        posted_at=at,
        visible_at=at,
    )
