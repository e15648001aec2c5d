"""Two months looked back at, week by week: only what was known, kept for ever, graded, demoted and brought back."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import numpy as np
import pandas as pd
import pytest

from models.grades import Judged, grades_table
from orchestration.any_orders import order_warehouse
from orchestration.backfill import answers
from orchestration.backfill.answers import in_turn
from orchestration.backfill.job import build_backfill, build_backfill_assets
from orchestration.backfill.known import hand_out
from orchestration.backfill.progress import Progress, mark
from orchestration.backfill.scores import week
from orchestration.backfill.weeks import partitions_between, range_tags
from orchestration.contracts import CHURN_SCORES, DEMAND_FORECAST, MODEL_STANDING, SCORECARD
from orchestration.dbt import Dbt, load_manifest
from orchestration.grading.past import Past
from orchestration.intelligence.kept import BACKFILLED
from orchestration.intelligence.night import Inputs, Night
from orchestration.lake import Lake

_LAST = date(2017, 12, 31)
_FROM, _TO = date(2017, 10, 15), date(2017, 12, 10)
_SUNDAYS = [_FROM + timedelta(days=7 * number) for number in range(9)]


# What unified makes of a shop with three categories in two departments, without holidays and closed days.
_CATEGORY_WEEKS = f"""
create table unified.category_weeks as
with weeks as (
    select cast(range as date) as week_start from range(date '2017-01-02', date '{_LAST}' + 63, interval 7 day)
),
sold as (
    select 'C' || right(product_id, 1)::int % 3 as series_id, date_trunc('week', order_date)::date as week_start,
        sum(quantity)::double as units, sum(sales_usd)::decimal(18, 2) as sales_usd
    from unified.order_lines group by all
),
series as (select series_id, min(week_start) as first_week from sold group by series_id)
select series_id, case when series_id = 'C0' then 'D0' else 'D1' end as department, week_start,
    week_start + 6 > date '{_LAST}' as is_future,
    case when week_start + 6 <= date '{_LAST}' then coalesce(units, 0) end as units,
    case when week_start + 6 <= date '{_LAST}' then coalesce(sales_usd, 0) end as sales_usd,
    0::bigint as closed_days, 0::bigint as declared_closed_days, 0::bigint as holidays, 0::bigint as holidays_next,
    0::bigint as week_of_month
from series inner join weeks on weeks.week_start >= series.first_week left join sold using (series_id, week_start)
order by all
"""
_DEMAND_HISTORY = """
create table unified.demand_history as
select 'week' as frequency, level, name as series_id, week_start as period_start, sum(units) as units,
    sum(sales_usd)::decimal(18, 2) as sales_usd
from unified.category_weeks,
    lateral (values ('product_category', series_id), ('department', department), ('total', 'total')) as l (level, name)
where not is_future group by all
"""


def _orders(customers: int = 200, seed: int = 4) -> pd.DataFrame:
    """A year of orders; each customer has a rhythm of their own, some stop for good, and buys the same few things."""
    draws = np.random.default_rng(seed)
    rows = []
    for who in range(customers):
        gap, stays = draws.gamma(2, 6) + 3, draws.random() < 0.6
        day, end = draws.uniform(0, 60), 365 if stays else draws.uniform(120, 365)
        while day < end:
            for product in draws.choice(8, size=draws.integers(1, 4), replace=False):
                rows.append((f"c{who:04d}", date(2017, 1, 1) + timedelta(days=int(day)), f"p{who % 20}-{product}", 9.5))
            day += draws.exponential(gap) + 1
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "product_id", "sales_usd"])


def _warehouse(folder: Path, orders: pd.DataFrame) -> Lake:
    with order_warehouse(orders, _LAST, folder=folder) as built:
        customers = built.sql("select distinct customer_id from unified.order_lines order by 1").df()
    with duckdb.connect(str(folder / "warehouse.duckdb")) as warehouse:
        customers["age_band"] = np.where(np.arange(len(customers)) % 2 == 0, "19-24", "65+")
        customers[["income_band", "household_size", "language"]] = "unknown"
        warehouse.register("given", customers)
        warehouse.execute("create table unified.customer_360 as select * from given order by customer_id")
        warehouse.execute(_CATEGORY_WEEKS)
        warehouse.execute(_DEMAND_HISTORY)
    return Lake(data_dir=str(folder))


def _backfill(lake: Lake, first: date = _FROM, last: date = _TO) -> None:
    data_dir = str(lake.data.root)
    definitions = dg.Definitions(
        assets=build_backfill_assets(load_manifest(lake.data)),
        jobs=[build_backfill()],
        resources={"lake": lake, "dbt": Dbt(data_dir=data_dir)},
        executor=dg.in_process_executor,
    )
    result = definitions.resolve_job_def("weekly_backfill").execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), tags=range_tags(partitions_between(first, last))
    )
    assert result.success


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A small shop on which the job has run for nine weeks."""
    lake = _warehouse(tmp_path_factory.mktemp("data"), _orders())
    _backfill(lake)
    return lake


