"""The report's pages change all at once: a reader finds last night's or tonight's, also when the process is killed."""

from pathlib import Path

import duckdb
import pytest

import orchestration.serving.site as site
import report
from tests.unit.orchestration.killed import Killed, killing_at


@pytest.fixture
def serving(tmp_path, monkeypatch) -> Path:
    """A published file, and pages that say nothing but its night."""

    def build(connection, folder, library):
        (folder / "zh").mkdir(parents=True)
        (night,) = connection.sql("select night from night").fetchone()
        for name in ("index.html", "zh/index.html"):
            (folder / name).write_text(str(night))
        return {"index.html": 1, "zh/index.html": 1}, []

    monkeypatch.setattr(report, "build", build)
    return tmp_path / "serving.duckdb"


def _renew(serving: Path, night: int) -> None:
    with duckdb.connect(str(serving)) as connection:
        connection.execute(f"create or replace table night as select {night} as night")
    site.renew(serving, serving.with_name("site"))


def _shown(serving: Path) -> set[str]:
    """What the pages say; nothing where there are none."""
    pages = [serving.with_name("site") / name for name in ("index.html", "zh/index.html")]
    return {page.read_text() for page in pages} if any(page.exists() for page in pages) else set()


def _killed(serving: Path, monkeypatch, at: int) -> bool:
    """Renew and be killed before the `at`-th change of the disk; whether it got that far."""
    killing = killing_at(at)

    with monkeypatch.context() as patched:
        patched.setattr(site, "_exchange", killing(site._exchange))
        patched.setattr(site.Path, "rename", killing(Path.rename))
        patched.setattr(site.shutil, "rmtree", killing(site.shutil.rmtree))
        try:
            _renew(serving, 2)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("at", range(4))
def test_killed_anywhere_the_pages_are_of_one_night_and_the_next_renewal_mends(serving, monkeypatch, at) -> None:
    _renew(serving, 1)
    if not _killed(serving, monkeypatch, at):
        assert at == 3 and _shown(serving) == {"2"}
    assert _shown(serving) in ({"1"}, {"2"})
    _renew(serving, 3)
    assert _shown(serving) == {"3"}
    assert sorted(path.name for path in serving.parent.iterdir()) == ["serving.duckdb", "site"]


@pytest.mark.parametrize("at", range(5))
def test_where_folders_cannot_be_exchanged_the_old_pages_come_back_first(serving, monkeypatch, at) -> None:
    monkeypatch.setattr(site, "_exchange", lambda one, other: False)
    _renew(serving, 1)
    _killed(serving, monkeypatch, at)
    assert _shown(serving) in ({"1"}, {"2"}, set())
    monkeypatch.setattr(report, "build", lambda *_: (_ for _ in ()).throw(ValueError("a page that can't be made")))
    with pytest.raises(ValueError):
        site.renew(serving, serving.with_name("site"))
    assert _shown(serving) in ({"1"}, {"2"})


def test_pages_that_cannot_be_made_leave_the_old_ones(serving, monkeypatch) -> None:
    _renew(serving, 1)
    monkeypatch.setattr(report, "build", lambda *_: (_ for _ in ()).throw(ValueError("a page that can't be made")))
    with pytest.raises(ValueError):
        _renew(serving, 2)
    assert _shown(serving) == {"1"}
