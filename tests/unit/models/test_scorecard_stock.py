"""Stock-out dates beside the days on which shelves were empty: worked out by hand, blind to what came later."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.scorecard import TASKS, About, grade_stock
from models.scorecard.tasks import better_is

_TASK = next(task for task in TASKS if task.kind == "stock")
ABOUT = About(_TASK, date(2017, 6, 4), "night", 7, "")


def shelves(*rows: tuple) -> pd.DataFrame:
    """Product, units there, and the day in June on which the shelf was expected to be empty."""
    day = [None if one is None else date(2017, 6, one) for *_, one in rows]
    return pd.DataFrame(
        {"product_id": [r[0] for r in rows], "store_id": "s", "on_hand_units": [r[1] for r in rows],
         "stock_out_date": day}
    )  # fmt: skip


def empty(*rows: tuple) -> pd.DataFrame:
    """Product, first and last day in June without any; no last day: still empty."""
    days = [[None if one is None else date(2017, 6, one) for one in r[1:]] for r in rows]
    return pd.DataFrame(
        {"product_id": [r[0] for r in rows], "store_id": "s", "out_from": [d[0] for d in days],
         "out_until": [d[1] for d in days]}
    )  # fmt: skip


ANSWERS = shelves(
    ("right", 3.0, 6), ("late by two", 3.0, 10), ("never", 3.0, 7), ("missed", 9.0, 25), ("unforeseen", 9.0, None),
    ("fine", 99.0, 30), ("empty already", 3.0, 6), ("uncounted", float("nan"), 6), ("nothing there", 0.0, 5),
    ("was empty", 4.0, None),
)  # fmt: skip
OUTS = empty(
    ("right", 6, 9), ("late by two", 8, None), ("missed", 11, 12), ("unforeseen", 5, 5), ("empty already", 3, None),
    ("was empty", 1, 3), ("fine", 12, None), ("right", 11, None),
)  # fmt: skip


def figures(answers: pd.DataFrame, outs: pd.DataFrame) -> dict[str, tuple[float, float]]:
    rows = grade_stock(ABOUT, answers, outs).set_index("metric")
    return {metric: (row.value, row.population) for metric, row in rows.iterrows()}


def test_the_figures_are_those_worked_out_by_hand() -> None:
    told = figures(ANSWERS, OUTS)
    assert told["stock_outs_foreseen"] == (pytest.approx(2 / 4), 4)  # of right, late, missed and unforeseen
    assert told["false_alarms"] == (pytest.approx(1 / 3), 3)
    assert told["stock_out_days_off"] == (pytest.approx(1.0), 2)
    assert told["not_judged"] == (pytest.approx(3 / 10), 10)
    rows = grade_stock(ABOUT, ANSWERS, OUTS).set_index("metric")
    assert rows.baseline_value["stock_outs_foreseen"] == pytest.approx(3 / 7)
    assert rows.baseline_value["false_alarms"] == pytest.approx(3 / 7)
    assert [better_is(metric) for metric in rows.index] == ["higher", "lower", "lower", ""]
    assert (rows.matured_on == date(2017, 6, 11)).all() and (rows.task == "stock_out_7d").all()


def test_what_came_after_the_horizon_and_the_order_of_rows_change_nothing() -> None:
    later = pd.concat([OUTS, empty(("never", 12, None), ("fine", 20, 22))])
    mixed = grade_stock(ABOUT, ANSWERS.sample(frac=1, random_state=1), later.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(mixed, grade_stock(ABOUT, ANSWERS, OUTS))


def test_nobody_is_judged_where_no_empty_shelf_was_written_down() -> None:
    for outs in (OUTS.iloc[:0], empty(("right", 20, None))):
        assert figures(ANSWERS, outs) == {"not_judged": (1.0, 10)}
    assert figures(ANSWERS.iloc[:0], OUTS) == {"not_judged": (1.0, 0)}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 30)), st.one_of(st.none(), st.integers(1, 30))),
                min_size=1, max_size=20))  # fmt: skip
def test_shares_are_shares_whatever_happened(days) -> None:
    answers = shelves(*((str(k), 5.0, expected) for k, (expected, _) in enumerate(days)))
    outs = empty(*((str(k), came, None) for k, (_, came) in enumerate(days) if came is not None), ("other", 5, 6))
    told = figures(answers, outs)
    assert all(0 <= told[one][0] <= 1 for one in ("stock_outs_foreseen", "false_alarms", "not_judged") if one in told)
    assert told.get("stock_out_days_off", (0, 0))[0] <= 6
