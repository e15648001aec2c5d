"""What people do follows what their household bought, and a campaign's effect can be found again."""

from types import SimpleNamespace

import duckdb
import numpy as np
import pytest

from demo_company import support, voice
from demo_company.people import SHOPPER

SEED = 2017


@pytest.fixture(scope="module")
def lapsing(everyone: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
    """(household, week) of the four weeks up to each lapse, and as many weeks of households that stayed."""
    draws = np.random.default_rng(1)
    lapses = everyone.mood.lapses
    late = lapses["week"] >= 10
    before = np.stack(
        [
            np.repeat(lapses["household_no"][late], 4),
            (lapses["week"][late][:, None] - 4 + np.arange(4)).ravel(),
        ],
        axis=1,
    )
    stayed = np.setdiff1d(np.arange(everyone.journey.count), lapses["household_no"])
    other = np.stack([draws.choice(stayed, len(before)), draws.integers(9, 50, len(before))], axis=1)
    return before, other


def per_cell(everyone: SimpleNamespace, household: np.ndarray, at: np.ndarray, weight: object = None) -> np.ndarray:
    """Households by weeks: how many (or the sum of weights) of some events."""
    grid = np.zeros((everyone.journey.count, 54))
    week = (at.astype("M8[D]") - np.datetime64("2016-12-26")).astype(int) // 7
    keep = household >= 0
    np.add.at(grid, (household[keep], week[keep]), 1 if weight is None else weight[keep])
    return grid


def household_of(everyone: SimpleNamespace, system: str, keys: np.ndarray) -> np.ndarray:
    records = everyone.contacts.records
    mine = records["system"] == system
    home = dict(zip(records["key"][mine], everyone.persons["household_no"][records["person"][mine]], strict=True))
    return np.array([home[key] for key in keys])


def test_who_lapses_complains_first(everyone: SimpleNamespace, lapsing: tuple[np.ndarray, np.ndarray]) -> None:
    tickets = support.tickets(everyone.contacts, everyone.persons, everyone.mood, SEED)
    opened = tickets.filter(np.asarray(tickets["status"].to_pylist()) == "open")
    household = household_of(everyone, "helpdesk", opened["user_id"].to_numpy(zero_copy_only=False))
    grid = per_cell(everyone, household, opened["created_at"].to_numpy())
    before, other = (grid[cells[:, 0], cells[:, 1]].mean() for cells in lapsing)
    assert before > 2.0 * other


def test_who_lapses_visits_less(everyone: SimpleNamespace, lapsing: tuple[np.ndarray, np.ndarray]) -> None:
    """Compared with how much they buy in those weeks, so that it is more than the purchases themselves."""
    shopper = everyone.persons["role"][everyone.visits.session_person] == SHOPPER
    household = everyone.persons["household_no"][everyone.visits.session_person[shopper]]
    grid = per_cell(everyone, household, everyone.visits.session_at[shopper])
    (lapse_visits, lapse_buys), (other_visits, other_buys) = (
        (
            grid[cells[:, 0], cells[:, 1]].mean(),
            np.sqrt(everyone.mood.activity[cells[:, 0], cells[:, 1]]).mean(),
        )
        for cells in lapsing
    )
    assert lapse_visits / (0.24 + lapse_buys) < 0.85 * other_visits / (0.24 + other_buys)


def test_who_lapses_answers_lower_and_opens_less(
    everyone: SimpleNamespace, lapsing: tuple[np.ndarray, np.ndarray]
) -> None:
    answers = voice.responses(everyone.journey, everyone.persons, everyone.contacts, everyone.mood, SEED)
    con = duckdb.connect()
    con.register("answers", answers)
    nps = con.sql("""select card_number, score::int as score, answered_at from answers
        where survey = 'nps' and card_number is not null""").fetchnumpy()
    household = household_of(everyone, "loyalty", nps["card_number"])
    at = nps["answered_at"]
    total, count = per_cell(everyone, household, at, nps["score"]), per_cell(everyone, household, at)
    low, usual = (total[c[:, 0], c[:, 1]].sum() / count[c[:, 0], c[:, 1]].sum() for c in lapsing)
    assert low < usual - 0.8

    con.register("touches", everyone.sends.touches)
    mails = con.sql("select contact_id, occurred_at, event from touches where channel = 'email'").fetchnumpy()
    household = household_of(everyone, "crm", mails["contact_id"])
    rates = []
    for cells in lapsing:
        sent, opened = (
            per_cell(everyone, household, mails["occurred_at"], (mails["event"] == event).astype(float))
            for event in ("sent", "opened")
        )
        rates.append(opened[cells[:, 0], cells[:, 1]].sum() / sent[cells[:, 0], cells[:, 1]].sum())
    assert rates[0] < 0.85 * rates[1]


def test_lapses_are_real_silences(everyone: SimpleNamespace) -> None:
    """No purchase in the six weeks after a lapse, read from the purchases themselves."""
    lapses = everyone.mood.lapses
    last = dict(zip(lapses["household_no"].tolist(), lapses["last_day"].astype("M8[D]"), strict=True))
    baskets = everyone.journey.read("select household_no, ordered_at from baskets")
    for household, day in zip(baskets["household_no"], baskets["ordered_at"].astype("M8[D]"), strict=True):
        if household in last:
            assert not 0 < (day - last[household]).astype(int) < 42
    assert 0.1 < len(last) / everyone.journey.count < 0.5


def test_a_campaigns_effect_is_found_again_from_its_hold_out(everyone: SimpleNamespace) -> None:
    """Visits in the seven days after the first send, sent less held out, against the effect drawn."""
    con = duckdb.connect()
    con.register("effects", everyone.sends.effects)
    con.register("holdouts", everyone.sends.holdouts)
    con.register("campaigns", everyone.journey.con.sql("select * from campaigns").to_arrow_table())
    persons, seen = everyone.persons, everyone.visits
    con.register("sessions", _sessions(persons, seen))
    found = con.sql("""
        with windows as (
            select holdouts.campaign_id, household_id, is_held_out,
                   greatest(start_date, timestamp '2017-01-02') + interval 9 hour as since
            from holdouts inner join campaigns on campaigns.campaign_id = holdouts.campaign_id::bigint
        ),
        visits as (
            select windows.campaign_id, windows.household_id, is_held_out, count(visited_at) as visits
            from windows left join sessions on sessions.household_id = windows.household_id
                and visited_at >= since and visited_at < since + interval 7 day + interval 4 hour
            group by all
        ),
        per_campaign as (
            select campaign_id, count(*) filter (is_held_out) as held_out,
                   avg(visits) filter (not is_held_out) - avg(visits) filter (is_held_out) as effect
            from visits group by all
        )
        select sum(effect * held_out) / sum(held_out) as found,
               sum(true_extra_visits_per_recipient * held_out) / sum(held_out) as drawn
        from per_campaign inner join (from effects select campaign_id, true_extra_visits_per_recipient)
        using (campaign_id) where held_out > 0""").fetchone()
    assert found[0] == pytest.approx(found[1], abs=0.15)
    assert found[1] > 0.4


def _sessions(persons: dict[str, np.ndarray], seen: object) -> object:
    from demo_company.columns import table

    return table(household_id=persons["household_id"][seen.session_person], visited_at=seen.session_at)


def test_a_tenth_is_held_out_and_never_written_to(everyone: SimpleNamespace) -> None:
    con = duckdb.connect()
    con.register("holdouts", everyone.sends.holdouts)
    con.register("touches", everyone.sends.touches)
    share = con.sql("select avg(is_held_out::int) from holdouts").fetchone()[0]
    assert share == pytest.approx(0.10, abs=0.012)
    written = con.sql("select distinct campaign_id, contact_id from touches").fetchnumpy()
    household = household_of(everyone, "crm", written["contact_id"])
    number = everyone.journey.households["household_id"][household]
    sent = set(zip(written["campaign_id"], number.astype(str), strict=True))
    held = set(con.sql("select campaign_id, household_id from holdouts where is_held_out").fetchall())
    all_others = set(con.sql("select campaign_id, household_id from holdouts where not is_held_out").fetchall())
    assert not sent & held
    assert sent == all_others


def test_the_end_of_the_data_makes_nobody_unhappy(everyone: SimpleNamespace) -> None:
    """Nobody knows what people buy after the last week: that they bought nothing then says nothing of their mood."""
    by_week = everyone.mood.unhappy.mean(axis=0)
    assert by_week[-6:].max() < 1.2 * by_week[10:-6].max()
