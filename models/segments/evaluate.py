"""Do the segments say anything about tomorrow? Judged on the four weeks after they were drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd


def explained_share(groups: np.ndarray, values: np.ndarray) -> float:
    """Share of the variance of `values` that lies between groups (eta squared); 0 to 1, higher is better."""
    total = ((values - values.mean()) ** 2).sum()
    if total <= 0:
        return 0.0
    table = pd.DataFrame({"group": groups, "value": values}).groupby("group").value.agg(["mean", "size"])
    return float((table["size"] * (table["mean"] - values.mean()) ** 2).sum() / total)


def recency_split(recency_days: pd.Series, k: int) -> np.ndarray:
    """The naive rival: the same number of groups, equally large, by days since the last order."""
    ranks = recency_days.fillna(recency_days.max()).rank(method="average", pct=True).to_numpy()
    return np.minimum((ranks * k).astype("int64"), k - 1)
