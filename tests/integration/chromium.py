"""The browser that tests of the report look with."""

import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing: apt-get install chromium")


def drawn(page) -> int:
    """Wait until every chart of the page is there; how many there are."""
    page.wait_for_function("[...document.querySelectorAll('.chart')].every((chart) => chart.dataset.drawn)")
    return page.locator(".chart svg").count()


def is_here(url: str) -> bool:
    """An address on this machine."""
    return url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))
