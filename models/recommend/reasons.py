"""Why a product is recommended, in words with figures."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .candidates import Candidates
from .habits import Habits
from .lists import Lists

# Sentences on new products without a share of orders to tell; shares are -1 to -100.
_AKIN, _POPULAR = -101, -102


def explain(lists: Lists, found: Candidates, habits: Habits) -> dict[str, pa.Array]:
    """Columns reason, times_bought, usual_gap_days and days_since_last for each recommended product.

    Each follows from the row alone. usual_gap_days is empty before the second purchase, days_since_last for what was
    never bought.
    """
    row = found.row[lists.at]
    own = row >= 0
    times = np.zeros(len(row), np.int64)
    last = np.zeros(len(row), np.int64)
    gap = np.full(len(row), np.nan)
    times[own], last[own], gap[own] = habits.times[row[own]], habits.last_days[row[own]], habits.gap()[row[own]]
    usual = np.where(np.isnan(gap), -1, np.rint(gap)).astype(np.int64)
    like = np.rint(100 * found.like[lists.at]).astype(np.int64)
    # Few different sentences for many rows: each is written once.
    new = np.where(like > 0, -like, np.where(found.akin[lists.at] > 0, _AKIN, _POPULAR))
    key = np.where(own, (times << 24) + ((usual + 1) << 12) + last, new)
    different, which = np.unique(key, return_inverse=True)
    # Every day and less than a day are one sentence, and a dictionary holds each word once.
    sentences, word = np.unique([_sentence(int(one)) for one in different], return_inverse=True)
    which = word[which] if len(which) else which
    words = pa.array(sentences.tolist(), pa.string())
    return {
        "reason": pa.DictionaryArray.from_arrays(pa.array(which.astype(np.int32)), words),
        "times_bought": pa.array(times, pa.int64()),
        "usual_gap_days": pa.array(np.where(usual >= 0, usual, 0), pa.int64(), mask=usual < 0),
        "days_since_last": pa.array(last, pa.int64(), mask=~own),
    }


def _sentence(key: int) -> str:
    if key == _POPULAR:
        return "new to this customer; bought by many others these weeks"
    if key == _AKIN:
        return "new to this customer; bought by the customers who buy what they buy"
    if key < 0:
        return f"new to this customer; customers with baskets like theirs have it in {-key} % of their orders"
    times, usual, last = key >> 24, ((key >> 12) & 4095) - 1, key & 4095
    if times == 1:
        return f"bought once, {_days(last)} ago"
    often = "twice" if times == 2 else f"{times} times"
    rhythm = f"usually every {_days(usual)}" if usual > 1 else "usually every day"
    return f"bought {often}, {rhythm}, last {_days(last)} ago" if last else f"bought {often}, {rhythm}, last today"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
