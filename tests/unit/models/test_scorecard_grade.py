"""Past answers beside what happened: for everybody and by group, in any order, with those left out told."""

import dataclasses
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.scorecard import TASKS, About, Purchases, ScorecardSettings, grade, grade_lists, served_models
from models.scorecard.card import Known, Section, answered_by_a_baseline, make_card
from models.scorecard.fails import fails_for
from models.scorecard.pages import as_html, as_markdown
from models.scorecard.standing import Standing
from models.scorecard.tasks import better_is

_DAY = date(2017, 6, 4)
_TASK = {task.name: task for task in TASKS}
_QUICK = ScorecardSettings(resamples=30)


def _churn(customers: int = 2000, seed: int = 3, blind: str = "") -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Answers that are true probabilities, but half as high for the members of the group `blind`."""
    draws = np.random.default_rng(seed)
    ids = [f"c{number:05d}" for number in range(customers)]
    probability = draws.beta(1, 4, customers)
    left = draws.random(customers) < probability
    band = np.where(draws.random(customers) < 0.3, "young", "old")
    told = np.where(band == blind, probability / 2, probability)
    answers = pd.DataFrame(
        {
            "customer_id": ids,
            "churn_probability": told,
            "baseline_probability": np.full(customers, 0.2),
            "is_at_risk": told > 0.4,
            "model": "splines",
        }
    )
    return (
        answers,
        pd.DataFrame({"customer_id": ids, "is_churned": left}),
        pd.DataFrame({"customer_id": ids, "age_band": band}),
    )


def _about(name: str, days: int = 28) -> About:
    return About(_TASK[name], _DAY, "night", days, "splines")


def _all(rows: pd.DataFrame) -> dict[str, tuple[float, float]]:
    own = rows[rows["dimension"] == "all"]
    return {row.metric: (row.value, row.baseline_value) for row in own.itertuples()}


def test_true_probabilities_are_calibrated_beat_a_constant_and_say_when_that_was_known():
    rows, bins = grade(_about("churn"), *_churn(), _QUICK)
    figures = _all(rows)
    assert figures["auc"][0] > 0.7 > figures["auc"][1] == 0.5
    assert figures["brier"][0] < figures["brier"][1]
    assert figures["calibration_error"][0] < 0.03
    assert set(rows["matured_on"]) == {date(2017, 7, 2)}
    auc = rows[(rows["metric"] == "auc") & (rows["dimension"] == "all")].iloc[0]
    assert auc["lower"] < auc["value"] < auc["upper"]
    tenths = bins[bins["dimension"] == "tenth"]
    assert len(tenths) == 10
    assert tenths["predicted"].is_monotonic_increasing
    assert np.abs(tenths["predicted"] - tenths["actual"]).max() < 0.12


def test_rows_do_not_depend_on_the_order_of_customers():
    answers, outcomes, groups = _churn(400)
    first = grade(_about("churn"), answers, outcomes, groups, _QUICK)
    again = grade(_about("churn"), answers[::-1], outcomes.sample(frac=1, random_state=1), groups[::-1], _QUICK)
    for one, other in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_group_that_the_model_misjudges_is_found_and_small_groups_are_not_judged():
    answers, outcomes, groups = _churn(3000, blind="young")
    groups.loc[:19, "age_band"] = "few"
    rows, _ = grade(_about("churn"), answers, outcomes, groups, _QUICK)
    assert set(rows["member"]) == {"all", "young", "old"}
    failing = fails_for(rows)
    off = failing[failing["what"] == "predictions off"]
    assert sorted(off["member"]) == ["all", "young"], "half of all are young: everybody's are off by half as much"
    assert set(fails_for(grade(_about("churn"), *_churn(3000), _QUICK)[0])["what"]) <= {"best baseline is better"}


def test_answers_without_an_outcome_do_not_count_and_are_told():
    answers, outcomes, groups = _churn(400)
    rows, _ = grade(_about("churn"), answers, outcomes.iloc[:300], groups, _QUICK)
    assert _all(rows)["not_judged"][0] == 0.25
    assert set(rows.loc[(rows["metric"] == "auc") & (rows["dimension"] == "all"), "population"]) == {300}


def test_an_answer_about_nobody_who_is_left_is_graded_as_not_judged_once_and_for_all():
    answers, outcomes, groups = _churn(100)
    rows, bins = grade(_about("churn"), answers, outcomes.iloc[:0], groups, _QUICK)
    assert rows[["metric", "value"]].to_numpy().tolist() == [["not_judged", 1.0]]
    assert bins.empty


def test_one_outcome_only_is_graded_without_what_needs_both():
    answers, outcomes, groups = _churn(200)
    rows, _ = grade(_about("churn"), answers, outcomes.assign(is_churned=False), groups, _QUICK)
    assert "auc" not in set(rows["metric"])
    assert np.isfinite(_all(rows)["brier"][0])


def test_amounts_are_graded_with_error_bias_capture_and_whether_the_interval_held():
    draws = np.random.default_rng(5)
    spend = draws.gamma(2, 50, 1000)
    ids = [f"c{number:04d}" for number in range(1000)]
    answers = pd.DataFrame(
        {
            "customer_id": ids,
            "expected_spend_30d_usd": spend * 1.1,
            "lower_spend_30d_usd": spend * 0.5,
            "upper_spend_30d_usd": np.where(np.arange(1000) < 900, spend * 2, spend * 0.9),
            "baseline_spend_30d_usd": np.full(1000, spend.mean()),
            "model_30d": "boosted",
        }
    )
    outcomes = pd.DataFrame({"customer_id": ids, "spend_next_30d_usd": spend})
    rows, bins = grade(_about("spend_30d", 30), answers, outcomes, answers[["customer_id"]], _QUICK)
    figures = _all(rows)
    assert figures["bias"][0] == pytest.approx(0.1)
    assert figures["interval_coverage"][0] == 0.9
    assert figures["mae"][0] < figures["mae"][1]
    assert figures["top_decile_capture"][0] == pytest.approx(1.0)
    assert len(bins[bins["dimension"] == "tenth"]) == 10


def _lines() -> duckdb.DuckDBPyRelation:
    """Twelve customers who each buy a product of their own again and again, and bread now and then."""
    rows = [
        (f"c{who:02d}", product, _DAY + pd.Timedelta(days=day))
        for who in range(12)
        for product, days in ((f"own {who:02d}", (-30, -20, -10, 5)), ("bread", (-15,)), (f"new {who % 2}", (9,)))
        for day in days
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "product_id", "order_date"])
    frame["order_date"] = pd.to_datetime(frame["order_date"]).dt.date
    connection = duckdb.connect()
    connection.register("frame", pd.concat([frame, frame.iloc[:3].assign(customer_id=None)]))
    return connection.sql("select customer_id, product_id, order_date from frame")


def _lists(product) -> pd.DataFrame:
    return pd.DataFrame(
        [(f"c{who:02d}", product(who), 1) for who in range(12)], columns=["customer_id", "product_id", "rank"]
    )


def test_lists_are_graded_by_the_next_basket_and_by_what_is_new_beside_both_baselines():
    settings = ScorecardSettings(resamples=20, min_group=5)
    answers = {
        "next_basket": _lists(lambda _: "bread"),
        "new_product": _lists(lambda _: "new 0"),
    }
    abouts = [
        About(dataclasses.replace(_TASK[name], length=1), _DAY, "night", 28, "one for all")
        for name in ("next_basket", "new_product")
    ]
    groups = pd.DataFrame({"customer_id": [f"c{who:02d}" for who in range(12)], "parity": ["even", "odd"] * 6})
    with Purchases(_lines()) as purchases:
        rows = grade_lists(abouts, answers, purchases, groups, settings)
    recall = rows[rows["metric"] == "recall_at_1"].set_index(["task", "dimension", "member", "baseline"]).sort_index()
    basket = recall.loc[("next_basket", "all", "all")]
    assert basket.loc["personal_frequency", ["value", "baseline_value"]].tolist() == [0.0, 1.0]
    assert basket.loc["popularity", "baseline_value"] == 0.0
    assert recall.loc[("new_product", "all", "all", "popularity"), "value"] == 0.5
    assert recall.loc[("new_product", "parity", "even", "popularity"), "value"] == 1.0
    assert recall.loc[("new_product", "parity", "odd", "popularity"), "value"] == 0.0


def test_baselines_leave_out_what_served_lists_leave_out():
    """Yesterday's rare purchase and what nobody buys any more are in no list; a daily bread is."""
    bought = {"bread": range(0, 60, 5), "soap": (60, 1), "ended": (90, 80, 70), "lately": (30, 20)}
    rows = [
        (who, product, _DAY - pd.Timedelta(days=ago)) for who in "ab" for product in bought for ago in bought[product]
    ]
    rows.append(("b", "soap", _DAY - pd.Timedelta(days=20)))  # every 20 to 40 days: seldom
    frame = pd.DataFrame(rows, columns=["customer_id", "product_id", "order_date"])
    frame["order_date"] = pd.to_datetime(frame["order_date"]).dt.date
    connection = duckdb.connect()
    connection.register("frame", frame)

    def listed(purchases, one):
        return {
            (purchases.customers[c], purchases.products[p])
            for c, p in zip(one["customer"], one["product"], strict=True)
        }

    with Purchases(connection.sql("select customer_id, product_id, order_date from frame")) as purchases:
        purchases.known(_DAY, 100)
        expected = {(who, product) for who in "ab" for product in ("bread", "lately")}
        assert listed(purchases, purchases.frequent(20)) == expected
        assert listed(purchases, purchases.popular(20, False)) == expected


