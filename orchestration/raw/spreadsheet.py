"""What Excel files and Google sheets have in common."""

from __future__ import annotations


def column_letters(place: int) -> str:
    """The letters of a column as a spreadsheet shows them: A for 0, Z for 25, AA for 26."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
