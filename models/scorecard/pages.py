"""How a model card looks: as Markdown for the UI, and as one page of HTML that needs no other file."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pandas as pd

from .card import Section

_STYLE = """
:root{--ink:#1d2733;--soft:#5b6774;--line:#e3e7ec;--blue:#3b6ea5;--good:#e6f1ea;--warn:#fdf0e3}
*{box-sizing:border-box}
body{font:15px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);max-width:68rem;
margin:0 auto;padding:2.5rem 1.5rem 4rem}
h1{font-size:1.75rem;margin:0 0 .75rem}
h2{font-size:1.15rem;margin:2.5rem 0 .6rem;padding-top:1.1rem;border-top:1px solid var(--line)}
p{margin:.35rem 0;max-width:48rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:.4rem 0;max-width:60rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.8rem 0;font-size:.9rem}
th{text-align:left;color:var(--soft);font-weight:600;border-bottom:2px solid var(--line);vertical-align:bottom}
th,td{padding:.32rem .8rem}td{border-bottom:1px solid var(--line);white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums}
.best{background:var(--good);font-weight:600}
tr:hover td{background:#f7f9fb}tr:hover td.best{background:var(--good)}
.large{background:var(--warn)}.none{color:var(--soft)}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(24rem,1fr));gap:1rem;margin:1rem 0}
figure{margin:0;border:1px solid var(--line);border-radius:6px;padding:.6rem}
figure img{width:100%;display:block}figcaption{color:var(--soft);font-size:.85rem}
@media print{body{max-width:none;padding:0}h2{break-after:avoid}table,figure{break-inside:avoid}}
"""
_NONE = "None."


def as_markdown(sections: list[Section]) -> str:
    """The card as Markdown; pictures are inside it, the best figure of a row is bold."""
    parts = []
    for place, section in enumerate(sections):
        parts.append(f"{'#' if place == 0 else '##'} {section.title}")
        if section.facts:
            parts.append("\n".join(f"- **{name}**: {said}" for name, said in section.facts))
        parts += section.text
        parts += [f"![{title}]({uri})" for title, uri in section.pictures.items()]
        if section.table is not None:
            parts.append(_markdown(section) if len(section.table) else _NONE)
        elif not (section.text or section.facts or section.pictures):
            parts.append(_NONE)
    return "\n\n".join(parts) + "\n"


def as_html(sections: list[Section]) -> str:
    """The card as one page that needs no other file."""
    title = escape(sections[0].title)
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style>"
    )
    body = "".join(part for place, section in enumerate(sections) for part in _section(place, section))
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>\n'


def _section(place: int, section: Section) -> Iterator[str]:
    level = 1 if place == 0 else 2
    yield f"<h{level}>{escape(section.title)}</h{level}>"
    if section.facts:
        yield "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in section.facts)
        yield "</dl>"
    for line in section.text:
        yield f"<p>{escape(line)}</p>"
    if section.pictures:
        drawn = "".join(
            f'<figure><img alt="{escape(title)}" src="{escape(uri)}"><figcaption>{escape(title)}</figcaption></figure>'
            for title, uri in section.pictures.items()
        )
        yield f'<div class="pictures">{drawn}</div>'
    if section.table is not None and len(section.table):
        yield from _table(section)
    elif section.table is not None or not (section.text or section.facts or section.pictures):
        yield f'<p class="none">{_NONE}</p>'


def _table(section: Section) -> Iterator[str]:
    table = section.table
    numeric = {column for column in table.columns if pd.api.types.is_numeric_dtype(table[column])}
    yield '<div class="wide"><table><thead><tr>'
    for column in table.columns:
        mark = ' class="number"' if column in numeric else ""
        yield f"<th{mark}>{escape(str(column))}</th>"
    yield "</tr></thead><tbody>"
    for _, row in table.iterrows():
        best = _best(section, row)
        yield "<tr>"
        for column in table.columns:
            marks = ["number"] if column in numeric else []
            marks += ["best"] if column in best else []
            marks += ["large"] if column == "verdict" and row[column] == "large" else []
            mark = f' class="{" ".join(marks)}"' if marks else ""
            yield f"<td{mark}>{escape(_said(row[column]))}</td>"
        yield "</tr>"
    yield "</tbody></table></div>"


def _markdown(section: Section) -> str:
    shown = pd.DataFrame(
        [
            {
                column: f"**{_said(row[column])}**" if column in _best(section, row) else _said(row[column])
                for column in section.table.columns
            }
            for _, row in section.table.iterrows()
        ],
        columns=section.table.columns,
    )
    return shown.to_markdown(index=False, disable_numparse=True)


def _best(section: Section, row: pd.Series) -> set[str]:
    """The compared columns of a row that hold its best figure; none where only one has a figure, or all the same."""
    found = {column: float(row[column]) for column in section.compared if not pd.isna(row[column])}
    better = row.get("better", "")
    if len(found) < 2 or not better or len(set(found.values())) == 1:
        return set()
    worth = {"higher": lambda value: value, "lower": lambda value: -value, "near 0": lambda value: -abs(value)}[better]
    most = max(map(worth, found.values()))
    return {column for column, value in found.items() if worth(value) == most}


def _said(value: object) -> str:
    """A cell: amounts to a tenth, shares to four places, nothing for what is not known."""
    if value is None or (not isinstance(value, (list, dict)) and pd.isna(value)):
        return ""
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 10 else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