def _files(lake: Lake) -> dict[str, tuple[bytes, int]]:
    """What was kept, with the moment it was written."""
    kept = sorted((lake.data.lake / "backfill").glob("**/*.parquet"))
    return {str(path.relative_to(lake.data.lake)): (path.read_bytes(), path.stat().st_mtime_ns) for path in kept}


def _read(lake: Lake, path: str) -> pd.DataFrame:
    return lake.read_table(path).to_pandas()


def _scorecards(lake: Lake) -> pd.DataFrame:
    paths = sorted((lake.data.lake / "grading" / "scorecard").glob("*.parquet"))
    return pd.concat([_read(lake, str(path.relative_to(lake.data.lake))) for path in paths], ignore_index=True)


def test_every_sunday_has_the_answers_of_its_active_customers_and_nights_have_none(lake):
    assert BACKFILLED.dates(lake, "churn_scores") == _SUNDAYS
    for day in _SUNDAYS:
        rows = lake.read(BACKFILLED.scores("churn_scores", day), CHURN_SCORES)
        assert len(rows) > 100
        assert set(rows["as_of"]) == {day}
    assert not (lake.data.lake / "intelligence").exists()


def test_the_scorecard_is_full_and_says_nothing_before_it_was_known(lake):
    rows = _scorecards(lake)
    churn = rows[(rows["subject"] == "churn") & (rows["dimension"] == "all") & (rows["metric"] == "brier")]
    # 28 days must have passed: the newest Sunday, 10 December, is not known on 31 December.
    assert sorted(churn["as_of"]) == [day for day in _SUNDAYS if day <= _LAST - timedelta(days=28)]
    assert set(rows["origin"]) == {"backfill"}
    assert {"age_band"} <= set(rows["dimension"])
    for path in (lake.data.lake / "grading" / "scorecard").glob("*_backfill.parquet"):
        known = _read(lake, f"grading/scorecard/{path.name}")
        assert (known["matured_on"] <= date.fromisoformat(path.stem.removesuffix("_backfill"))).all()


def test_demand_is_foretold_for_categories_and_graded_as_its_weeks_arrive(lake):
    rows = lake.read(BACKFILLED.scores("demand_forecast", _SUNDAYS[0]), DEMAND_FORECAST)
    assert set(rows["level"]) == {"product_category", "department", "total"}
    assert (pd.to_datetime(rows["period_start"]) > pd.Timestamp(_SUNDAYS[0])).all()
    scored = _scorecards(lake)
    scored = scored[(scored["subject"] == "demand") & (scored["dimension"] == "all") & (scored["metric"] == "wrmsse")]
    for task, days in (("weeks_1", 7), ("weeks_4", 28), ("weeks_8", 56)):
        judged = sorted(scored.loc[scored["task"] == task, "as_of"])
        assert judged == [day for day in _SUNDAYS if day <= _LAST - timedelta(days=days)], task
    assert np.isfinite(scored["value"]).all()


