"""What a check of the watch says: one finding per entity, check and column, in words and in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One judgement of one night.

    Args:
        entity: the entity.
        check: rows, new_rows, null_rate, share, shape, quantiles or categories.
        column: the column; empty for a judgement of the whole entity.
        rows_of: "new" when the rows that came since the night before were judged, else "all".
        value: what was found.
        expected_low, expected_high: what the nights before let expect; None when nothing was judged.
        status: ok, warn, block or not_judged.
        message: one line in plain words; empty when all is well.
        metric: the metric of the profile that was judged, for a plot of the nights before.
    """

    entity: str
    check: str
    column: str
    rows_of: str
    value: float | None
    expected_low: float | None
    expected_high: float | None
    status: str
    message: str = ""
    metric: str = ""
