"""Which row of tonight is which row of last night: what is kept by row number is carried over by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class Alignment:
    """Rows of two nights, each ordered by record_key, so that rows in both stand in the same order.

    then: per row of tonight its row of last night, -1 where the record is new. now: per row of last night its row
    of tonight, -1 where the record is gone.
    """

    then: np.ndarray
    now: np.ndarray

    @classmethod
    def of(cls, tonight: pa.Array, last: pa.Array) -> Alignment:
        """From the keys of both nights, each ordered and without doubles."""
        if tonight.equals(last):
            return cls(np.arange(len(tonight)), np.arange(len(last)))
        found = pc.index_in(tonight, value_set=last)
        then = pc.fill_null(found, -1).to_numpy().astype(np.int64)
        now = np.full(len(last), -1)
        now[then[then >= 0]] = np.flatnonzero(then >= 0)
        return cls(then, now)

    @property
    def is_new(self) -> np.ndarray:
        """Mask over tonight's rows."""
        return self.then < 0

    @property
    def is_gone(self) -> np.ndarray:
        """Mask over last night's rows."""
        return self.now < 0

    def carried(self, last: pa.Table, fresh: pa.Table, changed: np.ndarray) -> pa.Table:
        """Tonight's table: the rows of mask `changed` from `fresh`, in its order, all others as they were in `last`.

        Every new row is a changed one. A table without columns (there may be no block keys) has no rows either.
        """
        if not last.num_columns or not last.num_rows:
            return fresh
        at = self.then.copy()
        at[changed] = last.num_rows + np.arange(fresh.num_rows)
        rows, stays = pa.array(at), len(self.then) == len(self.now) and not self.is_new.any()
        before, mask = (pa.array(self.then[changed]) if stays else None), pa.array(changed)
        columns = []
        for name in last.column_names:
            old, new = last[name].combine_chunks(), fresh[name].combine_chunks().cast(last[name].type)
            if old.null_count == len(old) and new.null_count == len(new):
                columns.append(pa.nulls(len(at), old.type))
            elif stays and old.take(before).equals(new):
                columns.append(old)  # the same records, and nothing in this column has changed
            elif stays and not pa.types.is_nested(old.type):
                columns.append(pc.replace_with_mask(old, mask, new))
            elif pa.types.is_integer(old.type) and not old.null_count and not new.null_count:
                numbers = old.to_numpy()[self.then]  # what is taken for a new row (-1: the last) is replaced
                numbers[changed] = new.to_numpy()
                columns.append(pa.array(numbers, old.type))
            else:
                columns.append(pa.concat_arrays([old, new]).take(rows))
        return pa.table(columns, schema=last.schema)

    def picked(self, last: pa.Table, fresh: pa.Table, changed: np.ndarray, wanted: np.ndarray) -> pa.Table:
        """The rows of mask `wanted` (over tonight's) of what `carried` gives."""
        old, new = wanted & ~changed, np.flatnonzero(wanted[changed])
        parts = [last.take(pa.array(self.then[old])), fresh.take(pa.array(new)).cast(last.schema)]
        order = np.argsort(np.r_[np.flatnonzero(old), np.flatnonzero(changed)[new]])
        return pa.concat_tables(parts).combine_chunks().take(pa.array(order))

    def was(self, changed: np.ndarray) -> np.ndarray:
        """Mask over last night's rows: those of mask `changed` (over tonight's), and those that are gone."""
        out = self.is_gone
        rows = self.then[changed]
        out[rows[rows >= 0]] = True
        return out


def moved(ids: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Row numbers by the other night's count (`Alignment.now` or `.then`); what is -1 stays -1."""
    return np.where(ids >= 0, to[np.maximum(ids, 0)], -1) if len(to) else np.full(len(ids), -1)
