"""Refuse features that hold what a model is asked to foretell, whatever they are called.

Nothing here can prove that a column is honest: it stops what gives itself away by its name, by a date that had not
come yet, or by knowing the answer better than anything honest could.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from .judging import binary

KEYS = ("customer_id", "as_of")

# Names that can only come from after as_of, or from an answer somebody already worked out.
FUTURE_NAME = re.compile(
    r"(^|_)(next|future|ahead|outcome|label|target|lapsed|churn|churned|truth)(_|$)", re.IGNORECASE
)

# The best honest column sorts buyers from leavers with an AUC near 0.85; the answer itself with one answer in fifty
# wrong reaches 0.98.
LEAK_AUC = 0.97
# A column may be filled for some of those who leave only. Nothing honest is filled for a fifth of the rarer outcome
# and, with one mistake in fifty, for nobody else.
TOP_SHARE, TOP_PURITY = 0.2, 0.98
# With fewer rows of an outcome a perfect order happens by luck.
LEAST_ROWS = 50


class LeakedFutureError(ValueError):
    """A feature column holds what the model is asked to predict."""


def refuse_future_names(features: Iterable[str], outcomes: Iterable[str]) -> None:
    """Raise LeakedFutureError where a feature is named after the future or is a column of the outcomes."""
    taken = set(outcomes) - set(KEYS)
    leaking = sorted(c for c in features if c not in KEYS and (FUTURE_NAME.search(c) or c in taken))
    if leaking:
        raise LeakedFutureError(f"feature columns hold the future: {', '.join(leaking)}. Remedy: take them out")


def refuse_future_times(features: pd.DataFrame) -> None:
    """Raise LeakedFutureError where a column of dates or times holds one later than the end of its row's as_of."""
    ends = pd.to_datetime(features["as_of"]) + pd.Timedelta(days=1)
    for column in features.columns.difference(KEYS):
        values = features[column]
        if values.dtype == object:
            inferred = pd.api.types.infer_dtype(values, skipna=True)
            if inferred not in ("date", "datetime", "datetime64"):
                continue
            values = pd.to_datetime(values, errors="coerce")
        if not pd.api.types.is_datetime64_any_dtype(values):
            continue
        if getattr(values.dt, "tz", None) is not None:
            values = values.dt.tz_convert("UTC").dt.tz_localize(None)
        if (values >= ends).any():
            raise LeakedFutureError(
                f"feature column {column} holds times after as_of. Remedy: keep what was known by then"
            )


def refuse_disguised_outcome(table: pd.DataFrame, target: np.ndarray) -> None:
    """Raise LeakedFutureError where one column alone tells the outcome better than anything honest could.

    table: numbers of labelled rows, nan where missing; that something is missing may tell the outcome too.
    target: their outcome, 0 or 1.
    """
    target = np.asarray(target, dtype="float64")
    if min(target.sum(), len(target) - target.sum()) < LEAST_ROWS:
        return
    rarer = target if target.mean() <= 0.5 else 1 - target
    for column in table.columns:
        values = table[column].to_numpy("float64")
        missing = ~np.isfinite(values)
        known = values[~missing]
        filled = np.where(missing, np.median(known) if len(known) else 0.0, values)
        told = [(filled, False), (-filled, False)]
        if missing.any():
            present = (~missing).astype("float64")
            told += [(present, True), (-present, False)]
        for shown, is_presence in told:
            counted = binary.tally(rarer, shown)
            if binary.auc(counted) >= LEAK_AUC or (is_presence and _names_the_rarer(counted)):
                raise LeakedFutureError(
                    f"feature column {column} is the outcome in disguise (AUC {binary.auc(counted):.3f}). "
                    "Remedy: take it out, or keep what was known by as_of"
                )


def _names_the_rarer(counted: binary.Tally) -> bool:
    """Whether a column is filled for rows of the rarer outcome nearly alone."""
    top = max(TOP_SHARE * counted.positives.sum(), LEAST_ROWS)
    return counted.prevalence < 0.5 and float(counted.positives_above(top)) / top >= TOP_PURITY
