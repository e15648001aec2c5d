"""The report on publications that lack something, or have far too much: pages say so, and do not break."""

import shutil
import threading
from pathlib import Path

import duckdb
import pytest

from report.build import build
from report.dashboard import serve
from tests.integration.chromium import drawn, needs_chromium
from tests.unit.report.huge import published_huge
from tests.unit.report.published import contracts, published

pytestmark = needs_chromium

# What a company knows before its first order: who is who, and what its systems say of them.
BEFORE_ORDERS = {"customers", "households", "contact_points", "products", "stores", "web_sessions", "pipeline_runs"}
# What is empty when a company has no such system.
SOURCES = {
    "no helpdesk": ("support_cases",),
    "no call centre": ("calls",),
    "no surveys": ("survey_responses",),
    "no web analytics": ("web_sessions",),
    "no marketing": ("campaign_touches", "campaign_performance"),
    "no stock": ("replenishment",),
    "no consents": ("contact_points", "next_best_actions"),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """The charts' library, made once."""
    folder = tmp_path_factory.mktemp("library")
    with duckdb.connect(str(published(folder / "s.duckdb", 0)), read_only=True) as connection:
        build(connection, folder / "site")
    return folder / "site/assets/vega.js"


@pytest.fixture(scope="module")
def full(tmp_path_factory, library) -> tuple[Path, dict[str, str]]:
    """A published file with all tables, and its pages."""
    folder = tmp_path_factory.mktemp("full")
    published(folder / "s.duckdb", 8)
    return folder / "s.duckdb", _built(folder / "s.duckdb", folder / "site", library)


def _built(serving: Path, folder: Path, library: Path) -> dict[str, str]:
    with duckdb.connect(str(serving), read_only=True) as connection:
        assert build(connection, folder, library)[1] == []
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("*.html"))}


def _without(full: tuple[Path, dict[str, str]], folder: Path, tables, drop: bool) -> Path:
    serving = Path(shutil.copyfile(full[0], folder / "s.duckdb"))
    with duckdb.connect(str(serving)) as connection:
        for table in tables:
            connection.execute(f"drop table marts.{table}" if drop else f"delete from marts.{table}")
    return serving


def _look(page, folder: Path, names) -> int:
    """Open each page: its charts are drawn, and what has no data is said in words. How often that is."""
    said = 0
    for name in names:
        page.goto((folder / name).as_uri())
        drawn(page)
        assert page.locator("main h1").inner_text()
        parts = page.locator("main section").all()
        for part in parts:
            assert len(part.inner_text()) > len(part.locator("h2").inner_text()) + 3, f"{name}: a part is blank"
        words = [text for text in page.locator("main .empty").all_inner_texts()]
        assert all(len(text) >= 4 for text in words)
        said += len(words)
    return said


