"""Last night's clusters by tonight's records, and where tonight's may be others."""

from __future__ import annotations

import numpy as np

from ..alignment import moved
from ..changes import Changes
from .decisions import Decisions
from .groups import DIFFERENT, REFUSED, SAME, STRAYS
from .rare_names import Strays


class Before:
    """Last night's clusters by tonight's ids; without them every record is a changed one."""

    def __init__(self, since: Changes | None, count: int):
        self.since, self.groups = since, since.groups if since else None
        self.count = count
        self.cluster, self.alone = np.arange(count), np.arange(count)
        if self.groups is not None:
            self.cluster, self.alone = (
                moved(moved(since.rows.then, one), since.rows.now) for one in (self.groups.cluster, self.groups.alone)
            )
        self.has_strays = self.groups is not None and len(self.groups.pairs(STRAYS)[0]) > 0

    def changed(self, decisions: Decisions) -> np.ndarray:
        """Mask of records that may make their component another one than last night's."""
        if self.groups is None:
            return np.ones(self.count, bool)
        out = self.since.met.copy()
        for kind, decided in ((SAME, decisions.same), (DIFFERENT, decisions.different)):
            now = np.array(decided, dtype=np.int64).reshape(-1, 2)
            out |= self._differences(kind, now[:, 0], now[:, 1])
        return out

    def changed_strays(self, strays: Strays) -> np.ndarray:
        """Mask of records that are brought home, or are one's home, in one of the two nights only."""
        if self.groups is None:
            return np.zeros(self.count, bool)
        return self._differences(STRAYS, strays.left, strays.right)

    def _differences(self, kind: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        then = (moved(side, self.since.rows.now) for side in self.groups.pairs(kind))
        now = zip(left.tolist(), right.tolist(), strict=True)
        differ = set(zip(*(side.tolist() for side in then), strict=True)) ^ set(now)
        ids = np.array([one for pair in differ for one in pair], dtype=np.int64)
        out = np.zeros(self.count, bool)
        out[ids[ids >= 0]] = True
        return out

    def refused(
        self, looked: np.ndarray, found: tuple[np.ndarray, np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What was `found` among the records of mask `looked`, and for all others what was refused last night."""
        left, right, reasons = found
        if self.groups is not None:
            old = [moved(side, self.since.rows.now) for side in self.groups.pairs(REFUSED)]
            kept = (old[0] >= 0) & (old[1] >= 0)
            kept[kept] &= ~looked[old[0][kept]] & ~looked[old[1][kept]]
            left, right = np.r_[left, old[0][kept]], np.r_[right, old[1][kept]]
            reasons = np.r_[reasons, self.groups.reasons[kept]]
        order = np.lexsort((right, left))
        return left[order], right[order], reasons[order]
