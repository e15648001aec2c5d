"""The report as an asset: pages on what was just published, put in place of last night's as a whole."""

import ctypes
import os
import shutil
from pathlib import Path

import dagster as dg
import duckdb

from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake

_HERE, _EXCHANGE = -100, 2  # of renameat2(2): AT_FDCWD, RENAME_EXCHANGE


@dg.asset(
    key=["serving", "site"],
    group_name="serving",
    owners=["data-engineering@example.com"],
    kinds={"html"},
    deps=[dg.AssetKey(["serving", "serving_duckdb"])],
    pool=WAREHOUSE_POOL,  # as every step: the next run may not publish while the pages are made
)
def site(lake: Lake) -> dg.MaterializeResult:
    """Pages for people who would rather look than read: `data/site/index.html`, in English and Chinese."""
    files, unread = renew(lake.data.serving, lake.data.site)
    index = lake.data.site / "index.html"
    return dg.MaterializeResult(
        metadata={
            "pages": sum(name.endswith(".html") for name in files),
            "size_mb": round(sum(files.values()) / 1e6, 2),
            "not_shown": "\n".join(unread) or "nothing",
            "path": dg.MetadataValue.path(str(index)),
        }
    )


def renew(serving: Path, site_folder: Path) -> tuple[dict[str, int], list[str]]:
    """Write the pages on `serving` beside `site_folder` and put them in its place: bytes by file, and what went unread.

    A process that dies on the way leaves the old pages or the new ones, all of them. Where the system can't exchange
    two folders, it may leave none for the blink between two renames: the next call brings the old ones back first.
    """
    from report import build

    unfinished, old = (site_folder.with_name(f".{site_folder.name}.{word}") for word in ("unfinished", "old"))
    if old.exists() and not site_folder.exists():
        old.rename(site_folder)
    for leftover in (unfinished, old):
        if leftover.exists():
            shutil.rmtree(leftover)
    with duckdb.connect(str(serving), read_only=True) as connection:
        files, unread = build(connection, unfinished, site_folder / "assets/vega.js")
    _replace(unfinished, site_folder, old)
    if old.exists():
        shutil.rmtree(old)
    return files, unread


def _replace(unfinished: Path, folder: Path, old: Path) -> None:
    """Put a finished folder in place of `folder`, which is `old` then."""
    if not folder.exists():
        unfinished.rename(folder)
    elif _exchange(unfinished, folder):
        unfinished.rename(old)
    else:
        folder.rename(old)
        unfinished.rename(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; False where the system or the disk can't."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)  # Linux
    if renameat2 is None:
        return False
    return renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