def test_running_it_again_changes_no_byte_and_writes_no_file_anew(lake):
    before, scored = _files(lake), _scorecards(lake)
    (lake.data.lake / "backfill" / "worked_out.json").unlink()  # or no week would be worked out again
    _backfill(lake)
    assert _files(lake) == before
    pd.testing.assert_frame_equal(_scorecards(lake), scored)


def test_only_whole_weeks_on_the_same_data_are_not_worked_out_again(lake):
    def left() -> list[date]:
        with lake.warehouse() as warehouse:
            progress = Progress(lake, mark(warehouse))
            return [day for day in _SUNDAYS if not progress.is_done(day)]

    assert left() == []
    path = lake.data.lake / BACKFILLED.scores("recommendations", _SUNDAYS[3])
    path.rename(path.with_suffix(".away"))
    try:
        assert left() == [_SUNDAYS[3]], "a file that somebody took away is made again"
    finally:
        path.with_suffix(".away").rename(path)
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        [(customer, before)] = warehouse.sql(
            "select customer_id, language from unified.customer_360 limit 1"
        ).fetchall()
        said = "update unified.customer_360 set language = $1 where customer_id = $2"
        warehouse.execute(said, ["another", customer])
    assert left() == _SUNDAYS, "what a week is graded by is another: every week is worked out again"
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute(said, [before, customer])
    assert left() == []


def test_what_is_noted_of_whole_weeks_is_only_trusted_when_it_can_be_read(tmp_path):
    lake = Lake(data_dir=str(tmp_path))
    note = lake.data.lake / "backfill" / "worked_out.json"
    note.parent.mkdir(parents=True)
    for damaged in (
        "",
        "{",
        "[]",
        "{}",
        '{"worked_from": "a", "done": ["no date"]}',
        '{"worked_from": "a", "done": 1}',
    ):
        note.write_text(damaged)
        assert not Progress(lake, "a").is_done(_SUNDAYS[0])


def test_another_answer_for_a_date_becomes_a_revision_and_the_first_is_what_counts(lake, monkeypatch):
    day = _SUNDAYS[-1]
    path = BACKFILLED.scores("churn_scores", day)
    first = _read(lake, path)

    def other(night_of: Callable[..., Night]) -> Callable[..., Night]:
        return lambda *given, **named: _told(night_of(*given, **named), lambda probability: probability * 0 + 0.5)

    with lake.warehouse() as warehouse, monkeypatch.context() as patched:
        patched.setitem(answers.JUDGED, "churn", other(answers.JUDGED["churn"]))
        in_turn(lake, warehouse)(day, [("churn", "")])
    assert lake.revisions(path) == 2
    pd.testing.assert_frame_equal(_read(lake, lake.first_kept(path)), first)
    assert set(_read(lake, path)["churn_probability"]) == {0.5}


def test_what_happened_later_changes_no_answer(lake, tmp_path):
    """The same weeks of a shop that closed after the third one: an answer knows nothing of what came."""
    orders, third = _orders(), _SUNDAYS[2]
    closed = _warehouse(tmp_path, orders[orders["ordered_at"] <= third])
    _backfill(closed, _FROM, third)
    for day in _SUNDAYS[:3]:
        for table in ("churn_scores", "behaviour_segments", "lifetime_value", "recommendations", "demand_forecast"):
            path = BACKFILLED.scores(table, day)
            assert (closed.data.lake / path).read_bytes() == (lake.data.lake / lake.first_kept(path)).read_bytes(), path


