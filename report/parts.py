"""What a page is made of. Parts hold numbers and words; how they look is the templates' business."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST_ROWS = 500  # of a table: more than that nobody reads on a page, and a browser takes long
MOST_CARDS = 60


@dataclass(frozen=True)
class Figure:
    """One number with its name; `change` is against the period before: a share of it, or for shares and scores the
    difference in points (`change_unit` "points")."""

    label: str
    value: float | int | None
    unit: str = ""
    change: float | None = None
    better: str = ""
    note: str = ""
    change_unit: str = "share"

    @property
    def mood(self) -> str:
        """good, bad or even: which way the change went, where it is large enough to be written."""
        if (
            not self.better
            or self.change is None
            or abs(self.change) < (0.05 if self.change_unit == "points" else 0.005)
        ):
            return "even"
        return "good" if (self.change > 0) == (self.better == "higher") else "bad"


@dataclass(frozen=True)
class Column:
    """A column of a table or chart data: the key in its rows, its name and the unit of its values."""

    key: str
    label: str
    unit: str = ""


@dataclass(frozen=True)
class Figures:
    """A row of numbers."""

    items: list[Figure]
    kind: str = "figures"


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite chart, with the same data as a table for those who can't or would rather not see it.

    `summary` says in a sentence what the chart shows.
    """

    title: str
    summary: str
    spec: dict[str, Any]
    columns: list[Column]
    rows: list[dict[str, Any]]
    empty: str
    kind: str = "chart"

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Rows of the table below: the last ones, for a long series would bury the page."""
        return self.rows[-60:]


@dataclass(frozen=True)
class Table:
    """Rows that can be sorted, searched and narrowed by the columns in `filters`."""

    title: str
    columns: list[Column]
    rows: list[dict[str, Any]]
    empty: str
    filters: list[str] = field(default_factory=list)
    note: str = ""
    kind: str = "table"

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The rows on the page; they come in the order of what matters."""
        return self.rows[:MOST_ROWS]

    def choices(self, key: str) -> list[str]:
        """What the column `key` can be narrowed to."""
        return sorted({str(row[key]) for row in self.shown if row[key] is not None})


@dataclass(frozen=True)
class Finding:
    """What somebody should know, what to do next, and where to read more."""

    text: str
    step: str
    page: str = ""


@dataclass(frozen=True)
class Findings:
    """Findings of a page; `empty` is said when there are none."""

    title: str
    items: list[Finding]
    empty: str
    kind: str = "findings"


@dataclass(frozen=True)
class Cards:
    """Small texts side by side: a title, a few figures, lines of words."""

    title: str
    items: list[dict[str, Any]]
    empty: str
    kind: str = "cards"

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The cards on the page; they come in the order of what matters."""
        return self.items[:MOST_CARDS]


@dataclass(frozen=True)
class Page:
    """One page: its file name without ending, its name, a sentence on what it is for, its parts.

    `subject` is the id of whom a page is about, where it is about somebody; `is_private` where it shows who that is.
    """

    name: str
    title: str
    lead: str
    parts: list[Any]
    subject: str = ""
    is_private: bool = False
