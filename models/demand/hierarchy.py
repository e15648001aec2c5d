"""A tree of series: bottom series, the levels above them, and a total; sums over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .tables import frame

NO_MEMBER = "(none)"
TOTAL = "total"


@dataclass(frozen=True)
class Tree:
    """Nodes numbered from the bottom up: bottom series first, each level after the one below it, the total last.

    level: number of each node's level. names: node names. parent: each node's parent, -1 at the top.
    Without a hierarchy every series is a node of its own without parent.
    """

    levels: list[str]
    names: np.ndarray
    level: np.ndarray
    parent: np.ndarray

    @property
    def bottom(self) -> int:
        """Number of bottom series."""
        return int((self.level == 0).sum())

    @property
    def nested(self) -> bool:
        """Whether there is anything above the bottom."""
        return len(self.levels) > 1

    def nodes(self, level: int) -> slice:
        """The nodes of a level, which are neighbours."""
        first = int(np.searchsorted(self.level, level))
        return slice(first, int(np.searchsorted(self.level, level, side="right")))

    def add_up(self, bottom: np.ndarray) -> np.ndarray:
        """Amounts of every node from those of the bottom series; nodes are the last axis."""
        parts = [bottom]
        for level in range(1, len(self.levels)):
            parts.append(self.up(parts[-1], level - 1))
        return np.concatenate(parts, axis=-1)

    def up(self, amounts: np.ndarray, level: int) -> np.ndarray:
        """Sums over the children of the level above `level`; in the order of the names, whatever the input's order."""
        parents = self.parent[self.nodes(level)]
        above = self.nodes(level + 1)
        order = np.argsort(parents, kind="stable")
        starts = np.searchsorted(parents[order], np.arange(above.start, above.stop))
        return np.add.reduceat(amounts[..., order], starts, axis=-1)


def build(series: np.ndarray, hierarchy: Any, bottom_level: str) -> Tree:
    """The tree over `series` (sorted names); `hierarchy` holds series_id and a column per level above, nearest first.

    A series that it does not name, or an empty member, belongs to "(none)". A member that lies under several members
    of the next level is one node per path, named "member (above)", since a sum can only be in one place.
    Raises ValueError when a series is named twice or there is no series_id.
    """
    count = len(series)
    if hierarchy is None:
        return Tree([bottom_level], series, np.zeros(count, dtype="int64"), np.full(count, -1))
    table = frame(hierarchy)
    if "series_id" not in table:
        raise ValueError("demand: the hierarchy has no column series_id")
    table = table.assign(series_id=table["series_id"].astype(str))
    if table["series_id"].duplicated().any():
        twice = sorted(table.loc[table["series_id"].duplicated(), "series_id"])[0]
        raise ValueError(f"demand: the hierarchy names series {twice!r} more than once: give each one row")
    columns = [c for c in table.columns if c != "series_id"]
    table = table.set_index("series_id")[columns].astype(object)
    table = table.where(table.notna(), NO_MEMBER).astype(str)
    # Told from the whole hierarchy, so that a node's name does not depend on which series have sold yet.
    several = {
        column: set(pairs[column][pairs[column].duplicated()])
        for column, over in zip(columns, columns[1:], strict=False)
        for pairs in [table[[column, over]].drop_duplicates()]
    }
    table = table.reindex(series).fillna(NO_MEMBER)

    levels, names, level, parent = [bottom_level], [series], [np.zeros(count, dtype="int64")], []
    paths = np.full(count, "", dtype=object)  # of each bottom series, from the top
    above = []
    for column in reversed(columns):
        paths = np.array([f"{path}\x1f{member}" for path, member in zip(paths, table[column], strict=True)], object)
        above.append((column, paths))
    below = np.arange(count)  # of each bottom series, the place of its node in the level below
    offset = count
    for column, path in reversed(above):
        distinct, place = np.unique(path.astype(str), return_inverse=True)
        members = pd.Series([p.split("\x1f")[-1] for p in distinct])
        over = pd.Series([p.split("\x1f")[-2] for p in distinct])
        split = (members.isin(several.get(column, ())) | members.duplicated(keep=False)) & (over != "")
        levels.append(column)
        names.append(members.where(~split, members + " (" + over + ")").to_numpy(object))
        level.append(np.full(len(distinct), len(levels) - 1))
        parents = np.zeros(len(names[-2]), dtype="int64")
        parents[below] = place + offset
        parent.append(parents)
        below, offset = place, offset + len(distinct)
    levels.append(TOTAL)
    names.append(np.array([TOTAL], dtype=object))
    level.append(np.array([len(levels) - 1]))
    parent.extend([np.full(len(names[-2]), offset), np.array([-1])])
    return Tree(levels, np.concatenate(names).astype(object), np.concatenate(level), np.concatenate(parent))
