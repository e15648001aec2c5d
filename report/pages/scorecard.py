"""How good the models are: tonight's backtests beside their baselines, and what came of earlier answers."""

from __future__ import annotations

from ..charts import calibration, trend
from ..marts import Marts
from ..parts import Chart, Column, Page, Table
from ..words import Say


def page(marts: Marts, say: Say) -> Page:
    return Page(
        "scorecard",
        say("Model scorecard"),
        say(
            "Every model beside the naive way of answering, and what came of its earlier answers once their"
            " outcome was known."
        ),
        [
            _standing(marts, say),
            _grades(marts, say),
            _matured(marts, say),
            _calibration(marts, say),
            _drift(marts, say),
        ],
    )


def _standing(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select subject, is_demoted, since, reason from marts.model_standing where origin = 'night'"
        " and as_of = (select max(as_of) from marts.model_standing where origin = 'night') order by subject",
        ["model_standing"],
    )
    return Table(
        say("Which models serve"),
        [
            Column("subject", say("Model")),
            Column("is_demoted", say("Stands back behind its baseline")),
            Column("since", say("Since")),
            Column("reason", say("Why")),
        ],
        rows,
        say("No model has been judged yet."),
    )


def _grades(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select subject, metric, value, baseline, baseline_value, population from marts.grades"
        " where as_of = (select max(as_of) from marts.grades) order by subject, metric, baseline",
        ["grades"],
    )
    return Table(
        say("Tonight's models, judged on past days they had not seen"),
        [
            Column("subject", say("Model")),
            Column("metric", say("Measure")),
            Column("value", say("Reached"), "ratio"),
            Column("baseline", say("Baseline")),
            Column("baseline_value", say("The baseline reached"), "ratio"),
            Column("population", say("Judged on"), "number"),
        ],
        rows,
        say("No model has been judged yet."),
        ["subject", "metric"],
    )


DAYS_BACK = 730
# One measure of each model, at one horizon: more lines than that nobody can tell apart.
_HEADLINES = (("auc", 28), ("mae", 30), ("recall_at_20", 28), ("wrmsse", 28))


def _matured(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select subject || ', ' || metric || ', ' || horizon_days || ' d' as series, as_of, value /"
        " nullif(baseline_value, 0) as ratio, value,"
        " baseline_value from (select *, row_number() over (partition by subject, metric, horizon_days, as_of"
        " order by baseline) as place"
        f" from marts.model_scorecard where dimension = 'all' and (metric, horizon_days) in {_HEADLINES}"
        f" and as_of > (select max(as_of) from marts.model_scorecard) - to_days({DAYS_BACK}))"
        " where place = 1 order by series, as_of",
        ["model_scorecard"],
    )
    return Chart(
        say("What came of earlier answers"),
        say(
            "Measure of the model divided by that of its baseline, for the day the answer was given. At 1 both"
            " are equal;"
            " errors should lie below it, all else above."
        ),
        trend(rows, "as_of", "ratio", say("model / baseline"), "ratio", "series", say("Model")),
        [
            Column("series", say("Model")),
            Column("as_of", say("Answered on")),
            Column("value", say("Reached"), "ratio"),
            Column("baseline_value", say("The baseline reached"), "ratio"),
        ],
        rows,
        say(
            "No outcome is known yet. Answers are graded when their time is over; make backfill fills this"
            " page for past weeks."
        ),
    )


def _calibration(marts: Marts, say: Say) -> Chart:
    rows = marts.rows(
        "select member as bin, sum(predicted * customers) / sum(customers) as predicted, sum(actual *"
        " customers) / sum(customers) as actual,"
        " sum(customers) as customers from marts.model_calibration where subject = 'churn' and"
        " dimension = 'tenth' and predicted is not null and actual is not null group by 1 order by 2",
        ["model_calibration"],
    )
    return Chart(
        say("Did as many leave as was said?"),
        say(
            "Customers in groups of like probability to leave: what was said, and the share that left. On the"
            " dashed line both agree."
        ),
        calibration(rows, "predicted", "actual", (say("said"), say("came"))),
        [
            Column("bin", say("Group")),
            Column("predicted", say("said"), "share"),
            Column("actual", say("came"), "share"),
            Column("customers", say("Answers"), "number"),
        ],
        rows,
        say(
            "No outcome is known yet. Answers are graded when their time is over; make backfill fills this"
            " page for past weeks."
        ),
    )


def _drift(marts: Marts, say: Say) -> Table:
    rows = marts.rows(
        "select subject, column_name, psi, verdict, compared_with from marts.model_drift"
        " where as_of = (select max(as_of) from marts.model_drift) order by psi desc nulls last, subject, column_name",
        ["model_drift"],
    )
    return Table(
        say("What changed in what the models see"),
        [
            Column("subject", say("Where")),
            Column("column_name", say("Column")),
            Column("psi", say("Population stability index"), "ratio"),
            Column("verdict", say("Verdict")),
            Column("compared_with", say("Compared with")),
        ],
        rows,
        say("Nothing to compare with yet."),
        ["subject", "verdict"],
    )
