"""The threshold as people's answers bear it out: it moves only where they prove that the score is off.

The pairs that were asked about are no random sample: there are far more of the doubtful ones. So answers count by
stratum of the probability, each for as many pairs as its stratum has per answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
import pyarrow as pa

from .settings import IdentitySettings

# Below: clutter. Above: so sure that no answer could move a threshold there.
STRATA = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_PAIR = ["record_key_l", "record_key_r"]
_Z = 1.959964  # 95 %


@dataclass(frozen=True)
class Threshold:
    """value: what to link from. same, different: how many answers it rests on. reason: in words."""

    value: float
    default: float
    same: int
    different: int
    reason: str


def wilson(share: float, count: float) -> tuple[float, float]:
    """95 % interval of a share among `count` answers (Wilson 1927, without continuity correction)."""
    if count <= 0:
        return 0.0, 1.0
    middle = share + _Z**2 / (2 * count)
    half = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    scale = 1 + _Z**2 / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def threshold_from_labels(
    pairs: pa.Table, labels: pd.DataFrame | pa.Table | None, settings: IdentitySettings | None = None
) -> Threshold:
    """The probability to link from, by `labels` (decision, record_key_l, record_key_r) on `pairs`.

    Pairs at the threshold should be one person in `settings.link_probability` of cases: that is what a calibrated
    score means there. It is lowered over strata whose pairs are so by the low end of the 95 % interval, and raised
    over strata whose pairs are not by the high end. With fewer than `settings.least_labels` answers of either kind,
    or an interval that leaves it open, the default stays.
    """
    settings = settings or IdentitySettings()
    default = settings.link_probability
    scored = pairs.select([*_PAIR, "match_probability", "rule_rank", "is_conflict"]).to_pandas()
    # Pairs of a rule, and those that contradict each other, are no matter of a threshold.
    scored = scored[scored["rule_rank"].isna() & ~scored["is_conflict"]]
    answered = _answers(scored, labels)
    same = int(answered["same"].sum())
    different = len(answered) - same
    counted = f"{same} same, {different} different"
    if min(same, different) < settings.least_labels:
        reason = f"default: {settings.least_labels} answers of each kind are needed, there are {counted}"
        return Threshold(default, default, same, different, reason)
    edges = np.array(sorted({*STRATA, default}))
    weighed = _weighed(scored, answered, edges)
    raised, above = _moved(weighed, [edge for edge in edges if edge > default], default, default)
    if raised != default:
        reason = f"raised: of pairs from {default:.2f} to {raised:.2f} {above} are one person ({counted})"
        return Threshold(raised, default, same, different, reason)
    lowered, below = _moved(weighed, [edge for edge in edges[::-1] if edge < default], default, default)
    if lowered != default:
        reason = f"lowered: of pairs from {lowered:.2f} to {default:.2f} {below} are one person ({counted})"
        return Threshold(lowered, default, same, different, reason)
    return Threshold(default, default, same, different, f"default: the answers do not prove it wrong ({counted})")


def _answers(scored: pd.DataFrame, labels: pd.DataFrame | pa.Table | None) -> pd.DataFrame:
    """match_probability and same of every scored pair that was answered."""
    if labels is None or not len(labels):
        return pd.DataFrame({"match_probability": pd.Series(dtype=float), "same": pd.Series(dtype=bool)})
    labels = labels.to_pandas() if isinstance(labels, pa.Table) else labels
    keys = pd.DataFrame(np.sort(labels[_PAIR].to_numpy(dtype=object), axis=1), columns=_PAIR, dtype="str")
    keys["same"] = (labels["decision"] == "same").to_numpy()
    scored = scored.astype(dict.fromkeys(_PAIR, "str"))
    return keys.merge(scored, on=_PAIR)[["match_probability", "same"]]


def _weighed(scored: pd.DataFrame, answered: pd.DataFrame, edges: np.ndarray) -> pd.DataFrame:
    """The answers with their stratum, and for how many pairs each stands."""
    stratum = np.searchsorted(edges, answered["match_probability"], "right") - 1
    of_all = np.bincount(
        np.clip(np.searchsorted(edges, scored["match_probability"], "right") - 1, 0, None), minlength=len(edges)
    )
    answered = answered.assign(stratum=stratum)[stratum >= 0]
    per = answered.groupby("stratum")["same"].transform("size")
    return answered.assign(low=edges[answered["stratum"]], weight=of_all[answered["stratum"]] / per)


def _moved(weighed: pd.DataFrame, edges: list[float], default: float, wanted: float) -> tuple[float, str]:
    """How far the threshold may go over `edges` (nearest first), and the share on the way; the default if nowhere.

    Strata nobody has answered about end the way, for nothing is known beyond them, and so do strata that are proven
    to be where they belong.
    """
    best, said, before = default, "", default
    for edge in edges:
        is_up = edge > default
        step = weighed[weighed["low"] == (before if is_up else edge)]
        before = edge
        if step.empty:
            break
        low, high, _ = _share(step)
        if (low >= wanted) if is_up else (high < wanted):
            break  # this stratum itself is proven to be on the right side
        zone = weighed[weighed["low"].between(min(default, edge), max(default, edge), inclusive="left")]
        low, high, share = _share(zone)
        if (high < wanted) if is_up else (low >= wanted):
            best, said = float(edge), f"{share:.2f} ({low:.2f} to {high:.2f})"
    return best, said


def _share(answers: pd.DataFrame) -> tuple[float, float, float]:
    """Interval and value of the share of one person among the pairs that the answers stand for."""
    weights = answers["weight"].to_numpy(dtype=float)
    share = float((weights * answers["same"]).sum() / weights.sum())
    # Answers of different weight are worth fewer of equal weight (Kish 1965).
    return *wilson(share, weights.sum() ** 2 / (weights**2).sum()), share