def test_baselines_list_everything_where_the_shop_was_closed():
    with Purchases(_lines()) as purchases:
        purchases.known((pd.Timestamp(_DAY) + pd.Timedelta(days=200)).date(), 100)
        assert len(purchases.frequent(20)["product"]) == 12 * 3


def test_what_serves_is_named_the_most_frequent_first():
    assert served_models(pd.DataFrame({"model": ["b", "a", "a", None]}), "model") == "a + b"
    assert served_models(pd.DataFrame(), "model") == ""


def test_a_card_says_what_is_known_and_is_the_same_again():
    rows, _ = grade(_about("churn"), *_churn(3000, blind="young"), _QUICK)
    backtest = pd.DataFrame(
        [("auc", 0.81, "recency <alone>", 0.7, date(2017, 5, 1), date(2017, 5, 28), 400)],
        columns=["metric", "value", "baseline", "baseline_value", "evaluated_from", "evaluated_to", "population"],
    )
    moved = pd.DataFrame([("spend_28d", 0.31, "large")], columns=["column_name", "psi", "verdict"])
    known = Known(
        "churn", date(2017, 7, 2), "splines", {"not to be used for": "credit"}, backtest, rows,
        Standing(True, date(2017, 7, 2), "demoted on 2017-07-02: auc"), moved, {"curve": "data:image/png;base64,AA=="},
    )  # fmt: skip
    text, page = as_markdown(make_card(known)), as_html(make_card(known))
    for said in (
        "# Model card: churn",
        "demoted on 2017-07-02",
        "credit",
        "0.8100",
        "young",
        "spend_28d",
        "data:image/png",
    ):
        assert said in text
    assert "recency &lt;alone&gt;" in page
    assert (text, page) == (as_markdown(make_card(known)), as_html(make_card(known)))


