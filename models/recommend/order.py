"""Sorting within owners: the one place where ties are settled, the same way for any batch."""

from __future__ import annotations

import numpy as np

_BITS = 16


def ranked(owner: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows by owner, best score first, and each row's place within its owner, 0 the best.

    Args:
        owner: ascending numbers from 0.
        score: not negative; equal to the seven digits of a 32-bit float is equal, and the earlier row comes first.
            What is below is noise of the arithmetic.

    Owner, score and place share one integer where they fit: sorting that takes a tenth of the time of three keys.
    """
    if not len(owner):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    starts = np.searchsorted(owner, np.arange(int(owner[-1]) + 2))
    place = np.arange(len(owner)) - starts[owner]
    least_first = np.uint32(0xFFFFFFFF) - score.astype(np.float32).view(np.uint32)
    if owner[-1] < 1 << _BITS and place.max() < 1 << _BITS:
        key = owner.astype(np.uint64) << np.uint64(32 + _BITS)
        key |= least_first.astype(np.uint64) << np.uint64(_BITS)
        key |= place.astype(np.uint64)
        key.sort()
        within = (key & np.uint64((1 << _BITS) - 1)).astype(np.int64)
        return starts[owner] + within, place
    return np.lexsort((place, least_first, owner)), place


def best(owner: np.ndarray, score: np.ndarray, count: int) -> np.ndarray:
    """The rows of the `count` best of each owner, as `ranked`."""
    rows, place = ranked(owner, score)
    return rows[place < count]
