"""How well people were found, against the truth only a simulation knows."""

from __future__ import annotations

import pandas as pd


def _pairs(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def pairwise(current: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Pairwise precision and recall of customer_id against person_id, over records in both tables.

    `current` has record_key and customer_id, `truth` record_key and person_id. Of all pairs of records
    put together, precision is the share that are one person; of all pairs that are one person, recall
    is the share put together. Counted from group sizes, no pair is ever listed. Without any pair a
    share is 1.
    """
    both = current[["record_key", "customer_id"]].merge(
        truth[["record_key", "person_id"]], on="record_key", how="inner", validate="one_to_one"
    )
    found = _pairs(both.groupby("customer_id").size())
    true = _pairs(both.groupby("person_id").size())
    right = _pairs(both.groupby(["customer_id", "person_id"]).size())
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "true_people": int(both.person_id.nunique()),
        "found_customers": int(both.customer_id.nunique()),
        "true_pairs": true,
        "found_pairs": found,
        "right_pairs": right,
        "records": len(both),
    }
