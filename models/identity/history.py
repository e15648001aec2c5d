"""Who was who when: intervals per record, [valid_from, valid_to), open at the end while it holds."""

from __future__ import annotations

import pandas as pd

from ..grades import as_day

HISTORY_COLUMNS = ["record_key", "customer_id", "valid_from", "valid_to"]


def empty_history() -> pd.DataFrame:
    """A history without rows, for the first night."""
    return pd.DataFrame({column: pd.Series(dtype=object) for column in HISTORY_COLUMNS})


def update_history(history: pd.DataFrame, current: pd.DataFrame, as_of: object) -> pd.DataFrame:
    """The history after the night of `as_of`, in which `current` (record_key, customer_id) was found.

    Intervals of one record never overlap: valid_to is the first day the row no longer holds. A night
    run again replaces what it wrote the first time. Raises ValueError when `as_of` lies before the
    newest night in the history: the past is not rewritten.
    """
    night = as_day(as_of)
    past = history[HISTORY_COLUMNS].copy()
    for column in ("valid_from", "valid_to"):
        days = pd.to_datetime(past[column]).dt.date.astype(object)
        past[column] = days.where(days.notna(), None)
    newest = max([*past.valid_from.dropna(), *past.valid_to.dropna()], default=night)
    if newest > night:
        raise ValueError(f"identity history already reaches {newest}: night {night} cannot be added behind it")

    past = past[past.valid_from < night]  # what this night wrote in an earlier attempt
    reopened = past.valid_to.notna() & (past.valid_to >= night)
    past["valid_to"] = past.valid_to.where(~reopened, None)

    tonight = current[["record_key", "customer_id"]]
    open_rows = past[past.valid_to.isna()].merge(
        tonight, on=["record_key", "customer_id"], how="left", indicator="still"
    )
    open_rows["valid_to"] = [None if still == "both" else night for still in open_rows.still]
    begun = tonight.merge(
        open_rows.loc[open_rows.still == "both", ["record_key"]],
        on="record_key",
        how="left",
        indicator="known",
    )
    begun = begun[begun.known == "left_only"].assign(valid_from=night, valid_to=None)
    parts = [past[past.valid_to.notna()], open_rows, begun]
    table = pd.concat([part[HISTORY_COLUMNS].astype(object) for part in parts], ignore_index=True)
    return table.sort_values(["record_key", "valid_from"], kind="stable", ignore_index=True)
