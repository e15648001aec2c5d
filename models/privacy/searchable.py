"""A text as it is searched: every way to write a digit, a blank or a dash made one, with the way back.

Belongs here: what counts as the same character. Does not belong here: what an identifier looks like.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from models.privacy.tokens import plain_digit

# Blanks as JSON and HTML write them, and JSON's \uXXXX, however often it was wrapped in JSON again.
_WRITTEN = re.compile(r"\\+u([0-9a-fA-F]{4})|\\+[nrtbf]|&nbsp;|&#160;|<br ?/?>", re.IGNORECASE)
_MINUS = "\u2212"


@dataclass(frozen=True)
class Searchable:
    """`text` to search, and for each of its characters where it stands in the original."""

    text: str
    starts: list[int] | None
    ends: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of text[start:end]."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def searchable(original: str) -> Searchable:
    """`original` with plain digits, blanks and dashes; each character is one character there or one written code."""
    if original.isascii() and "\\" not in original and "&" not in original and "<" not in original:
        return Searchable(original.translate(_ASCII_BLANKS), None, None)
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = 0
    for written in [*_WRITTEN.finditer(original), None]:
        until = written.start() if written else len(original)
        characters += [plain(character) for character in original[place:until]]
        starts += range(place, until)
        ends += range(place + 1, until + 1)
        if written:
            characters.append(plain(chr(int(written[1], 16))) if written[1] else " ")
            starts.append(written.start())
            ends.append(written.end())
            place = written.end()
    return Searchable("".join(characters), starts, ends)


def plain(character: str) -> str:
    """The one character that stands for it in a search."""
    if character.isascii():
        return character.translate(_ASCII_BLANKS)
    category = unicodedata.category(character)
    if category == "Pd" or character == _MINUS:
        return "-"
    if category[0] == "Z" or category in ("Cf", "Cc"):
        return " "
    compatible = unicodedata.normalize("NFKC", character)
    return plain_digit(compatible) if len(compatible) == 1 else character


_ASCII_BLANKS = {code: " " for code in [*range(32), 127]}
