"""The report as an asset: pages on what was just published, put in place of last night's as a whole."""

import shutil
from pathlib import Path

import dagster as dg
import duckdb

from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake


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

    A process that dies on the way leaves the old pages, or at worst, for the blink between two renames, none: the next
    call mends that.
    """
    from report import build

    unfinished, old = (site_folder.with_name(f".{site_folder.name}.{word}") for word in ("unfinished", "old"))
    for leftover in (unfinished, old):
        shutil.rmtree(leftover, ignore_errors=True)
    with duckdb.connect(str(serving), read_only=True) as connection:
        files, unread = build(connection, unfinished, site_folder / "assets/vega.js")
    if site_folder.exists():
        site_folder.rename(old)
    unfinished.rename(site_folder)
    shutil.rmtree(old, ignore_errors=True)
    return files, unread