def test_a_card_marks_the_best_figure_whichever_way_is_better():
    table = pd.DataFrame(
        {"metric": ["auc", "brier", "bias", "interval_coverage"], "this model": [0.8, 0.2, -0.1, 0.7],
         "recency alone": [0.7, 0.1, 0.3, 0.8]}
    )  # fmt: skip
    table.insert(1, "better", [better_is(metric) for metric in table["metric"]])
    text = as_markdown([Section("Model card: churn", table=table, compared=("this model", "recency alone"))])
    marked = [[cell.strip() for cell in line.split("|")[3:5]] for line in text.splitlines() if "0." in line]
    assert marked == [
        ["**0.8000**", "0.7000"],
        ["0.2000", "**0.1000**"],
        ["**-0.1000**", "0.3000"],
        ["0.7000", "0.8000"],
    ]


def test_whether_more_is_better_is_told_whatever_days_a_figure_ends_with():
    said = {
        name: better_is(name) for name in ("mae_30d", "mae", "recall_at_20", "calibration_gap", "coverage_spend_30d")
    }
    assert list(said.values()) == ["lower", "lower", "higher", "near 0", ""]
    assert all(better_is(metric) for task in TASKS for metric in task.primary)


def _scored(day: int, member: str, value: float, baseline: float, metric: str = "auc") -> dict[str, object]:
    dimension = "all" if member == "all" else "age_band"
    about = {"subject": "churn", "task": "churn", "as_of": date(2017, 6, day), "population": 500}
    return about | {"dimension": dimension, "member": member, "metric": metric, "value": value,
                    "baseline": "best baseline", "baseline_value": baseline}  # fmt: skip


def test_dates_that_a_baseline_answered_say_nothing_of_the_model():
    rows = pd.DataFrame(
        [
            *(_scored(4, "all", 0.5, 0.5, metric) for metric in ("auc", "brier")),
            _scored(11, "all", 0.8, 0.8),
            _scored(11, "all", 0.1, 0.2, "brier"),
        ]
    )
    assert answered_by_a_baseline(rows) == {("churn", date(2017, 6, 4))}
    assert answered_by_a_baseline(rows.iloc[:0]) == set()


def test_a_group_stands_beside_everybody_of_the_same_dates_and_on_enough_of_them():
    easy = [_scored(day, "all", 0.9, 0.4) for day in (4, 11, 18)]
    hard = [_scored(day, who, 0.7, 0.4) for day in (20, 23, 26) for who in ("all", "late")]
    assert fails_for(pd.DataFrame(easy + hard)).empty, "late was only judged on dates that were hard for everybody"
    once = [_scored(4, "once", 0.5, 0.4)]
    assert fails_for(pd.DataFrame(easy + once)).empty
    worse = [_scored(day, "worse", 0.7, 0.4) for day in (4, 11, 18)]
    assert fails_for(pd.DataFrame(easy + worse))["member"].tolist() == ["worse"]


def test_where_the_baseline_is_better_for_everybody_it_is_told_once():
    rows = [_scored(day, who, 0.6, 0.7) for day in (4, 11, 18) for who in ("all", "young", "old")]
    failing = fails_for(pd.DataFrame(rows))
    assert failing[["member", "what"]].to_numpy().tolist() == [["all", "best baseline is better"]]
