"""Churn: judged out of time, never on the future, each row on its own, honest when data are thin."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import make_purchases

from models.churn import ChurnSettings, run
from models.churn.baselines import ALIVE, ORDERS, RECENCY, RFM
from models.churn.train import NAME
from models.grades import GRADE_COLUMNS

QUICK = ChurnSettings(origins=2, choosing_origins=1, resamples=10)


def newest(features: pd.DataFrame) -> object:
    return features.as_of.max()


def active_today(purchases: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    features = purchases[0]
    today = features[(features.as_of == newest(features)) & (features.recency_days < 56)]
    return today.sort_values("customer_id").assign(as_of=lambda rows: pd.to_datetime(rows.as_of))


@pytest.fixture(scope="module")
def scored(purchases):
    return run(*purchases, newest(purchases[0]), QUICK)


def test_the_model_beats_every_baseline_out_of_time(scored) -> None:
    assert scored.served_by == NAME and scored.note == ""
    assert list(scored.grades.columns) == GRADE_COLUMNS
    assert set(scored.grades.baseline) == {RECENCY, RFM, ALIVE, ORDERS}
    grades = scored.grades.set_index("metric")
    assert (grades.value["auc"] > grades.baseline_value["auc"]).all()
    assert (grades.value["brier"] < grades.baseline_value["brier"]).all()
    assert (grades.baseline_value["auc"] > 0.5).all()


def test_the_judged_days_lie_before_the_run_and_after_the_training(scored, purchases) -> None:
    day = newest(purchases[0])
    assert (scored.grades.evaluated_to == day).all()
    # Two origins, 28 days apart, and the day after the first of them.
    assert (scored.grades.evaluated_from == day - pd.Timedelta(days=2 * 28 - 1)).all()


def test_the_backtest_has_every_figure_with_its_interval(scored) -> None:
    rows = scored.backtest
    assert len(rows) == 5 * 5 and (rows.origins == 2).all()
    assert (rows.lower <= rows.upper).all()
    mine = rows[rows.model == NAME]
    assert (mine.lead_lower == 0).all() and (mine.lead_upper == 0).all()
    lead = rows[(rows.model == RECENCY) & (rows.metric == "auc")].iloc[0]
    assert 0 < lead.lead_lower <= lead.lead_upper
    assert scored.calibration.rows.sum() == pytest.approx(rows.population.iloc[0])


def test_scores_are_probabilities_of_active_customers_with_reasons(scored, purchases) -> None:
    assert sorted(scored.scores.customer_id) == sorted(active_today(purchases).customer_id)
    assert scored.scores.churn_probability.between(0, 1).all()
    assert scored.scores.is_at_risk.any() and not scored.scores.is_at_risk.all()
    assert (scored.scores.model == NAME).all()
    at_risk = scored.scores.groupby("is_at_risk").churn_probability
    assert at_risk.min()[True] > at_risk.max()[False]


def test_reasons_name_the_customers_own_figures(scored, purchases) -> None:
    scores = scored.scores.set_index("customer_id")
    silent = scores[scores.reasons.str.contains("no order for")]
    assert len(silent) > 10
    figures = active_today(purchases).set_index("customer_id")
    for customer, said in silent.reasons.head(20).items():
        days = round(figures.recency_days[customer])
        assert f"no order for {days} day" in said
    assert scores.reasons.str.count("; ").max() == 2
    assert (scores.reasons.str.split("; ").str[0] == scores.reason).all()


@pytest.mark.slow
@pytest.mark.parametrize("demoted", ["", "fell below its baseline"])
def test_contributions_add_up_to_the_log_odds_that_are_served(purchases, demoted) -> None:
    from models.churn.reasons import GROUPS, contributions

    scorer = run(*purchases, newest(purchases[0]), QUICK, demoted).scorer
    served = scorer.model or scorer.baseline
    today = active_today(purchases)
    parts = contributions(served, scorer.history.add(today))
    assert parts.shape == (len(today), len(GROUPS) + 1) and parts.any(axis=0).sum() > 1
    odds = served.intercept + parts.sum(axis=1)
    np.testing.assert_allclose(odds, served.log_odds(scorer.history.add(today)), atol=1e-7)
    probability = scorer.score(today).churn_probability
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), probability, atol=1e-6)


def test_the_first_reason_is_what_pushes_the_served_score_most(purchases, scored) -> None:
    from models.churn.features import numbers
    from models.churn.reasons import _READ, GROUPS, contributions

    today = active_today(purchases)
    parts = contributions(scored.scorer.model, scored.scorer.history.add(today))[:, : len(GROUPS)]
    scores = scored.scorer.score(today)
    figures = numbers(today.reindex(columns=_READ)).to_dict("records")
    told = set()
    for row, reason in enumerate(scores.reason):
        sign = 1 if scores.is_at_risk[row] else -1
        strongest = max(GROUPS, key=lambda name: sign * parts[row, list(GROUPS).index(name)])
        phrase = (GROUPS[strongest].pushes if sign > 0 else GROUPS[strongest].keeps)(figures[row])
        if phrase:
            assert reason == phrase
            told.add((strongest, sign))
    assert len(told) > 4, "several groups, for those at risk and those who are safe"


def test_the_expected_loss_is_probability_times_what_stayers_spend(scored, purchases) -> None:
    rows = scored.scores
    np.testing.assert_allclose(rows.expected_loss_usd, rows.churn_probability * rows.expected_spend_usd, atol=0.006)
    assert (rows.expected_spend_usd >= 0).all()
    features, outcomes = purchases
    stayed = outcomes[outcomes.is_churned.eq(False).fillna(False)]
    rows = features.merge(stayed[["customer_id", "as_of", "spend_next_window_usd"]], on=["customer_id", "as_of"])
    expected = scored.scorer.spend.expect(rows)
    assert expected.sum() == pytest.approx(rows.spend_next_window_usd.sum(), rel=0.01)
    assert np.corrcoef(expected, rows.spend_next_window_usd)[0, 1] > 0.6


def test_row_order_changes_no_byte(scored, purchases) -> None:
    features, outcomes = (table.sample(frac=1, random_state=5) for table in purchases)
    again = run(features, outcomes, newest(features), QUICK)
    for name in ("scores", "grades", "backtest", "calibration"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(scored, name), check_exact=True)


@pytest.mark.slow
def test_a_rows_score_does_not_depend_on_its_batch(scored, purchases) -> None:
    today = active_today(purchases)
    alone = pd.concat([scored.scorer.score(today.iloc[[row]]) for row in range(0, len(today), 40)], ignore_index=True)
    halves = pd.concat([scored.scorer.score(half) for half in (today.iloc[:77], today.iloc[77:])], ignore_index=True)
    shuffled = scored.scorer.score(today.sample(frac=1, random_state=3)).sort_values("customer_id", ignore_index=True)
    batches = replace(scored.scorer, settings=replace(QUICK, batch_rows=13)).score(today)
    for rows in (halves, shuffled, batches):
        pd.testing.assert_frame_equal(rows, scored.scores, check_exact=True)
    together = scored.scores.set_index("customer_id").loc[alone.customer_id].reset_index()
    pd.testing.assert_frame_equal(alone, together[alone.columns], check_exact=True)


def test_nothing_after_the_run_day_is_looked_at(purchases) -> None:
    """A run of a month ago gives the same answer whether or not later rows exist."""
    features, outcomes = purchases
    earlier = sorted(features.as_of.unique())[-2]
    unknown = outcomes.as_of >= earlier
    then_known = outcomes[outcomes.as_of <= earlier].assign(
        **{
            column: outcomes[column].mask(unknown)
            for column in ("is_churned", "spend_next_window_usd", "orders_next_28d", "spend_next_28d_usd")
        }
    )
    then = run(features[features.as_of <= earlier], then_known, earlier, QUICK)
    now = run(features, outcomes, earlier, QUICK)
    assert then.served_by == NAME
    for name in ("scores", "grades", "backtest"):
        pd.testing.assert_frame_equal(getattr(now, name), getattr(then, name), check_exact=True)


def test_models_are_judged_after_a_gap_of_the_whole_window(purchases, monkeypatch) -> None:
    from models.churn import backtest, step

    seen = []

    def watched(rows, *others):
        seen.append(rows.as_of.max())
        return real(rows, *others)

    real = backtest.fit
    monkeypatch.setattr(backtest, "fit", watched)
    monkeypatch.setattr(step, "fit", watched)
    features, outcomes = purchases
    run(features, outcomes, newest(features), QUICK)
    last = pd.Timestamp(newest(features)) - pd.Timedelta(days=28)
    # Judged on the last two known dates, each by what had ended by then; one date before them chooses the blend of
    # the first; refitted on everything.
    assert sorted(seen) == [last - pd.Timedelta(days=28 * back) for back in (3, 2, 1, 0)]


@pytest.mark.slow
def test_a_blend_is_chosen_by_dates_that_had_ended_before_the_judged_one(purchases, monkeypatch) -> None:
    from models.churn import backtest, step

    seen = []

    def watched(past, fitted):
        seen.append(len(past))
        return real(past, fitted)

    real = backtest.choose
    monkeypatch.setattr(backtest, "choose", watched)
    monkeypatch.setattr(step, "choose", watched)
    features, outcomes = purchases
    run(features, outcomes, newest(features), QUICK)
    # Three dates are answered, each knows those before it; tonight all three have ended.
    assert seen == [0, 1, 2, 3]
    seen.clear()
    run(features, outcomes.assign(churn_known_after_days=29), newest(features), QUICK)
    # A day longer to wait: the outcome of the date before is not known on the next one.
    assert seen == [0, 0, 2]


@pytest.mark.slow
def test_a_longer_wait_for_outcomes_makes_a_longer_gap(purchases) -> None:
    features, outcomes = purchases
    slow = run(features, outcomes.assign(churn_known_after_days=56), newest(features), replace(QUICK, origins=4))
    assert slow.backtest.origins.iloc[0] == 2  # of four known dates the first two have nothing known before
    assert "2017-" in slow.about["judged on"]


def test_a_demoted_model_is_not_served_and_still_judged(scored, purchases) -> None:
    result = run(*purchases, newest(purchases[0]), QUICK, demoted="fell below its baseline on 3 nights")
    assert result.note == "fell below its baseline on 3 nights"
    assert result.served_by in {RECENCY, RFM, ALIVE, ORDERS}
    assert (result.scores.model == result.served_by).all()
    assert (result.scores.churn_probability == result.scores.baseline_probability).all()
    assert result.scores.reason.str.startswith("no order for").any()
    pd.testing.assert_frame_equal(result.grades, scored.grades, check_exact=True)


def test_80_customers_are_served_a_baseline_and_told_so() -> None:
    features, outcomes = make_purchases(80, seed=2, dates=3)
    result = run(features, outcomes, newest(features), QUICK)
    assert result.served_by != NAME
    assert "too little history" in result.note and result.note.endswith(f": {result.served_by} serves")
    np.testing.assert_array_equal(result.scores.churn_probability, result.scores.baseline_probability)
    assert result.scores.churn_probability.nunique() > 3


@pytest.mark.parametrize("churned", [True, False])
def test_one_outcome_only(purchases, churned: bool) -> None:
    features, outcomes = purchases
    same = outcomes.assign(is_churned=outcomes.is_churned.mask(outcomes.is_churned.notna(), churned))
    result = run(features, same, newest(features), QUICK)
    assert result.served_by == "constant rate"
    assert result.scores.churn_probability.nunique() == 1
    assert result.scores.churn_probability.between(0, 1, inclusive="neither").all()


def test_no_outcome_is_known_yet(purchases) -> None:
    features, outcomes = purchases
    result = run(features, outcomes[outcomes.as_of == newest(features)], newest(features), QUICK)
    assert "no labelled history" in result.note
    assert len(result.scores) > 0 and result.grades.empty and result.backtest.empty
    assert (result.scores.churn_probability == 0.5).all()


def test_nobody_to_score(purchases) -> None:
    features, outcomes = purchases
    result = run(
        features,
        outcomes.assign(is_active=outcomes.is_active & (outcomes.as_of != newest(features))),
        newest(features),
        QUICK,
    )
    assert result.scores.empty and len(result.grades)


def test_a_model_that_does_not_beat_a_baseline_is_not_served(purchases, monkeypatch) -> None:
    """Everything but recency is noise: recency alone is the whole truth."""
    from models.churn import step

    # Outcomes are drawn, and no later feature follows from them: that looks like foreknowledge.
    monkeypatch.setattr(step, "refuse_foreknowledge", lambda *given: None)
    draws = np.random.default_rng(1)
    features, outcomes = purchases
    kept = {"customer_id", "as_of", "recency_days", "tenure_days", "order_days_ever"}
    noise = {column: draws.random(len(features)) for column in features.columns if column not in kept}
    joined = outcomes.merge(features[["customer_id", "as_of", "recency_days"]])
    chance = 1 / (1 + np.exp(4 - 1.5 * np.log1p(joined.recency_days)))
    drawn = pd.Series(draws.random(len(joined)) < chance, dtype="boolean").where(joined.is_churned.notna())
    result = run(features.assign(**noise), joined.assign(is_churned=drawn)[outcomes.columns], newest(features), QUICK)
    assert result.served_by == RECENCY
    assert result.note.startswith(f"{NAME} did not beat ") and result.note.endswith(f": {RECENCY} serves")
    beaten = result.note.split(" did not beat ")[1].split(" out of time")[0].split(" and ")
    assert RECENCY in beaten and NAME not in beaten
    assert (result.scores.churn_probability == result.scores.baseline_probability).all()


def test_strange_customers_are_scored_and_change_nobody_else(scored, purchases) -> None:
    features, outcomes = purchases
    usual = features[features.as_of == newest(features)].iloc[[0] * 5].reset_index(drop=True)
    names = ["negative", "infinite", "ten thousand orders", "nothing known", "客户 ✓ 'quoted'; drop"]
    strange = usual.assign(customer_id=names)
    money = ["spend_28d", "spend_84d", "spend_prior_84d", "basket_usd"]
    strange.loc[0, money] = -5000.0
    strange.loc[1, [*money, "gap_ratio", "mean_gap_days"]] = np.inf
    strange.loc[2, ["orders_28d", "orders_84d", "order_days_ever"]] = 10_000.0
    strange.loc[3, strange.columns.drop(["customer_id", "as_of"])] = np.nan
    asked = outcomes[outcomes.as_of == newest(features)].iloc[[0] * 5].assign(customer_id=names, is_active=True)
    result = run(
        pd.concat([features, strange], ignore_index=True),
        pd.concat([outcomes, asked], ignore_index=True),
        newest(features),
        QUICK,
    )
    rows = result.scores.set_index("customer_id")
    assert rows.loc[names, "churn_probability"].between(0, 1).all()
    assert np.isfinite(rows.loc[names, "expected_loss_usd"]).all() and (rows.expected_loss_usd >= 0).all()
    others = result.scores[~result.scores.customer_id.isin(names)].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, scored.scores, check_exact=True)


@pytest.mark.slow
def test_a_sample_to_learn_from_is_drawn_by_customer_and_everybody_is_scored(scored, purchases) -> None:
    result = run(*purchases, newest(purchases[0]), replace(QUICK, max_training_rows=1000))
    assert list(result.scores.customer_id) == list(scored.scores.customer_id)
    learnt = int(result.about["learns from"].split(" ")[0].replace(",", ""))
    assert 700 < learnt < 1300
    assert result.served_by in {NAME, RECENCY, RFM, ALIVE, ORDERS}


@pytest.mark.slow
def test_where_most_leave_the_list_is_the_tenth_most_likely() -> None:
    features, outcomes = make_purchases(400, seed=5)
    left = pd.Series(True, index=outcomes.index, dtype="boolean").where(outcomes.is_churned.notna())
    kept = outcomes.orders_next_28d.fillna(0) > 5
    result = run(features, outcomes.assign(is_churned=left.mask(left.notna() & kept, False)), newest(features), QUICK)
    assert 0.03 < result.scores.is_at_risk.mean() < 0.25


@pytest.mark.slow
def test_tables_of_duckdb_give_the_same_answer(scored, purchases) -> None:
    import duckdb

    with duckdb.connect() as connection:
        tables = [connection.from_df(table) for table in purchases]
        again = run(*tables, newest(purchases[0]), QUICK)
    pd.testing.assert_frame_equal(again.scores, scored.scores, check_exact=True)


def test_quiet(purchases, capsys, recwarn, caplog) -> None:
    with caplog.at_level(logging.INFO):
        run(*purchases, newest(purchases[0]), replace(QUICK, seed=1))
    assert capsys.readouterr() == ("", "")
    assert not recwarn.list and not caplog.records
