"""Writes the report: every page in every language, with the charts' library beside them."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import jinja2

from .marts import Marts
from .pages import MENU
from .parts import Page
from .words import LANGUAGES, Say

_HERE = Path(__file__).parent


def build(
    serving: duckdb.DuckDBPyConnection, folder: Path, library: Path | None = None
) -> tuple[dict[str, int], list[str]]:
    """Write the report on a published database into `folder`, which must not exist.

    Returns the bytes by file, and what could not be read (a publication of an earlier version may lack a column).

    Args:
        serving: connection to the published file; read only.
        folder: where `index.html` will be.
        library: a `vega.js` written before by this version, to spare the second that making one takes.
    """
    marts = Marts(serving)
    (folder / "assets").mkdir(parents=True)
    for asset in sorted((_HERE / "static").iterdir()):
        shutil.copyfile(asset, folder / "assets" / asset.name)
    _write_library(folder / "assets/vega.js", library)
    template = _template()
    for language in LANGUAGES:
        say = Say(language)
        home = folder if language == "en" else folder / language
        home.mkdir(exist_ok=True)
        menu = [(say(heading), [page(marts, say) for page in group]) for heading, group in MENU]
        for page in (page for _, group in menu for page in group):
            name = "index" if page.name == "overview" else page.name
            (home / f"{name}.html").write_text(_html(template, page, menu, say, marts, name), "utf-8")
    files = {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*")) if path.is_file()}
    return files, sorted(set(marts.unread))


def library_name() -> str:
    """Which version of the charts' library this environment makes."""
    import vl_convert

    return f"vega-{vl_convert.__version__}"


def _write_library(path: Path, library: Path | None) -> None:
    if library is not None and library.exists() and library.open("rb").readline().decode().strip() == _mark():
        shutil.copyfile(library, path)
        return
    import vl_convert

    path.write_text(f"{_mark()}\n{vl_convert.javascript_bundle()}", "utf-8")


def _mark() -> str:
    return f"// {library_name()}: Vega, Vega-Lite and Vega-Embed, BSD-3-Clause"


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.tests["day"] = lambda value: isinstance(value, date)
    environment.tests["prose"] = lambda value: isinstance(value, str) and len(value) > 40
    environment.policies["json.dumps_function"] = _json
    return environment.get_template("page.html.j2")


def _json(value: object, **_: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _html(
    template: jinja2.Template,
    page: Page,
    menu: list[tuple[str, list[Page]]],
    say: Say,
    marts: Marts,
    name: str,
    ask: dict[str, str] | None = None,
) -> str:
    other = next(code for code in LANGUAGES if code != say.language)
    return template.render(
        page=page,
        menu=menu,
        say=say,
        as_of=marts.as_of(),
        ask=ask,
        root="" if say.language == "en" else "../",
        other_language={
            "code": other,
            "name": LANGUAGES[other],
            "href": f"{other}/{name}.html" if say.language == "en" else f"../{name}.html",
        },
    )


def customer_html(page: Page | None, say: Say, marts: Marts, customer_id: str, note: str) -> str:
    """The page of one customer, or the question which; `note` says what could not be shown."""
    asked = page or Page("customer", say("Customer"), say("Type an id from any table or page to see the customer."), [])
    nothing = Marts(duckdb.connect())  # of the other pages only the names are wanted
    menu = [(say(heading), [named(nothing, say) for named in group]) for heading, group in MENU]
    return _html(_template(), asked, menu, say, marts, "customer", {"id": customer_id, "note": note})
