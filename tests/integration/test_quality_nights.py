"""Quiet nights stay quiet, and what breaks is seen on the very first night. Fixed seeds; the nights are made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.quality import WatchSettings
from tests.integration.quality_nights import WATCHED, Nights, alarms

_HISTORY = 28


@pytest.fixture(scope="module")
def month() -> Nights:
    """Four quiet weeks; a test plays the next night on a copy."""
    return Nights(seed=7).quiet(_HISTORY)


def _tonight(month: Nights, change, watched=WATCHED):
    played = Nights(seed=11, watched=watched)
    played.profiles, played.day = list(month.profiles), month.day
    earlier = month.connection.sql("select * from orders").to_arrow_table()  # noqa: F841 (DuckDB reads it by name)
    played.connection.execute("insert into orders select * from earlier")
    return played.night(change)


def _halved(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.iloc[::2]


def _doubled(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([rows, rows.assign(record_key=rows["record_key"] + "-again")])


def _a_fifth_null(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(note=rows["note"].mask(np.arange(len(rows)) % 5 == 0))


def _category_gone(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(channel=rows["channel"].replace("app", "web"))


def _in_cents(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(amount_usd=rows["amount_usd"] * 100)


def _discount_in_cents(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(discount_usd=rows["discount_usd"] * 100)


def _amounts_swapped(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(amount_usd=rows["discount_usd"], discount_usd=rows["amount_usd"])


def _codes_swapped(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(channel=rows["status"], status=rows["channel"])


def _contacts_swapped(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(email=rows["phone"], phone=rows["email"])


def _flags_turned(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(is_gift=~rows["is_gift"])


def _one_customer(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(customer_id="1")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_halved, {("new_rows", "")}),
        (_doubled, {("new_rows", "")}),
        (lambda rows: rows.iloc[:0], {("new_rows", "")}),
        (_a_fifth_null, {("null_rate", "note")}),
        (_category_gone, {("categories", "channel")}),
        (_in_cents, {("quantiles", "amount_usd")}),
        (_discount_in_cents, {("quantiles", "discount_usd")}),
        (_amounts_swapped, {("quantiles", "amount_usd"), ("share", "discount_usd")}),
        (_codes_swapped, {("categories", "channel"), ("categories", "status")}),
        (_contacts_swapped, {("shape", "email"), ("shape", "phone")}),
        (_flags_turned, {("share", "is_gift")}),
        (_one_customer, {("shape", "customer_id")}),
    ],
)
def test_what_breaks_is_seen_on_the_first_night(month: Nights, change, expected):
    found = {(finding.check, finding.column): finding for finding in alarms(_tonight(month, change))}
    assert expected <= set(found)
    assert all(finding.message and "\n" not in finding.message for finding in found.values())


def test_an_ordinary_night_is_quiet(month: Nights):
    assert alarms(_tonight(month, None)) == []


def test_a_collapse_stops_the_run_only_where_it_is_declared(month: Nights):
    declared = replace(WATCHED, blocks_on=frozenset({"no_new_rows", "all_null"}))
    for watched, status in ((WATCHED, "warn"), (declared, "block")):
        nothing = alarms(_tonight(month, lambda rows: rows.iloc[:0], watched))
        assert {finding.status for finding in nothing if finding.check == "new_rows"} == {status}
        empty = alarms(_tonight(month, lambda rows: rows.assign(note=None), watched))
        assert {finding.status for finding in empty if finding.column == "note"} == {status}
    fewer = alarms(_tonight(month, _halved, declared))
    assert {finding.status for finding in fewer} == {"warn"}


def test_an_unusual_day_says_why_and_judges_no_counts(month: Nights):
    watched = replace(WATCHED, unusual_days={month.day: "The shops are closed."})
    said = [finding for finding in _tonight(month, _halved, watched) if finding.check == "new_rows"]
    assert [(finding.status, finding.message) for finding in said] == [("not_judged", "The shops are closed.")]


def test_an_ignored_column_is_not_judged(month: Nights):
    watched = replace(WATCHED, ignored={"note": "Filled by hand."})
    assert [finding for finding in alarms(_tonight(month, _a_fifth_null, watched)) if finding.column == "note"] == []


def test_nothing_is_judged_before_a_week_is_known():
    nights = Nights(seed=3)
    for night in range(WatchSettings.fewest_nights):
        (finding,) = nights.night()
        assert finding.status == "not_judged"
        assert f"{night} earlier night" in finding.message
    assert len(nights.night()) > 20


def test_a_tiny_table_does_not_cry_wolf():
    nights = Nights(seed=5, rows=6).quiet(14)
    assert [finding for _ in range(7) for finding in alarms(nights.night())] == []
    assert alarms(nights.night(_halved)) == []


def test_quiet_weeks_with_holidays_raise_few_alarms():
    """Five weeks here; 386 nights of two seeds raised 3 alarms, all on holidays three tenths busier than usual."""
    nights = Nights(seed=1).quiet(7)
    told = [finding for night in range(28) for finding in alarms(nights.night(holiday=0.8 if night == 20 else 1.0))]
    assert told == []
