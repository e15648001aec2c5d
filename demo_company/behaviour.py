"""How the households feel, week by week, from what they really bought: the link to all the rest.

`unhappy` rises in the weeks before a household stops buying or buys much less. Complaints, clicks, answers
and visits are all drawn from it, so what the pipeline finds in them is really there.
"""

from typing import NamedTuple

import numpy as np

from demo_company.columns import Columns, generator, pick
from demo_company.journey import WEEKS, Journey, week_start, weekly_baskets

REASONS = ("bad service", "prices", "moved away", "competitor", "unknown")
_REASON_WEIGHTS = (30, 25, 15, 20, 10)
_VOICE = {"bad service": 1.0, "prices": 0.8, "moved away": 0.15, "competitor": 0.6, "unknown": 0.25}
LAPSE_DAYS, LAPSE_GAPS, LAPSE_BASKETS = 42, 4.0, 4
_END = np.datetime64("2018-01-02T00:00:00")
# Share of a day's visits, calls and tickets that fall into each hour.
_HOURS = np.array([1, 1, 0, 0, 0, 1, 3, 6, 9, 10, 10, 10, 11, 10, 9, 9, 9, 10, 11, 11, 10, 8, 5, 2], dtype=float)


class Behaviour(NamedTuple):
    """`activity` and `unhappy` are households by weeks (53); `lapses` one row per household that lapsed."""

    activity: np.ndarray
    unhappy: np.ndarray
    lapses: Columns


def behaviour(journey: Journey, seed: int) -> Behaviour:
    """What the purchases of each household say about its mood."""
    draws = generator(seed, "behaviour")
    activity = weekly_baskets(journey)
    lapses = _lapses(journey, draws)
    voice = np.array([_VOICE[reason] for reason in lapses["reason"]])
    before = (lapses["week"] - 1)[:, None] - np.arange(WEEKS)  # weeks left until the last purchase
    ramp = np.zeros_like(activity)
    ramp[lapses["household_no"]] = (
        np.where((before >= -3) & (before <= 6), 1.0 - np.clip(before, 0, 6) / 8, 0) * voice[:, None]
    )
    past, future = _window(activity, -7, 0), _window(activity, 1, 8)
    drop = np.clip(1 - future / np.maximum(past, 0.25) - 0.35, 0, 0.65) / 0.65 * (past >= 0.5)
    drop *= np.clip(WEEKS - 1 - np.arange(WEEKS), 0, 8) / 8  # a drop counts by how many of the eight weeks are known
    alarms = np.zeros_like(activity)
    false = np.flatnonzero(draws.random(journey.count) < 0.08)
    start = draws.integers(0, WEEKS - 4, len(false))
    alarms[false[:, None], start[:, None] + np.arange(4)] = 0.6
    temper = draws.uniform(0.7, 1.0, (journey.count, 1))
    unhappy = np.maximum.reduce([ramp, 0.75 * drop, alarms]) * temper
    return Behaviour(activity, np.clip(unhappy, 0, 1), lapses)


def _window(activity: np.ndarray, first: int, last: int) -> np.ndarray:
    """Mean weekly baskets in the weeks first..last from each week, as far as the data goes."""
    sums = np.concatenate([np.zeros((len(activity), 1)), activity.cumsum(axis=1)], axis=1)
    weeks = np.arange(WEEKS)
    low, high = (np.clip(weeks + shift, 0, WEEKS) for shift in (first, last + 1))
    return (sums[:, high] - sums[:, low]) / np.maximum(high - low, 1)


def _lapses(journey: Journey, draws: np.random.Generator) -> Columns:
    """The first silence of six weeks and four usual gaps or more; the one at the end of the data counts."""
    lapses = journey.read(f"""
        with days as (select distinct household_no, ordered_at::date as day from baskets),
        gaps as (
            select household_no, day,
                   coalesce(lead(day) over visits, date '{_END.astype("M8[D]")}') - day as gap,
                   row_number() over visits as visits_so_far
            from days window visits as (partition by household_no order by day)
        ),
        usual as (select household_no, median(gap) as usual_gap from gaps group by all)
        select household_no, min(day) as last_day
        from gaps inner join usual using (household_no)
        where gap >= greatest({LAPSE_DAYS}, {LAPSE_GAPS} * usual_gap) and visits_so_far >= {LAPSE_BASKETS}
        group by all order by household_no""")
    days = (lapses["last_day"].astype("M8[D]") - week_start(np.array(1))).astype(int)
    lapses["week"] = np.clip(days // 7 + 1, 1, WEEKS)
    lapses["reason"] = pick(draws, REASONS, len(days), _REASON_WEIGHTS)
    return lapses


class Moments(NamedTuple):
    """Things that happen: whose row (`who`), in which week of the data (0-based), at what second."""

    who: np.ndarray
    week: np.ndarray
    at: np.ndarray


def moments(draws: np.random.Generator, rate: np.ndarray) -> Moments:
    """Poisson draws from rates per row and week, spread over the days and the waking hours of the week."""
    counts = draws.poisson(rate)
    who, week = np.nonzero(counts)
    repeats = counts[who, week]
    who, week = np.repeat(who, repeats), np.repeat(week, repeats)
    seconds = second_of_day(draws, len(who)) + 86400 * draws.integers(0, 7, len(who))
    at = week_start(week + 1).astype("M8[s]") + seconds.astype("m8[s]")
    inside = (at >= np.datetime64("2017-01-01")) & (at < np.datetime64("2018-01-01T06:00:00"))
    return Moments(who[inside], week[inside], at[inside])


def second_of_day(draws: np.random.Generator, size: int) -> np.ndarray:
    """A second of the day, drawn by the hours people are awake."""
    return draws.choice(24, size, p=_HOURS / _HOURS.sum()) * 3600 + draws.integers(0, 3600, size)


def mood_of(behaviour_: Behaviour, household_no: np.ndarray) -> np.ndarray:
    """Rows of `unhappy` for persons; all zero for those without a household (prospects, -1)."""
    return np.where((household_no >= 0)[:, None], behaviour_.unhappy[household_no], 0.0)


def activity_of(behaviour_: Behaviour, household_no: np.ndarray) -> np.ndarray:
    """Rows of `activity` for persons; all zero for those without a household."""
    return np.where((household_no >= 0)[:, None], behaviour_.activity[household_no], 0.0)
