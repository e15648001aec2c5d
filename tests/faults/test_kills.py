"""A night killed at every stage and before every write: a chain of killed runs on one folder, then one plain run.

To fit a test suite, a killed run executes the stage that it is killed in (and what the kill before it left undone),
as a person would select it in the UI. With FAULT_WHOLE=1 each of them is a whole night.
"""

import os
import random
import signal
import time
from typing import Any, NamedTuple

import pytest

from tests.faults.catalogue import KILLS
from tests.faults.fault import Fault
from tests.faults.world import SEED, World, clear


class Kill(NamedTuple):
    """When to kill: at a random moment of `step`, or at the step's n-th call of `place` (about the file `of`)."""

    select: str
    step: str
    place: str | None = None
    call: int = 1
    after: bool = False
    which: int = signal.SIGKILL
    of: str = ""


_WRITE = "orchestration.lake:replace_durably"
_SEGMENTS, _CHURN, _DEMAND, _ORDERS, _VALUE, _LISTS, _PERSONAS = (
    f"key:intelligence/{name}"
    for name in (
        "behaviour_segments",
        "churn_scores",
        "demand_forecast",
        "replenishment",
        "lifetime_value",
        "recommendations",
        "segment_personas",
    )
)
_STEPS = {
    name: f"intelligence__{name.split('/')[-1]}"
    for name in (_SEGMENTS, _CHURN, _DEMAND, _ORDERS, _VALUE, _LISTS, _PERSONAS)
}
_DECLARED = "key:intelligence/custom_segments or key:intelligence/segment_overlap"
_DUE = "key:grading/due_predictions"
_SCORECARD = "key:grading/scorecard or key:grading/scorecard_bins or key:grading/standing"
HOW: dict[str, Kill] = {
    "kill-extract": Kill("group:raw", "raw_erp", "dlt.pipeline.pipeline:Pipeline.extract", 4, after=True),
    "kill-normalize": Kill("group:raw", "raw_erp", "dlt.pipeline.pipeline:Pipeline.normalize", 4, after=True),
    "kill-load": Kill("group:raw", "raw_erp", "dlt.destinations.impl.filesystem.filesystem:FilesystemLoadJob.run", 2),
    "kill-raw": Kill("group:raw", "raw_bureau"),
    "kill-staged": Kill("group:raw or group:staged", "staged"),
    "kill-gate": Kill("group:staged", "gate"),
    "kill-before-profiles": Kill("group:staged", "watch", _WRITE, of="lake/profiles/"),
    "kill-before-quality": Kill("group:staged", "watch", _WRITE, of="lake/quality/"),
    "kill-before-quarantine": Kill("group:quarantine", "quarantine__rows", _WRITE, of="quarantine/rows"),
    "kill-validated": Kill("group:quarantine or group:validated", "validated"),
    "kill-before-identity-history": Kill(
        "group:validated or group:identity", "identity", _WRITE, of="identity/history"
    ),
    "kill-before-identity-assignments": Kill("group:identity", "identity", _WRITE, of="identity/assignments"),
    "kill-before-identity-events": Kill("group:identity", "identity", _WRITE, of="identity/events"),
    "kill-before-identity-households": Kill("group:identity", "identity", _WRITE, of="identity/households"),
    "kill-before-identity-features": Kill("group:identity", "identity", _WRITE, of="state/features"),
    "kill-before-identity-pairs": Kill("group:identity", "identity", _WRITE, of="state/pairs"),
    "kill-identity": Kill("group:identity", "identity"),
    "kill-before-due": Kill(_DUE, "grading__due_predictions", _WRITE, of="grading/due_predictions"),
    "sigint-unified": Kill(f"group:identity or {_DUE} or group:unified", "unified", which=signal.SIGINT),
    "kill-unified": Kill("group:unified", "unified"),
    "kill-before-scorecard-bins": Kill(
        f"group:unified or {_SCORECARD}", "grading__scorecard", _WRITE, of="grading/scorecard_bins/"
    ),
    "kill-before-scorecard": Kill(_SCORECARD, "grading__scorecard", _WRITE, of="grading/scorecard/"),
    "kill-before-standing": Kill(_SCORECARD, "grading__scorecard", _WRITE, of="standing/churn"),
    "kill-before-next-standing": Kill(_SCORECARD, "grading__scorecard", _WRITE, of="standing/lifetime_value"),
    "kill-before-segments": Kill(_SEGMENTS, _STEPS[_SEGMENTS], _WRITE, of="intelligence/behaviour_segments/"),
    "kill-before-segments-state": Kill(_SEGMENTS, _STEPS[_SEGMENTS], _WRITE, of="behaviour_segment_state/"),
    "kill-before-segments-grades": Kill(_SEGMENTS, _STEPS[_SEGMENTS], _WRITE, of="grades/behaviour_segments"),
    "kill-before-churn": Kill(_CHURN, _STEPS[_CHURN], _WRITE, of="intelligence/churn_scores/"),
    "kill-before-churn-grades": Kill(_CHURN, _STEPS[_CHURN], _WRITE, of="grades/churn"),
    "kill-before-demand": Kill(_DEMAND, _STEPS[_DEMAND], _WRITE, of="intelligence/demand_forecast/"),
    "kill-before-demand-ledger": Kill(_DEMAND, _STEPS[_DEMAND], _WRITE, of="intelligence/demand_ledger/"),
    "kill-before-demand-notes": Kill(_DEMAND, _STEPS[_DEMAND], _WRITE, of="intelligence/demand_notes/"),
    "kill-before-demand-grades": Kill(_DEMAND, _STEPS[_DEMAND], _WRITE, of="grades/demand"),
    "kill-before-replenishment": Kill(
        f"{_DEMAND} or {_ORDERS}", _STEPS[_ORDERS], _WRITE, of="intelligence/replenishment/"
    ),
    "kill-demand": Kill(_DEMAND, _STEPS[_DEMAND]),
    "kill-before-lifetime-value": Kill(_VALUE, _STEPS[_VALUE], _WRITE, of="intelligence/lifetime_value/"),
    "kill-before-lifetime-value-grades": Kill(_VALUE, _STEPS[_VALUE], _WRITE, of="grades/lifetime_value"),
    "kill-before-recommendations": Kill(_LISTS, _STEPS[_LISTS], _WRITE, of="intelligence/recommendations/"),
    "kill-before-recommendations-grades": Kill(_LISTS, _STEPS[_LISTS], _WRITE, of="grades/recommendations"),
    "kill-recommendations": Kill(_LISTS, _STEPS[_LISTS]),
    "kill-before-personas": Kill(_PERSONAS, _STEPS[_PERSONAS], _WRITE, of="segment_personas/"),
    "kill-before-declared-segments": Kill(
        _DECLARED, "intelligence__custom_segments", _WRITE, of="intelligence/custom_segments/"
    ),
    "kill-before-overlap": Kill(_DECLARED, "intelligence__custom_segments", _WRITE, of="segment_overlap/"),
    "kill-before-identity-grades": Kill("key:grading/grades", "grading__grades", _WRITE, of="grades/identity"),
    "kill-before-drift": Kill("key:grading/drift", "grading__drift", _WRITE, of="grading/drift/"),
    "kill-before-cards": Kill(
        f"{_CHURN} or key:grading/drift or key:grading/model_cards",  # a card is written of what answered tonight
        "grading__model_cards",
        _WRITE,
        of="cards/churn.html",
    ),
    "kill-before-run-record": Kill("key:pipeline_runs/runs", "pipeline_runs__runs", _WRITE, of="lake/pipeline_runs/"),
    "kill-before-impact": Kill("key:identity/impact", "identity__impact", _WRITE, of="identity/impact/"),
    "kill-marts": Kill("group:marts", "marts"),
    "sigterm-marts": Kill("group:marts", "marts", which=signal.SIGTERM),
    "kill-copy": Kill(
        "group:marts or key:identity/impact or group:serving",
        "serving__serving_duckdb",
        "orchestration.serving.publish:_copy",
        5,
    ),
    "kill-before-snapshot": Kill("group:serving", "serving__serving_duckdb", _WRITE, of="identity/published.parquet"),
    "kill-before-serving-rename": Kill("group:serving", "serving__serving_duckdb", _WRITE, of="serving.duckdb"),
}


