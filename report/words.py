"""The languages of the report. Words are written in English in the code; `words_zh.yml` has them in Chinese."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = {"en": "English", "zh": "中文"}


@cache
def _dictionary(language: str) -> dict[str, str]:
    path = Path(__file__).with_name(f"words_{language}.yml")
    return yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}


@dataclass
class Say:
    """Says things in one language: `say("{count} customers", count=3)`.

    Attributes:
        language: key of `LANGUAGES`.
        missing: English words asked for that the language has not; a test keeps it empty.
    """

    language: str
    missing: set[str] = field(default_factory=set)

    def __call__(self, words: str, **values: Any) -> str:
        if self.language != "en":
            if words not in _dictionary(self.language):
                self.missing.add(words)
            words = _dictionary(self.language).get(words, words)
        return words.format(**values) if values else words

    def value(self, value: Any, unit: str = "") -> str:
        """A value as people write it: money, shares, counts, dates; a dash for nothing."""
        if value is None or value != value:
            return "–"
        if isinstance(value, bool):
            return self("yes") if value else self("no")
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return value
        return self._number(float(value), unit)

    def _number(self, number: float, unit: str) -> str:
        if unit == "USD":
            sign, size = ("−" if number < 0 else ""), abs(number)
            return f"{sign}${size:,.0f}" if size >= 1000 else f"{sign}${size:,.2f}"
        if unit == "share":
            return f"{number * 100:.{2 if 0 < abs(number) < 0.001 else 1}f}%"
        if unit == "ratio":
            return f"{number:.3f}"
        if unit == "points":
            return self("{points} points", points=f"{number:,.1f}")
        if unit == "days":
            return self("{days} days", days=f"{number:,.0f}")
        return f"{number:,.0f}" if number == int(number) or abs(number) >= 100 else f"{number:,.1f}"
