"""Columns that look ahead, whatever they are called and however little they say: a second question beside `leaks`.

`leaks` refuses what tells the outcome better than anything honest could. A count of the next two weeks tells a window
of four weeks no better than honest columns do; but it gives itself away by time. What honestly looks back (recency,
orders of the last weeks) knows a window best once it is over, and what never changes knows it equally well then: only
what looks ahead knows it better before. A column that mixes days behind and ahead in equal parts can pass both.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .leaks import KEYS, LeakedFutureError

# The largest difference of an honest column was 0.012 on the demo's purchases and below 0 on a generated shop, among
# columns that say anything; orders of the next 84 days differ by 0.09, of the next 14 days by more.
MOST_FOREKNOWLEDGE = 0.08
# Below it a column says too little for a difference to mean anything. It also spares honest signs that pass: a
# complaint before leaving tells something then and nothing a month later, but no such sign tells so much alone.
LEAST_AREA = 0.75
# Under 30 of a class an area has a standard error of 0.05 and more.
LEAST_CLASS_ROWS = 30
# The newest rows that are enough: more only cost time.
MOST_ROWS = 20_000


def refuse_foreknowledge(features: pd.DataFrame, outcomes: pd.DataFrame, target: str, horizon_days: int) -> None:
    """Raise LeakedFutureError where a numeric column knew the window better before it than after it.

    features: customer_id, as_of and numeric columns, several dates. outcomes: customer_id, as_of and `target`, which
    is true, false or missing and speaks of the `horizon_days` after as_of. Says nothing where no date has both its
    outcomes and features of a day on which its window was over.
    """
    known = outcomes.loc[outcomes[target].notna(), [*KEYS, target]]
    known = known.assign(as_of=_day(known["as_of"]))
    features = features.assign(as_of=_day(features["as_of"]))
    before = known.merge(features, on=list(KEYS), how="inner")
    dates = np.sort(features["as_of"].unique())
    place = np.searchsorted(dates, (before["as_of"] + pd.Timedelta(days=horizon_days)).to_numpy(dates.dtype))
    before = before[place < len(dates)].assign(over_on=dates[place[place < len(dates)]])
    newest = before.sort_values(list(KEYS[::-1]), kind="stable", ascending=False).head(MOST_ROWS)
    after = newest[["customer_id", "over_on"]].merge(
        features, left_on=["customer_id", "over_on"], right_on=list(KEYS), how="left"
    )
    happened = newest[target].astype(bool).to_numpy()
    if min(happened.sum(), (~happened).sum()) < LEAST_CLASS_ROWS:
        return
    for column in features.columns.difference(list(KEYS), sort=False):
        if not pd.api.types.is_numeric_dtype(features[column]):
            continue
        then, later = (
            _area(_places(table[column], table[dated]), happened)
            for table, dated in ((newest, "as_of"), (after, "over_on"))
        )
        if then >= LEAST_AREA and then - later > MOST_FOREKNOWLEDGE:
            raise LeakedFutureError(
                f"feature column {column} knows the days after as_of better before them (AUC {then:.3f}) than after "
                f"them ({later:.3f}). Remedy: leave it out, or work it out from events up to as_of"
            )


def _day(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values).astype("datetime64[us]").dt.normalize()


def _places(values: pd.Series, dates: pd.Series) -> np.ndarray:
    """Where each value stands among those of its date, 0 to 1: some columns grow with time, which tells nothing."""
    finite = pd.Series(values.to_numpy("float64", na_value=np.nan)).replace([np.inf, -np.inf], np.nan)
    return finite.groupby(dates.to_numpy()).rank(pct=True).to_numpy()


def _area(values: np.ndarray, happened: np.ndarray) -> float:
    """Area under the ROC curve in the better direction, ties in proportion; missing values are a value of their own."""
    finite = np.isfinite(values)
    best = 0.5
    for missing in (-np.inf, np.inf):
        _, place, rows = np.unique(np.where(finite, values, missing), return_inverse=True, return_counts=True)
        rank = (np.cumsum(rows) - (rows - 1) / 2)[place]  # mean rank of equal values
        yes = happened.sum()
        area = (rank[happened].sum() - yes * (yes + 1) / 2) / (yes * (len(values) - yes))
        best = max(best, area, 1 - area)
        if finite.all():
            break
    return float(best)
