"""The sentences of a note: each repeats a figure, none says why."""

from __future__ import annotations

from typing import Any

from .settings import NotesSettings


def calendar_words(closed: tuple[list[str], list[str]], holidays: tuple[list[str], list[str]]) -> str:
    """What the calendar of the coming and of the last weeks holds; empty when neither holds anything."""
    parts = []
    for when, shut, named in (
        ("Coming weeks", closed[0], holidays[0]),
        ("Last weeks", closed[1], holidays[1]),
    ):
        held = [*dict.fromkeys(named), *(f"closed on {day}" for day in shut)]
        if held:
            parts.append(f"{when}: {', '.join(held)}.")
    return " ".join(parts)


def sentence(row: Any, calendar: str, settings: NotesSettings) -> tuple[str, str]:
    """What moved (names in a fixed order, separated by commas) and the note of one category."""
    moved = []
    parts = [f"Expected: {_units(row.forecast_units)} units a week over {settings.weeks} weeks"]
    if row.change_share == row.change_share:
        parts[0] += (
            f", {_by(row.change_share, settings.least_change)} the last {settings.weeks} ({_units(row.usual_units)})."
        )
    else:
        parts[0] += "; nothing was sold in the last weeks."
    if row.level_change == row.level_change and abs(row.level_change) >= settings.least_change:
        moved.append("level")
        parts.append(
            f"The last {settings.weeks} weeks were {_by(row.level_change, settings.least_change)}"
            f" the {settings.before_weeks} before."
        )
    if row.promoted_ahead != row.promoted_ahead:
        parts.append("No plan of promotions is known for the coming weeks.")
    elif row.promoted_recent == row.promoted_recent:
        difference = row.promoted_ahead - row.promoted_recent
        if abs(difference) >= settings.least_promoted:
            moved.append("promotion")
            parts.append(
                f"{'More' if difference > 0 else 'Less'} of it is planned on display or in the mailer:"
                f" {row.promoted_ahead:.0%} of its sales, {row.promoted_recent:.0%} in the last weeks."
            )
    if row.price_change == row.price_change and abs(row.price_change) >= settings.least_price:
        moved.append("price")
        parts.append(f"In the last weeks a unit brought {_by(row.price_change, settings.least_price)} usual.")
    if calendar:
        if (row.closed_days_ahead, row.holidays_ahead) != (row.closed_days_recent, row.holidays_recent):
            moved.append("calendar")
        parts.append(calendar)
    if row.previous_as_of is None:
        parts.append("There is no earlier forecast to compare with.")
    elif row.revision == row.revision:
        parts.append(f"Beside the forecast of {row.previous_as_of}: {_by(row.revision, settings.least_revision)} it.")
    return ", ".join(moved), " ".join(parts)


def _units(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _by(rate: float, least: float) -> str:
    if abs(rate) < least:
        return "about the same as"
    return f"{abs(rate):.0%} {'above' if rate > 0 else 'below'}"
