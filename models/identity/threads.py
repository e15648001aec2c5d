"""Independent pieces of work side by side: Arrow, NumPy and DuckDB let other threads run while they work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = 2

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """`work` of each item, in the order of the items; the first error that one raises is raised."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, items))
