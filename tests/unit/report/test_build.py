"""The report shows what the tables say, in both languages, whatever is in them and whatever is missing."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.paths import DBT_PROJECT_DIR
from report.build import build
from report.customer import customer_page
from report.marts import Marts
from report.pages import MENU
from report.words import LANGUAGES, Say
from tests.unit.report.published import contracts, published

NAMES = [
    "index",
    "segments",
    "churn",
    "value",
    "demand",
    "marketing",
    "sales",
    "service",
    "product",
    "buying",
    "scorecard",
    "identity",
    "quality",
]


class Numbers(HTMLParser):
    """The values behind the numbers of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.values += [value for name, value in attrs if name == "data-value"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """A stand-in for the charts' library, of this version, so that no test makes the real one."""
    from report.build import _mark

    path = tmp_path_factory.mktemp("library") / "vega.js"
    path.write_text(f"{_mark()}\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A published file with all tables, open for writing."""
    with duckdb.connect(str(published(tmp_path_factory.mktemp("all") / "s.duckdb", 2))) as connection:
        yield connection


def built(serving: Path, folder: Path, library: Path) -> dict[str, str]:
    with duckdb.connect(str(serving), read_only=True) as connection:
        assert build(connection, folder, library)[1] == []
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.html")}


def test_every_page_is_there_in_every_language_and_links_to_pages_that_are(tmp_path, library):
    pages = built(published(tmp_path / "s.duckdb", 8), tmp_path / "site", library)
    assert set(pages) == {f"{home}{name}.html" for home in ("", "zh/") for name in NAMES}
    for name, page in pages.items():
        for link in re.findall(r'(?:href|src)="([^"#][^":]*)"', page):
            assert ((tmp_path / "site" / name).parent / link).exists(), f"{name} links to {link}"


@pytest.mark.parametrize("rows", [0, 8])
def test_nothing_is_left_in_english_on_a_chinese_page(tmp_path, rows):
    with duckdb.connect(str(published(tmp_path / "s.duckdb", rows)), read_only=True) as connection:
        say = Say("zh")
        for heading, group in MENU:
            say(heading)
            for page in group:
                page(Marts(connection), say)
        customer_page(Marts(connection), say, "C1", [])
    assert {word for word in say.missing if not word.startswith("ordinary")} == set()


def test_words_of_templates_are_translated():
    templates = Path(__file__).parents[3] / "report/templates"
    words = {
        word
        for path in templates.iterdir()
        for word in re.findall(r"""say\(["'](.+?)["'][,)]""", path.read_text("utf-8"))
    }
    say = Say("zh")
    for word in words:
        say(word, **{name: "" for name in re.findall(r"{(\w+)}", word)})
    assert len(words) > 8 and say.missing == set()


def test_words_that_dbt_gives_to_readers_are_translated():
    """Names and meanings of metrics and actions are written once, in dbt, and shown by the report."""
    say, told = Say("zh"), 0
    for path, name in (("metrics/metrics.sql", "definitions"), ("actions/next_best_actions.sql", "actions")):
        text = (DBT_PROJECT_DIR / "macros" / path).read_text("utf-8")
        for one in yaml.safe_load(text.split(f"{{% set {name} %}}")[1].split("{% endset %}")[0]).values():
            for word in (one["label"], one["says"], one.get("department"), *one.get("channels", [])):
                told += bool(word and say(word))
    assert told > 40 and say.missing == set()


def test_without_any_table_every_page_says_what_is_missing(tmp_path, library):
    duckdb.connect(str(tmp_path / "s.duckdb")).close()
    pages = built(tmp_path / "s.duckdb", tmp_path / "site", library)
    assert all('class="empty"' in page and "data-spec" not in page for page in pages.values())
    assert "No night published yet" in pages["index.html"]


@pytest.mark.slow
@pytest.mark.parametrize("table", sorted(contracts()))
def test_one_missing_table_breaks_no_page(everything, table):
    """Also that a page asks for the tables that it reads: else the query itself would fail."""
    everything.execute("begin")
    everything.execute(f"drop table marts.{table}")
    marts = Marts(everything)
    pages = [page(marts, Say("en")) for _, group in MENU for page in group]
    everything.execute("rollback")
    assert len(pages) == len(NAMES) and marts.unread == []


def test_pages_show_the_numbers_of_the_tables(tmp_path, library):
    serving = published(tmp_path / "s.duckdb", 8)
    pages = built(serving, tmp_path / "site", library)
    with duckdb.connect(str(serving), read_only=True) as connection:
        warnings = connection.sql("select expected_loss_usd, churn_probability from marts.churn_warnings").fetchall()
        records, customers = connection.sql("select sum(record_count), count(*) from marts.customers").fetchone()
    shown = Numbers(pages["churn.html"]).values
    assert all(str(value) in shown for row in warnings for value in row)
    assert {str(records), str(customers)} <= set(Numbers(pages["identity.html"]).values)


def test_text_of_the_data_is_never_markup(tmp_path, library):
    hostile = "</script><script>alert('1')</script> & \"quotes\" 名字 é"
    pages = built(published(tmp_path / "s.duckdb", 6, text=hostile), tmp_path / "site", library)
    for name, page in pages.items():
        assert "alert('1')" not in page, name
        for spec in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL):
            json.loads(spec)
    assert any(hostile in "".join(Numbers(page).text) for page in pages.values())


def test_the_same_tables_give_the_same_bytes(tmp_path, library):
    serving = published(tmp_path / "s.duckdb", 8)
    assert built(serving, tmp_path / "one", library) == built(serving, tmp_path / "other", library)


def test_a_library_of_another_version_is_not_taken(tmp_path, library, monkeypatch):
    import vl_convert

    old = tmp_path / "old.js"
    old.write_text("// vega-0.0.1\nold", "utf-8")
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda: "new")
    with duckdb.connect(str(published(tmp_path / "s.duckdb", 0)), read_only=True) as connection:
        build(connection, tmp_path / "site", old)
    assert (tmp_path / "site/assets/vega.js").read_text("utf-8").splitlines()[1] == "new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_written_as_people_write_them(language):
    say = Say(language)
    assert [say.value(value, "USD") for value in (1235.4, 12.34, -2000)] == ["$1,235", "$12.34", "−$2,000"]
    assert say.value(0.1234, "share") == "12.3%"
    assert say.value(None) == say.value(float("nan")) == "–"
    assert say.value(1234567) == "1,234,567"


def test_the_exposure_names_every_table_that_the_report_reads():
    """So that dbt tells who reads a table before somebody changes it."""
    named = set(re.findall(r"ref\('(\w+)'\)", (DBT_PROJECT_DIR / "models/exposures.yml").read_text("utf-8")))
    code = [path.read_text("utf-8") for path in (DBT_PROJECT_DIR.parent / "report").rglob("*.py")]
    assert named == {
        table for text in code for table in re.findall(r"\bmarts\.([a-z_]+)\b", text) if table in contracts()
    }


def test_a_publication_that_lacks_a_column_is_shown_without_what_needs_it(tmp_path, library):
    """As after a roll-back to a night of an earlier version."""
    serving = published(tmp_path / "s.duckdb", 4)
    with duckdb.connect(str(serving)) as connection:
        connection.execute("alter table marts.customers drop column record_count")
        unread = build(connection, tmp_path / "site", library)[1]
    assert unread and all("record_count" in why for why in unread)
    assert "Records per customer" in (tmp_path / "site/identity.html").read_text("utf-8")
