"""The report in a real browser: charts drawn, nothing on the console, tables sorted and narrowed, light and dark."""

import threading
from pathlib import Path

import duckdb
import pytest

from orchestration.serving.site import renew
from report.dashboard import serve
from tests.integration.chromium import drawn, needs_chromium
from tests.unit.report.published import published

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder with a published file, a warehouse with one golden field, and the report."""
    root = tmp_path_factory.mktemp("report")
    published(root / "serving.duckdb", 8)
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute(
            "create schema unified; create table unified.golden_fields as select 'C1' as customer_id,"
            " 'full_name' as field, 'Maria Müller 李' as value, 'crm' as source_system, now()::timestamp as updated_at"
        )
    renew(root / "serving.duckdb", root / "site")
    return root


def test_every_page_draws_its_charts_and_says_nothing_on_the_console(page, folder):
    names = sorted(path.relative_to(folder / "site") for path in (folder / "site").rglob("*.html"))
    assert len(names) == 26
    charts = {}
    for name in names:
        page.goto((folder / "site" / name).as_uri())
        charts[name] = drawn(page)
        assert charts[name] == page.locator(".chart").count(), f"{name}: a chart is not drawn"
        assert page.locator("main h1").inner_text() and page.locator("nav [aria-current=page]").count() == 1
    english = {name: count for name, count in charts.items() if name.parts[0] != "zh"}
    assert {Path("zh", name): count for name, count in english.items()}.items() <= charts.items()
    assert sum(english.values()) >= 20, "full tables give no page without what it is there to show"


def test_tables_are_narrowed_and_sorted(page, folder):
    page.goto((folder / "site/churn.html").as_uri())
    rows = page.locator("table.sortable tbody tr:visible")
    everyone = rows.count()
    page.locator(".narrow select").select_option("ordinary 3")
    assert rows.count() == 1 and "1 of" in page.locator(".narrow output").inner_text()
    page.locator(".narrow select").select_option("")
    page.locator(".narrow input").fill("C5")
    assert rows.count() == 1 and "C5" in rows.inner_text()
    page.locator(".narrow input").fill("")
    assert rows.count() == everyone
    loss = page.get_by_role("button", name="Expected loss")
    loss.click()
    shown = [
        float(cell)
        for cell in page.locator("tbody tr td:nth-child(6)").evaluate_all(
            "cells => cells.map((cell) => cell.dataset.value)"
        )
    ]
    assert shown == sorted(shown, reverse=True) and len(shown) == everyone
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Expected loss")


def test_the_series_of_the_forecast_can_be_chosen(page, folder):
    page.goto((folder / "site/demand.html").as_uri())
    drawn(page)
    chosen = page.locator(".vega-bind select")
    before = page.locator(".chart svg").inner_html()
    chosen.select_option(index=1)
    page.wait_for_function("before => document.querySelector('.chart svg').innerHTML !== before", arg=before)


def test_dark_and_light_stay_chosen_and_charts_follow(page, folder):
    page.emulate_media(color_scheme="light")
    page.goto((folder / "site/index.html").as_uri())
    drawn(page)
    paper = "getComputedStyle(document.body).backgroundColor"
    light, chart = page.evaluate(paper), page.locator(".chart svg").first.inner_html()
    page.locator("#theme").click()
    assert page.evaluate(paper) != light
    page.wait_for_function("before => document.querySelector('.chart svg').innerHTML !== before", arg=chart)
    page.reload()
    assert page.evaluate(paper) != light


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_menu_opens(page, folder):
    page.set_viewport_size({"width": 360, "height": 740})
    for name in ("index", "churn", "segments", "demand", "zh/scorecard"):
        page.goto((folder / "site" / f"{name}.html").as_uri())
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert not page.locator("nav a").first.is_visible()
        page.locator("nav summary").click()
        assert page.locator("nav a").first.is_visible()


def test_the_keyboard_reaches_the_content_and_every_field_has_a_name(page, folder):
    for name in ("index", "churn", "scorecard", "zh/churn"):
        page.goto((folder / "site" / f"{name}.html").as_uri())
        drawn(page)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        nameless = page.evaluate(
            "[...document.querySelectorAll('main input, main select, main button, header button')]"
            ".filter((field) => !(field.labels?.length || field.ariaLabel || field.textContent.trim())).length"
        )
        assert nameless == 0, name
        assert page.locator(".chart:not([aria-label])").count() == 0


@pytest.mark.parametrize("private", [False, True])
def test_a_customer_is_shown_and_named_only_with_the_flag(page, folder, private):
    server = serve(folder / "site", folder / "serving.duckdb", folder / "warehouse.duckdb" if private else None, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/customer.html")
        page.locator("main input").first.fill("C1")
        page.get_by_role("button", name="Show").click()
        drawn(page)
        assert "Customer C1" in page.locator(".lead").inner_text()
        assert ("Maria Müller 李" in page.content()) == private
        assert ("no names" in page.locator("footer").inner_text()) != private
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        assert drawn(page) >= 3
    finally:
        server.shutdown()
        server.server_close()
