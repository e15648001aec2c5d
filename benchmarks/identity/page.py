"""Rewrite the tables of docs/identity-quality.md from the last measurements: `python -m benchmarks.identity.page`.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`; one that was not measured since is left as it is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.identity.runs import SYSTEMS, folder
from benchmarks.identity.scale import SIZES
from benchmarks.identity.sets import SETS
from models.identity.measure import breakdown
from orchestration.lake import sql_literal
from orchestration.paths import PROJECT_DIR

PAGE = PROJECT_DIR / "docs" / "identity-quality.md"
_SHARES = ["precision", "recall", "f1", "bcubed_precision", "bcubed_recall", "bcubed_f1"]
_SHOWN_SYSTEMS = {"ours": "ours", "splink": "plain Splink", "goldenmatch": "GoldenMatch"}
_WHAT = {"splink": "plain Splink", "ours": "ours, from scratch", "night": "ours, a night with 1 % changed"}


def main() -> None:
    """Rewrite every table that there are figures for."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in (("sets", _sets()), ("scale", _scale()), ("demo", _demo()), ("difficulty", _difficulty())):
        if table:
            text = replaced(text, name, table)
    PAGE.write_text(text, encoding="utf-8")


def replaced(text: str, name: str, table: str) -> str:
    """The page with another table of that name; raises ValueError where it has no place for it."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marked.search(text):
        raise ValueError(f"the page has no <!-- {name} --> … <!-- /{name} -->")
    return marked.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text)


def _rows(files: list[Path]) -> list[dict]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in files if path.exists()]


def _sets() -> str:
    files = [folder() / f"{task.name}.{system}.json" for task in SETS for system in SYSTEMS]
    lines = []
    for row in _rows(files):
        named = {"set": row["set"], "records": f"{row['records']:,}", "system": _SHOWN_SYSTEMS[row["system"]]}
        if "error" in row:
            lines.append(named | {"P": row["error"]})
            continue
        shares = dict(zip(("P", "R", "F1", "B³ P", "B³ R", "B³ F1"), (f"{row[n]:.4f}" for n in _SHARES), strict=True))
        times = f"{row['times_splink']:.2f}" if "times_splink" in row else ""
        cost = {"seconds": f"{row['seconds']:.1f}", "peak MB": f"{row['peak_mb']:,.0f}", "x Splink": times}
        lines.append(named | shares | cost)
    return _markdown(lines)


def _scale() -> str:
    rows = _rows([folder() / f"scale_{size}.{what}.json" for size in SIZES for what in _WHAT])
    full = {row["records"]: row["seconds"] for row in rows if row["what"] == "ours"}
    return _markdown(
        [
            {
                "records": f"{row['records']:,}",
                "what": _WHAT[row["what"]],
                "seconds": f"{row['seconds']:.1f}",
                "peak MB": f"{row['peak_mb']:,.0f}",
                "x Splink": f"{row['times_splink']:.2f}",
                "of a run from scratch": f"{row['seconds'] / full[row['records']]:.0%}"
                if row["what"] == "night"
                else "",
                "P": f"{row['precision']:.4f}",
                "R": f"{row['recall']:.4f}",
            }
            for row in rows
        ]
    )


def _demo() -> str:
    clusters, truth = folder() / "demo.ours@.parquet", folder() / "demo_truth.parquet"
    if not (clusters.exists() and truth.exists()):
        return ""
    known = pd.read_parquet(truth).merge(
        pd.read_parquet(folder() / "demo.parquet")[["record_key", "source_system"]], on="record_key"
    )
    table = breakdown(pd.read_parquet(clusters), known)
    lines = []
    for row in table.to_dict("records"):
        shares = {name: "" if pd.isna(row[name]) else f"{row[name]:.4f}" for name in [*_SHARES[:3], "bcubed_f1"]}
        named = {"by": row["dimension"].replace("_", " "), "value": row["value"], "records": f"{row['records']:,}"}
        lines.append(named | {"true pairs": f"{row['true_pairs']:,}"} | shares)
    return _markdown(lines).replace("bcubed_f1", "B³ F1")


def _difficulty() -> str:
    """How hard the demo's records are, by the simulator's truth; the tests of the demo company hold it there."""
    truth = folder() / "demo_truth.parquet"
    if not truth.exists():
        return ""
    row = duckdb.sql(
        f"""
        select count(*) / count(distinct person_id), avg((n_errors >= 1)::int), avg((n_errors >= 2)::int),
            count(distinct person_id) filter (where language = 'zh') / count(distinct person_id),
            avg(contains(error_kinds, 'moved_house')::int), avg(contains(error_kinds, 'former_name')::int),
            avg((contains(error_kinds, 'shared_email') or contains(error_kinds, 'shared_phone'))::int)
        from read_parquet({sql_literal(truth)})
        """
    ).fetchone()
    words = (
        "records per person",
        "records with an error",
        "records with several",
        "people who are Chinese",
        "records with the address before a move",
        "records with the name before a marriage",
        "records with a relative's e-mail or phone",
    )
    values = [f"{row[0]:.2f}", *(f"{share:.1%}" for share in row[1:])]
    return _markdown([{"of the graded records": word, "": value} for word, value in zip(words, values, strict=True)])


def _markdown(rows: list[dict]) -> str:
    if not rows:
        return ""
    return pd.DataFrame(rows).fillna("").to_markdown(index=False, disable_numparse=True)


if __name__ == "__main__":
    main()
