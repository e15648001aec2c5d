"""Who was who when: intervals per record, [valid_from, valid_to), open at the end while it holds."""

from __future__ import annotations

import pandas as pd

from ..grades import as_day

HISTORY_COLUMNS = ["record_key", "customer_id", "valid_from", "valid_to"]


def empty_history() -> pd.DataFrame:
    """A history without rows, for the first night."""
    return pd.DataFrame({column: pd.Series(dtype=object) for column in HISTORY_COLUMNS})


def days_up_to(history: pd.DataFrame, as_of: object) -> pd.DataFrame:
    """The history with dates or None as its days. Raises ValueError if it goes on after `as_of`."""
    night = as_day(as_of)
    rows = history[HISTORY_COLUMNS].copy()
    for column in ("valid_from", "valid_to"):
        days = pd.to_datetime(rows[column]).dt.date.astype(object)
        rows[column] = days.where(days.notna(), None)
    newest = max([*rows.valid_from.dropna(), *rows.valid_to.dropna()], default=night)
    if newest > night:
        raise ValueError(
            f"identity history already reaches {newest}; a run for an earlier day ({night}) can't be added behind it: "
            f"run for {newest} or later, or bring back the history of that day first"
        )
    return rows


def update_history(history: pd.DataFrame, current: pd.DataFrame, as_of: object) -> pd.DataFrame:
    """The history after the night of `as_of`, in which `current` (record_key, customer_id) was found.

    Intervals of one record never overlap: valid_to is the first day the row no longer holds. A night
    run again replaces what it wrote the first time, but what was published is not forgotten: a row of
    this night that no longer holds stays as an empty interval, valid_from = valid_to = `as_of`, so that
    its id stays used. Raises ValueError when `as_of` lies before the newest night in the history: the
    past is not rewritten.
    """
    night = as_day(as_of)
    past = days_up_to(history, night)
    reopened = past.valid_to.notna() & (past.valid_to >= night)  # what this night closed in an earlier attempt
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
    # An empty interval comes before the one that holds from the same day.
    table["holds"] = table.valid_to.isna() | (table.valid_to != table.valid_from)
    order = ["record_key", "valid_from", "holds", "customer_id"]
    return table.sort_values(order, kind="stable", ignore_index=True)[HISTORY_COLUMNS]
