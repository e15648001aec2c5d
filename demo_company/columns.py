"""Columns of numpy arrays and the Arrow tables made of them: the one shape the demo's data travel in."""

from collections.abc import Callable
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Columns = dict[str, np.ndarray]


def generator(seed: int, topic: str) -> np.random.Generator:
    """A generator of its own per topic: adding a draw to one topic leaves all the others as they were."""
    return np.random.default_rng([seed, crc32(topic.encode())])


def table(**columns: object) -> pa.Table:
    """An Arrow table; None, NaN and NaT become null."""
    return pa.table({name: _arrow(values) for name, values in columns.items()})


def _arrow(values: object) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        unit = "date32" if values.dtype == np.dtype("M8[D]") else None
        return pa.array(values.astype("M8[us]"), from_pandas=True).cast(pa.date32() if unit else pa.timestamp("us"))
    return pa.array(values, from_pandas=True)


def columns(source: pa.Table) -> Columns:
    """The table as numpy arrays: texts as objects with None, timestamps as datetime64."""
    return {name: source[name].to_numpy(zero_copy_only=False) for name in source.column_names}


def numbered(prefix: str, numbers: np.ndarray | int, width: int) -> np.ndarray:
    """Keys such as C00017: the numbers (or 1..n) padded with zeros."""
    values = np.arange(1, numbers + 1) if isinstance(numbers, int | np.integer) else numbers
    padded = pc.utf8_lpad(pc.cast(pa.array(values), pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, padded, "").to_numpy(zero_copy_only=False)


def pick(draws: np.random.Generator, choices: object, size: int, weights: object = None) -> np.ndarray:
    """`size` draws from `choices` as objects (with optional weights, which need not sum to one)."""
    options = np.asarray(choices, dtype=object)
    share = None if weights is None else np.asarray(weights, dtype=float) / np.sum(weights)
    return options[draws.choice(len(options), size=size, p=share)]


def change(values: np.ndarray, where: np.ndarray, how: Callable[..., object], *arguments: np.ndarray) -> np.ndarray:
    """`values` with `how(value, *arguments)` in the rows `where` says so and a value exists."""
    rows = np.flatnonzero(where & present(values))
    changed = values.copy()
    changed[rows] = np.fromiter(
        map(how, values[rows], *(argument[rows] for argument in arguments)), dtype=object, count=len(rows)
    )
    return changed


def present(values: np.ndarray) -> np.ndarray:
    """True where an object array holds something."""
    return np.not_equal(values, None)


def at_random_second(draws: np.random.Generator, start: object, end: object, size: int) -> np.ndarray:
    """Timestamps (datetime64[s]) spread evenly over [start, end); both may be arrays."""
    first = np.asarray(start, dtype="M8[s]").astype("int64")
    last = np.asarray(end, dtype="M8[s]").astype("int64")
    return (first + (draws.random(size) * np.maximum(last - first, 1)).astype("int64")).astype("M8[s]")
