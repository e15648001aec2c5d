"""The report at the end of a run tells what identity says of itself, in columns that a person can read."""

from types import SimpleNamespace

import dagster as dg

from orchestration.summary import _aligned, _impact, _review


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
