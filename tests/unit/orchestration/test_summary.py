"""The report at the end of a run tells what identity says of itself, in columns that a person can read."""

from datetime import date
from types import SimpleNamespace

import dagster as dg
import duckdb

from orchestration.summary import _aligned, _graded, _impact, _review


def _result(**metadata: dict[str, object]):
    events = [
        SimpleNamespace(materialization=dg.AssetMaterialization(["identity", name], metadata=values))
        for name, values in metadata.items()
    ]
    return SimpleNamespace(get_asset_materialization_events=lambda: events)


def test_impact_decisions_with_their_problems_and_the_queue_are_told() -> None:
    said = "1 decisions obeyed (1 same, 0 different), 1 rows not: line 3: there is no record crm:9. Look at the key"
    result = _result(
        impact={"in_short": "3 of 400 known records to another customer"},
        override_problems={"in_short": said, "dagster/row_count": 1},
        review_queue={"dagster/row_count": 100},
    )
    assert _impact(result) == [("identity", "", "3 of 400 known records to another customer")]
    assert _review(result) == [
        ("decisions", "1", said.removeprefix("1 decisions ")),
        ("to review", "100", "pairs, the most telling first: make review"),
    ]


def test_a_run_that_resolved_nobody_says_nothing_of_it() -> None:
    assert [*_impact(_result()), *_review(_result())] == []


def test_a_sentence_does_not_push_the_numbers_aside() -> None:
    lines = _aligned([("found", "2,480", "of them 9 bought"), ("identity", "", "3 of 400 " + "x" * 90)])
    assert lines[0] == "  found     2,480  of them 9 bought"
    assert lines[1].startswith("  identity         3 of 400 x")


def test_earlier_answers_are_told_by_the_newest_and_by_the_mean_and_a_night_stands_before_a_backfill() -> None:
    graded = [
        (date(2017, 6, 4), "backfill", 0.80, "best baseline", 0.70),
        (date(2017, 6, 11), "backfill", 0.10, "best baseline", 0.70),
        (date(2017, 6, 11), "night", 0.90, "best baseline", 0.75),
    ]
    with duckdb.connect() as serving:
        serving.execute("create schema marts; create table marts.model_standing (as_of date, is_demoted bool,"
                        " origin varchar, subject varchar, reason varchar)")  # fmt: skip
        serving.execute(
            "create table marts.model_scorecard (subject varchar, task varchar, metric varchar, dimension varchar,"
            " population int, as_of date, origin varchar, value double, baseline varchar, baseline_value double)"
        )
        assert _graded(serving, date(2017, 7, 9)) == []
        for row in graded:
            said = "insert into marts.model_scorecard values ('churn', 'churn', 'auc', 'all', 1200, ?, ?, ?, ?, ?)"
            serving.execute(said, row)
        serving.execute("insert into marts.model_standing values ('2017-07-09', true, 'night', 'churn', 'demoted')")
        assert _graded(serving, date(2017, 7, 9)) == [
            ("churn", "auc", "0.9000", "n = 1,200", "as of 2017-06-11", "best baseline 0.7500"),
            ("churn", "auc", "0.8500", "2 dates", "mean", "best baseline 0.7250"),
            ("churn", "stands back", "", "", "", "demoted"),
        ]
