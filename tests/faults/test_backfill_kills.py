"""A backfill killed between its writes: a chain of killed ones on one folder, then one to its end.

What a week says is only ever shown whole: nothing is published before the last week is graded, and the next backfill
goes on behind the last whole week. It ends with the bytes of a backfill that was never killed.
"""

import json
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from tests.faults.catalogue import BACKFILLS
from tests.faults.fault import Fault
from tests.faults.world import SEED, Outcome, Run, World

FIRST, LAST, WEEKS = "2017-10-29", "2017-12-10", 7
_WRITE = "orchestration.lake:replace_durably"
_KEPT = "worked out before"
_PATIENCE_S = 120  # a worker that was just starting imports everything before it can notice


class Kill(NamedTuple):
    """When to kill: at the first call of `place` about the file `of`, or at a random moment behind the words `said`.

    whole: weeks that are done by then. call: which call counts. cores: of the machine; on one, all is written by the
    run's own process, where calls can be counted.
    """

    whole: int
    of: str = ""
    place: str = _WRITE
    call: int = 1
    said: str = ""
    cores: int = 1


HOW: dict[str, Kill] = {
    "kill-backfill-tables": Kill(0, said="  backfill …\n"),
    "kill-before-backfill-standing": Kill(1, "standing/lifetime_value_2017-11-05_backfill"),
    "kill-before-backfill-answers": Kill(1, "backfill/intelligence/lifetime_value/2017-11-05"),
    "kill-before-backfill-grades": Kill(2, "backfill/grading/grades/churn_2017-11-12"),
    # The first week is graded in the fifth: 28 days later.
    "kill-before-backfill-bins": Kill(4, "scorecard_bins/2017-11-26_backfill"),
    "kill-before-backfill-scorecard": Kill(4, "scorecard/2017-11-26_backfill"),
    "kill-backfill-workers": Kill(4, said=f"4 of {WEEKS}: 2017-11-19", cores=2),
    "kill-backfill-marts": Kill(WEEKS, said="  marts …\n"),
    "kill-backfill-copy": Kill(WEEKS, place="orchestration.serving.publish:_copy", call=5),
}
_STEPS = {
    "kill-backfill-tables": "backfill",
    "kill-backfill-workers": "backfill__scores",
    "kill-backfill-marts": "marts",
}


@dataclass
class Chain:
    """The morning after night 1, the same with a backfill behind it, and the folder that every kill goes on from."""

    world: World
    untroubled: Outcome
    expected: dict[str, str]

    def start(self, injections: list[dict[str, Any]]) -> Run:
        return self.world.start_backfill(FIRST, LAST, injections)

    def whole_weeks(self) -> int:
        """How many weeks are noted as done."""
        note = self.world.data.lake / "backfill" / "worked_out.json"
        return len(json.loads(note.read_text())["done"]) if note.exists() else 0


@pytest.fixture(scope="module")
def chain(world: World) -> Iterator[Chain]:
    """What a backfill leaves that nobody kills, and the folder without it again."""
    world.restore()
    outcome = world.start_backfill(FIRST, LAST).end()
    assert outcome.status == 0, outcome.said
    assert world.published()["model_scorecard"] != world.yesterday["model_scorecard"]
    expected = world.kept()
    world.restore()
    return Chain(world, outcome, expected)


@pytest.mark.parametrize("fault", BACKFILLS, ids=lambda fault: fault.name)
def test_a_killed_backfill_shows_nothing_and_keeps_its_whole_weeks(chain: Chain, fault: Fault) -> None:
    how = HOW[fault.name]
    moment = random.Random(f"{SEED} {fault.name}").random()
    before = chain.whole_weeks()
    injections: list[dict[str, Any]] = [{"kind": "cores", "count": how.cores}]
    if not how.said:
        injections.append({"kind": "signal", "place": how.place, "call": how.call, "of": how.of})
    run = chain.start(injections)
    if how.said:
        assert run.wait_for(how.said), run.end().said
        time.sleep(moment * chain.untroubled.durations[_STEPS[fault.name]] / (WEEKS if how.cores > 1 else 1))
        run.signal()
    outcome = run.end()
    told = f"FAULT_SEED={SEED}, {moment:.3f} of the stage\n{outcome.said}"
    assert outcome.status == -signal.SIGKILL, told
    assert outcome.said.count(_KEPT) == before, told
    assert chain.whole_weeks() >= how.whole if how.said else chain.whole_weeks() == how.whole, told
    assert chain.world.published() == chain.world.yesterday, told
    until = time.monotonic() + _PATIENCE_S
    while run.survivors() and time.monotonic() < until:
        time.sleep(0.05)
    assert run.survivors() == [], told


def test_one_backfill_after_all_kills_gives_what_one_gives_that_was_never_killed(chain: Chain) -> None:
    outcome = chain.start([]).end()
    assert outcome.status == 0, outcome.said
    assert chain.world.kept() == chain.expected
    left_over = [str(path) for path in chain.world.data.root.rglob("*.unfinished*")]
    assert left_over == []
    assert outcome.said.count(_KEPT) == WEEKS, "all weeks were whole when the marts were built"