def test_before_the_first_order_every_page_says_what_it_waits_for(page, tmp_path, library):
    serving = published(tmp_path / "s.duckdb", 8)
    with duckdb.connect(str(serving)) as connection:
        for table in set(contracts()) - BEFORE_ORDERS - {"metric_definitions", "next_best_action_rules"}:
            connection.execute(f"delete from marts.{table}")
        connection.execute("update marts.customers set orders = 0, sales_usd = 0, first_order_date = null")
    pages = _built(serving, tmp_path / "site", library)
    assert len(pages) == 26
    assert _look(page, tmp_path / "site", pages) > 60
    assert "they need customers with orders" in pages["segments.html"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_company_without_a_system_sees_the_rest(page, tmp_path, library, full, source):
    serving = _without(full, tmp_path, SOURCES[source], drop=False)
    pages = _built(serving, tmp_path / "site", library)
    changed = [name for name, text in pages.items() if text != full[1][name]]
    _look(page, tmp_path / "site", changed)
    assert len(changed) < 20, "one missing system must not empty the report"


@pytest.mark.slow
@pytest.mark.parametrize("drop", [False, True], ids=["empty", "missing"])
@pytest.mark.parametrize("table", sorted(contracts()))
def test_each_table_may_be_empty_or_missing(page, tmp_path, library, full, table, drop):
    pages = _built(_without(full, tmp_path, [table], drop), tmp_path / "site", library)
    changed = [name for name, text in pages.items() if text != full[1][name]]
    everywhere = table == "pipeline_runs"  # every page says of which night it is
    _look(page, tmp_path / "site", changed if not everywhere else ["index.html", "quality.html", "zh/quality.html"])


def test_a_huge_catalogue_stays_readable(page, tmp_path, library):
    """200,000 products in 5,000 categories: every page small, drawn, and as quick to make as a night can spare."""
    import resource

    serving = published_huge(tmp_path / "s.duckdb")
    before = resource.getrusage(resource.RUSAGE_SELF)
    pages = _built(serving, tmp_path / "site", library)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert max(len(text.encode()) for text in pages.values()) < 1_000_000
    assert sum(path.stat().st_size for path in (tmp_path / "site").rglob("*") if path.is_file()) < 12_000_000
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60
    _look(page, tmp_path / "site", [name for name in pages if not name.startswith("zh/")])
    page.goto((tmp_path / "site/demand.html").as_uri())
    assert "The first 500 of 5,000 rows" in page.locator("main").inner_text()
    assert page.locator(".vega-bind option").count() == 40


HOSTILE = [
    "</script><script>console.error('markup')</script>",
    "<img src=x onerror=console.error('image')> & \" ' `",
    "中文名称：客户、商品与门店 🎉 é ü ñ",
    "\u202eright to left\u202c a\u0000b",
    "W" * 3000,
    "a very long name of many words " * 60,
    "{{ say('template') }} {% raw %} ${value} %s",
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_names_are_shown_as_they_are_and_never_break_a_page(page, tmp_path, library, text):
    serving = published(tmp_path / "s.duckdb", 6, text=text)
    pages = _built(serving, tmp_path / "site", library)
    page.set_viewport_size({"width": 390, "height": 800})
    for name in (name for name in pages if not name.startswith("zh/")):
        _look(page, tmp_path / "site", [name])
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    _customer(page, tmp_path, serving, "C1")


@pytest.mark.parametrize("table", ["", *sorted(set(contracts()) - {"customers"})])
def test_a_customer_is_shown_whatever_else_is_missing(full, tmp_path, table):
    from report.build import customer_html
    from report.customer import customer_page
    from report.marts import Marts
    from report.words import Say

    serving = _without(full, tmp_path, [table] if table else [], drop=True)
    with duckdb.connect(str(serving), read_only=True) as connection:
        marts = Marts(connection)
        html = customer_html(customer_page(marts, Say("en"), "C1"), Say("en"), marts, "C1", "")
    assert "Customer C1" in html and marts.unread == []


def _customer(page, folder: Path, serving: Path, customer_id: str) -> None:
    server = serve(folder / "site", serving, None, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/customer.html?id={customer_id}")
        assert drawn(page) >= 1
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    finally:
        server.shutdown()
        server.server_close()


def test_days_are_the_same_wherever_the_reader_sits(browser, full):
    """A date without a time is midnight in London to a browser: in Los Angeles it would be drawn a day early."""
    charts = []
    for zone in ("UTC", "America/Los_Angeles", "Asia/Shanghai"):
        context = browser.new_context(timezone_id=zone, viewport={"width": 1000, "height": 800})
        tab = context.new_page()
        tab.goto((full[0].parent / "site/index.html").as_uri())
        drawn(tab)
        labels = "[...document.querySelectorAll('.chart svg [aria-roledescription=point]')].map((p) => p.ariaLabel)"
        charts.append(tab.evaluate(labels))
        context.close()
    assert len(charts[0]) > 3 and charts[0] == charts[1] == charts[2]
