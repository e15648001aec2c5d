"""The generated shop holds together and keeps the contracts; the questions are the dashboards', with filters."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.serving.questions import of_charts, of_report
from benchmarks.serving.shop import LAST_DAY, write
from bi.superset.expected import EXPECTED
from bi.superset.starter import starter


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory):
    file: Path = tmp_path_factory.mktemp("serving") / "shop.duckdb"
    write(file, 3_000)
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_orders_and_product_weeks_add_up_to_the_lines(shop) -> None:
    totals = [
        shop.sql(f"select sum({money}), sum({units}) from marts.{table}").fetchone()
        for table, money, units in (
            ("order_lines", "sales_usd", "quantity"),
            ("orders", "sales_usd", "units"),
            ("product_weeks", "sales_usd", "units"),
        )
    ]
    assert totals[0] == totals[1] == totals[2] and totals[0][0] > 0


def test_lines_lie_in_the_order_of_days(shop) -> None:
    days = [day for (day,) in shop.sql("select order_date from marts.order_lines").fetchall()]
    assert days == sorted(days) and days[-1] <= LAST_DAY


def test_every_chart_is_asked_in_every_range_and_narrowed(shop) -> None:
    questions = list(of_charts(shop))
    assert {question.about.split(": ", 1)[1].split(",")[0] for question in questions} == set(starter()["charts"])
    assert any("country in ('US')" in question.sql and "order_date >=" in question.sql for question in questions)
    narrow, wide = (
        shop.execute(next(q.sql for q in questions if q.about == f"chart: Stores, {words}")).fetchall()
        for words in ("4 weeks", "all")
    )
    assert 0 < sum(row[2] for row in narrow) < sum(row[2] for row in wide)


def test_the_reports_questions_are_recorded_from_its_pages(shop) -> None:
    abouts = {question.about for question in of_report(shop, customers=2)}
    assert {"report: sales", "report: product", "report: a customer"} <= abouts


def test_every_chart_of_the_starter_dashboard_has_an_independent_answer() -> None:
    assert set(EXPECTED) == set(starter()["charts"])