def test_a_model_is_handed_no_outcome_that_had_not_ended(lake):
    day = _SUNDAYS[4]
    with lake.warehouse() as warehouse:
        inputs = hand_out(warehouse, day)
        rows = warehouse.sql(f"select * from {inputs.outcomes}").df()
        features = warehouse.sql(f"select distinct as_of from {inputs.features} order by 1").df()["as_of"].dt.date
    assert list(features) == [day - timedelta(days=28 * back) for back in range(9, -1, -1)][-len(features) :]
    ended = (pd.Timestamp(day) - pd.to_datetime(rows["as_of"])).dt.days
    for column in rows.columns:
        if "_next_" in column:
            # The window of churn is 28 days where nothing else is declared.
            horizon = 28 if "_window" in column else int(column.split("_next_")[1].split("d")[0])
            assert rows.loc[ended < horizon, column].isna().all(), column
            assert rows.loc[ended >= horizon, column].notna().all(), column
    assert rows.loc[ended < 28, ["is_churned", "is_churned_window"]].isna().all(axis=None)
    assert rows.loc[(ended >= 28) & rows["is_active"], "is_churned"].notna().all()


def _told(night: Night, change: Callable[[pd.Series], pd.Series]) -> Night:
    rows, contract = night.tables["churn_scores"]
    rows = rows.assign(churn_probability=change(rows["churn_probability"]))
    return dataclasses.replace(night, tables={**night.tables, "churn_scores": (rows, contract)})


@pytest.fixture
def empty_lake(lake: Lake, tmp_path: Path) -> Iterator[Lake]:
    """The same warehouse, and a lake that nothing was kept in."""
    os.link(lake.data.warehouse, tmp_path / "warehouse.duckdb")
    yield Lake(data_dir=str(tmp_path))


def _only_churn(ask: answers.Ask) -> answers.Ask:
    return lambda day, asked: ask(day, [one for one in asked if one[0] == "churn"])


def test_a_model_made_bad_stands_back_by_itself_and_comes_back_when_it_is_mended(lake, empty_lake, monkeypatch):
    real, mended = answers.JUDGED["churn"], _SUNDAYS[8]
    weeks = [_SUNDAYS[0] - timedelta(days=7 * back) for back in range(4, 0, -1)] + _SUNDAYS

    def made_bad(warehouse: duckdb.DuckDBPyConnection, as_of: date, inputs: Inputs, demoted: str = "") -> Night:
        """Says the opposite until it is mended two weeks before the end; its backtests say so as well."""
        night = real(warehouse, as_of, inputs)
        rows, contract = night.tables["churn_scores"]
        if demoted:
            rows = rows.assign(churn_probability=rows["baseline_probability"])
        elif as_of < mended:
            rows = rows.assign(churn_probability=1 - rows["baseline_probability"])
        about = Judged("churn", as_of, as_of, as_of, len(rows))
        good = as_of >= weeks[9]
        grades = [about.grade("auc", 0.8 if good else 0.4, "recency alone", 0.7)]
        grades.append(about.grade("brier", 0.1 if good else 0.4, "recency alone", 0.2))
        return dataclasses.replace(
            night, tables={"churn_scores": (rows, contract)}, grades=grades_table(grades), served_by=demoted
        )

    monkeypatch.setitem(answers.JUDGED, "churn", made_bad)
    with lake.warehouse() as warehouse:
        past, only_churn = Past(warehouse, "backfill.outcomes", _LAST), _only_churn(in_turn(empty_lake, warehouse))
        said = {day: week(empty_lake, past.until(day), only_churn) for day in weeks}
    standing = {day: _read(empty_lake, BACKFILLED.standing("churn", day)).iloc[0] for day in weeks}
    # Three answers are known on the seventh Sunday: 28 days after the third.
    assert [bool(standing[day]["is_demoted"]) for day in weeks] == [False] * 6 + [True] * 6 + [False]
    fell = standing[weeks[6]]
    assert fell["since"] == weeks[6]
    assert "auc" in fell["reason"]
    assert "below best baseline" in fell["reason"]
    assert "demoted on" in said[weeks[6]]
    baseline = _read(empty_lake, BACKFILLED.scores("churn_scores", weeks[8]))
    assert (baseline["churn_probability"] == baseline["baseline_probability"]).all()
    assert standing[weeks[12]]["reason"].startswith(f"back since {weeks[12]}: its backtest beat the baseline on 3")
    assert set(standing[weeks[0]].index) == set(MODEL_STANDING.names)
    assert set(_scorecards(empty_lake).columns) == set(SCORECARD.names)
