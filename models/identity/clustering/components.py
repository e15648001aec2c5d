"""Groups of integer record ids, vectorised: what is connected, what is together, how many are together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(count: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Label of each of `count` records: the smallest id of everything reachable over the links."""
    if not len(left):
        return np.arange(count)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    total, labels = connected_components(graph, directed=False)
    first = np.empty(total, dtype=np.int64)
    first[labels[::-1]] = np.arange(count)[::-1]  # written last, so it stays: the smallest id of each
    return first[labels]


def sizes(labels: np.ndarray) -> np.ndarray:
    """Per record how many records its group has; labels are ids below their number."""
    return np.bincount(labels, minlength=len(labels))[labels]


def pairs_within(labels: np.ndarray, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of ids (left below right) of one group; `among` (a mask of records) limits the groups."""
    ids = np.flatnonzero(sizes(labels) > 1 if among is None else among & (sizes(labels) > 1))
    ids = ids[np.lexsort((ids, labels[ids]))]
    if not len(ids):
        return ids, ids
    starts = np.flatnonzero(np.r_[True, labels[ids][1:] != labels[ids][:-1]])
    lengths = np.diff(np.r_[starts, len(ids)])
    end = np.repeat(starts + lengths, lengths)
    position = np.arange(len(ids))
    behind = end - position - 1  # members of the same group that come after this one
    left = np.repeat(position, behind)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(behind) - behind, behind)
    return ids[left], ids[left + 1 + offset]


def by_component(whole: np.ndarray, *ids: np.ndarray) -> Iterator[tuple[int, list[np.ndarray]]]:
    """Per component (of the first array) its label and the positions of its own in each array of ids."""
    labels = np.unique(whole[ids[0]])
    parts = []
    for one in ids:
        order = np.argsort(whole[one], kind="stable")
        ordered = whole[one][order]
        parts.append((order, np.searchsorted(ordered, labels), np.searchsorted(ordered, labels, "right")))
    for at, label in enumerate(labels.tolist()):
        yield label, [order[start[at] : end[at]] for order, start, end in parts]
