"""What two records have in common in words: levels of the comparisons, with shapes in place of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .evidence import shape as _shape
from .scoring import Model

_SHOWN = 40


def shape(value: object) -> str:
    """A value without what it says, as in `evidence`; '-' for a missing one."""
    if value is None or value != value:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(shape(one) for one in value)[:_SHOWN]
    return _shape(str(value))[:_SHOWN]


def levels_of(text: str) -> dict[str, int]:
    """{'name': 5, 'phone': -1} from 'name=5 phone=-1'."""
    parts = (part.partition("=") for part in text.split())
    return {name: int(level) for name, _, level in parts if level}


def in_words(model: Model, levels: str, left: Mapping[str, object], right: Mapping[str, object]) -> str:
    """Every comparison that says something: 'name: same name (xxxx xxx | xxxx xxx); phone: different (…)'.

    `levels` is that of the pairs' table; `left` and `right` are standardised records by column.
    """
    found = levels_of(levels)
    said = []
    for comparison in model.comparisons:
        level = found.get(comparison.name, -1)
        if level < 0:
            continue
        label = comparison.levels[len(comparison.levels) - 1 - level].label
        sides = " | ".join(_shapes(row, comparison.columns) for row in (left, right))
        said.append(f"{comparison.name}: {label} ({sides})")
    return "; ".join(said)


def _shapes(row: Mapping[str, object], columns: Sequence[str]) -> str:
    present = [shape(row[column]) for column in columns if row.get(column) is not None]
    return " ".join(dict.fromkeys(present))[:_SHOWN] or "-"
