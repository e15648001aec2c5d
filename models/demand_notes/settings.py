"""From when on a movement is worth a word, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NotesSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # Four weeks: as long as a plan of promotions reaches, and long enough that one week is not the story.
    weeks: int = 4
    # What "before" means for the level: twice as many weeks, the quarter with the last ones.
    before_weeks: int = 8
    # Smaller changes of units are told as none: the weeks of a steady category differ by as much.
    least_change: float = 0.05
    # Share of a category's sales on display or in the mailer; five points are a promotion more or less.
    least_promoted: float = 0.05
    # What a unit brings against its usual twelve weeks; mixes of sizes move it by a per cent or two.
    least_price: float = 0.03
    # Against the forecast of another night, for the same weeks.
    least_revision: float = 0.02
    decimals: int = 4
