"""Which files were loaded, as what, and with which content: each once, a changed one again, a renamed one not.

The notes live in dlt's state, so they land with the rows or not at all. Reading and judging files is done elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from orchestration.raw.files.listing import Found

# Some systems note times of change by the second: what changed just now may change again within it.
_SETTLED_NS = 2_000_000_000


class Deliveries:
    """The notes of one table.

    Args:
        notes: by file name: size, modified_ns, is_settled (whether these two would tell a later change), sha256, and
            rows and delivered_as (the name its rows carry in `_source_file`), or copy_of (the file that brought the
            same content) where it brought no rows.
        present: names of the files that lie there now.
    """

    def __init__(self, notes: dict[str, dict[str, Any]], present: Iterable[str]) -> None:
        self._notes, self._present = notes, set(present)
        self._taken = {note["delivered_as"] for note in notes.values() if "delivered_as" in note}
        self._with_content: dict[str, list[str]] = {}
        for name, note in notes.items():
            self._with_content.setdefault(note["sha256"], []).append(name)

    def in_order(self, files: Iterable[Found]) -> list[Found]:
        """The files by name, copies last: whether one is still a copy depends on its original."""
        return sorted(files, key=lambda file: ("copy_of" in self._notes.get(file.name, {}), file.name))

    def is_known(self, file: Found) -> bool:
        """Whether the file is as it was when it was loaded, as far as can be told without reading it."""
        known = self._notes.get(file.name)
        if (
            known is None
            or not known["is_settled"]
            or (known["size"], known["modified_ns"]) != (file.size, file.modified_ns)
        ):
            return False
        return "copy_of" not in known or self._is_still_copy(known)

    def is_loaded(self, file: Found, sha256: str) -> bool:
        """Whether this very content is loaded; notes that the file holds it."""
        known = self._notes.get(file.name)
        if known and known["sha256"] == sha256 and ("copy_of" not in known or self._is_still_copy(known)):
            known |= _seen(file)
            return True
        if known and "copy_of" not in known:
            return False  # it brought other rows before: the new ones replace them, whoever else has them
        for name in self._with_content.get(sha256, []):
            other = self._notes.get(name, {})
            if name != file.name and other.get("sha256") == sha256 and "copy_of" not in other:
                self._keep(file, {"sha256": sha256, "copy_of": name})
                return True
        return False

    def rows_before(self, file: Found) -> int:
        """How many rows the file brought when it was last loaded."""
        return self._notes.get(file.name, {}).get("rows", 0)

    def name_for(self, file: Found) -> str:
        """The name that the rows of a file carry: its own, or the one under which it came before it was renamed."""
        known = self._notes.get(file.name, {})
        if "delivered_as" in known:
            return known["delivered_as"]
        original = known.get("copy_of")
        if original in self._notes and original not in self._present:
            return self._notes[original]["delivered_as"]
        return next(name for name in _numbered(file.name) if name not in self._taken)

    def note(self, file: Found, sha256: str, rows: int) -> None:
        """The file is loaded."""
        name = self.name_for(file)
        original = self._notes.get(file.name, {}).get("copy_of")
        if original and self._notes.get(original, {}).get("delivered_as") == name:
            del self._notes[original]  # it was renamed, and its rows are replaced by those of the new name
        self._taken.add(name)
        self._keep(file, {"sha256": sha256, "rows": rows, "delivered_as": name})

    def _keep(self, file: Found, note: dict[str, Any]) -> None:
        self._notes[file.name] = _seen(file) | note
        self._with_content.setdefault(note["sha256"], []).append(file.name)

    def _is_still_copy(self, known: dict[str, Any]) -> bool:
        return self._notes.get(known["copy_of"], {}).get("sha256") == known["sha256"]


def _seen(file: Found) -> dict[str, Any]:
    is_settled = time.time_ns() - file.modified_ns > _SETTLED_NS
    return {"size": file.size, "modified_ns": file.modified_ns, "is_settled": is_settled}


def _numbered(name: str) -> Iterable[str]:
    yield name
    number = 2
    while True:
        yield f"{name} ({number})"
        number += 1