@pytest.fixture(scope="module")
def chain(world: World) -> World:
    """The morning after night 1; every kill goes on from where the one before it left the folder."""
    world.restore()
    return world


@pytest.mark.parametrize("fault", KILLS[1:], ids=lambda fault: fault.name)
def test_a_killed_run_leaves_yesterdays_tables_as_they_were(chain: World, fault: Fault) -> None:
    how = HOW[fault.name]
    moment = random.Random(f"{SEED} {fault.name}").random()
    injections: list[dict[str, Any]] = []
    if how.place:
        injections.append(
            {"kind": "signal", "place": how.place, "call": how.call, "after": how.after, "of": how.of, "step": how.step}
        )
    run = chain.start(None if os.environ.get("FAULT_WHOLE") else how.select, injections)
    if not how.place:
        assert run.wait_for(f"  {how.step} …\n"), run.end().said
        longest = sum(took for step, took in chain.durations.items() if step.startswith(how.step.split("_bureau")[0]))
        time.sleep(moment * longest)
        run.signal(how.which)
    outcome = run.end()
    told = f"FAULT_SEED={SEED}, {moment:.3f} of the stage\n{outcome.said}"
    if how.which == signal.SIGKILL:
        assert outcome.status == -signal.SIGKILL or (not how.place and outcome.status == 0), told
    assert f"  {how.step} …\n" in outcome.said, told
    assert chain.published() == chain.yesterday, told


def test_one_plain_run_after_all_kills_gives_the_tables_of_a_night_that_never_failed(chain: World) -> None:
    outcome = chain.run()
    assert outcome.status == 0, outcome.said
    assert chain.kept() == chain.expected
    left_over = [str(path) for path in chain.data.root.rglob("*.unfinished*")]
    assert left_over == []


def test_a_killed_first_night_is_made_good_by_the_next_run(chain: World) -> None:
    """kill-first-night: what a night left half-made that had nothing before it must not be taken for good.

    There is no history to compare, so what does not depend on one is: all tables without a memory, and what those
    with one say of tonight.
    """
    clear(chain.data)
    run = chain.start("group:raw or group:staged")
    assert run.wait_for("  staged …\n"), run.end().said
    time.sleep(random.Random(f"{SEED} first").random() * chain.durations["staged"])
    run.signal()
    assert run.end().status in (-signal.SIGKILL, 0)
    assert chain.published() == {}
    outcome = chain.run()
    assert outcome.status == 0, outcome.said
    now = chain.kept()
    assert set(chain.yesterday) == set(chain.published())
    differing = {name for name, value in chain.expected.items() if name.startswith("marts.") and now[name] != value}
    with_memory = {f"marts.{name}" for name in chain.expected_of_tonight}
    # What became of ids since the night before: without one, every id is new tonight.
    assert differing - with_memory <= {"marts.customer_id_changes"}, outcome.said
    assert chain.of_tonight() == chain.expected_of_tonight
