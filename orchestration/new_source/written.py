"""Files written for a person to edit: written again only while nobody has.

The first line holds a checksum of the rest. Whoever edits the file need not care: a file that no longer fits its
checksum is theirs, and is left alone.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_MARK = re.compile(r"^(?:--|#) Written by make new-source \(([0-9a-f]{12})\)[^\n]*\n")


def write(path: Path, body: str, *, force: bool = False) -> str:
    """Write `body` unless a person has edited the file; what happened: written, unchanged or edited."""
    if path.exists() and not force and is_edited(path):
        return "edited"
    text = _marked(path, body)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return "unchanged"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return "written"


def is_edited(path: Path) -> bool:
    """Whether somebody changed a file since it was written here, or wrote it by hand."""
    text = path.read_text(encoding="utf-8")
    mark = _MARK.match(text)
    return mark is None or mark[1] != _checksum(text[mark.end() :])


def _marked(path: Path, body: str) -> str:
    comment = "--" if path.suffix == ".sql" else "#"
    return f"{comment} Written by make new-source ({_checksum(body)}): edit at will, it is then yours.\n{body}"


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:12]
