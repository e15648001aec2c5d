"""Kept answers are graded once, by what was said first, and not before their outcome is known."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from orchestration.contracts import SCORECARD
from orchestration.grading.past import Past, grade_waiting, keep_graded
from orchestration.grading.so_far import graded_so_far
from orchestration.grading.standing import demotion, settle
from orchestration.grading.waiting import waiting
from orchestration.intelligence.kept import BACKFILLED, NIGHTLY
from orchestration.lake import Lake

_DAY = date(2017, 6, 4)
_IDS = [f"c{number:03d}" for number in range(120)]
_SCORES = pa.schema(
    [
        ("customer_id", pa.string()),
        ("model", pa.string()),
        ("churn_probability", pa.float64()),
        ("baseline_probability", pa.float64()),
        ("is_at_risk", pa.bool_()),
    ]
)
_LEFT = np.arange(120) % 4 == 0


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(data_dir=str(tmp_path))


@pytest.fixture
def warehouse():
    """What happened after five Sundays: every fourth customer left."""
    rows = pd.concat(
        pd.DataFrame({"customer_id": _IDS, "as_of": day, "is_churned": _LEFT, "churn_known_after_days": 28})
        for day in (_DAY + timedelta(days=7 * week) for week in range(5))
    )
    rows["as_of"] = pd.to_datetime(rows["as_of"]).dt.date
    with duckdb.connect() as connection:
        connection.register("given", rows)
        connection.execute("create schema unified; create table unified.due_outcomes as select * from given")
        yield connection


def _say(lake: Lake, day: date, certainty: float, place=NIGHTLY) -> None:
    """Answers that tell leavers from stayers where `certainty` is above a half, and the opposite below it."""
    frame = pd.DataFrame(
        {
            "customer_id": _IDS,
            "model": "splines",
            "churn_probability": np.where(_LEFT, certainty, 1 - certainty),
            "baseline_probability": 0.5,
            "is_at_risk": _LEFT,
        }
    )
    lake.keep_once(place.scores("churn_scores", day), frame, _SCORES)


def _night(lake: Lake, warehouse, day: date) -> pd.DataFrame:
    """Grade on a date; returns that date's scorecard."""
    groups = pd.DataFrame({"customer_id": _IDS, "age_band": "all ages"})
    scored, binned = grade_waiting(lake, Past(warehouse, "unified.due_outcomes", day), waiting(lake), groups)
    return keep_graded(lake, NIGHTLY, day, scored, binned)


def _brier(rows: pd.DataFrame) -> list[float]:
    return rows.loc[(rows["metric"] == "brier") & (rows["dimension"] == "all"), "value"].tolist()


def test_an_answer_is_graded_when_its_outcome_is_known_and_once(lake, warehouse):
    _say(lake, _DAY, 0.9)
    known = _DAY + timedelta(days=28)
    assert _night(lake, warehouse, known - timedelta(days=1)).empty
    assert _brier(_night(lake, warehouse, known)) == [0.01]
    before = (lake.data.lake / NIGHTLY.scorecard(known)).read_bytes()
    assert waiting(lake) == []
    _night(lake, warehouse, known)
    assert (lake.data.lake / NIGHTLY.scorecard(known)).read_bytes() == before
    assert _night(lake, warehouse, known + timedelta(days=1)).empty


def test_what_was_said_first_is_graded_whatever_was_said_later(lake, warehouse):
    _say(lake, _DAY, 0.9)
    _say(lake, _DAY, 1.0)
    assert lake.revisions(NIGHTLY.scores("churn_scores", _DAY)) == 2
    assert _brier(_night(lake, warehouse, _DAY + timedelta(days=28))) == [0.01]


def test_a_date_whose_outcome_was_not_worked_out_goes_on_waiting(lake, warehouse):
    _say(lake, date(2016, 1, 3), 0.9)
    assert _night(lake, warehouse, _DAY).empty
    assert [one.as_of for one in waiting(lake)] == [date(2016, 1, 3)]


def test_a_night_and_a_backfill_are_both_graded_and_the_night_is_shown(lake, warehouse):
    _say(lake, _DAY, 0.9)
    _say(lake, _DAY, 0.7, BACKFILLED)
    known = _DAY + timedelta(days=28)
    rows = _night(lake, warehouse, known)
    assert sorted(set(rows["origin"])) == ["backfill", "night"]
    assert len(_brier(rows)) == 2
    assert _brier(graded_so_far(lake, "churn", known)) == [0.01]
    assert graded_so_far(lake, "churn", known - timedelta(days=1)).empty
    assert list(rows.columns) == SCORECARD.names


def test_bad_nights_send_the_model_back_and_the_night_is_told_why(lake, warehouse):
    days = [_DAY + timedelta(days=7 * week) for week in range(5)]
    for day in days:
        _say(lake, day, 0.2)
    for night in (day + timedelta(days=28) for day in days):
        _night(lake, warehouse, night)
        settle(lake, "churn", night)
    told = [demotion(lake, "churn", day + timedelta(days=28)) for day in days]
    assert told[:2] == ["", ""]
    assert "auc 0.0000 on its last 3 matured nights" in told[2]
    assert told[2] == told[3] == told[4]
    assert demotion(lake, "lifetime_value", days[0]) == ""


def test_a_night_that_ended_between_the_bins_and_the_scorecard_is_graded_again_once(lake, warehouse, monkeypatch):
    _say(lake, _DAY, 0.9)
    known = _DAY + timedelta(days=28)
    written = Lake.write

    def ends_before_the_scorecard(self, relative, *given):
        if relative == NIGHTLY.scorecard(known):
            raise KeyboardInterrupt
        written(self, relative, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "write", ends_before_the_scorecard)
        with pytest.raises(KeyboardInterrupt):
            _night(lake, warehouse, known)
    assert [one.as_of for one in waiting(lake)] == [_DAY], "not graded before both are kept"
    bins = (lake.data.lake / NIGHTLY.scorecard(known, "scorecard_bins")).read_bytes()
    _night(lake, warehouse, known)
    assert (lake.data.lake / NIGHTLY.scorecard(known, "scorecard_bins")).read_bytes() == bins
    assert waiting(lake) == []
