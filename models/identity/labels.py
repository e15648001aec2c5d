"""From people's answers to the threshold of links: as low as labelled precision allows.

Answers of a review queue are no random sample. The queue asks where the score is unsure and where much would move,
so their raw share of 'same' says nothing about all links. Three things put that right: pairs are taken by bands of
probability, and a band counts as much as it has pairs, not as it has answers; inside a band every pattern of levels
counts as much as it has pairs, because the queue asks rare patterns more often; and pairs that a contradiction keeps
apart are left out, because they are links at no threshold. Answers about patterns that were never asked are not
there: such patterns are taken to be like the others of their band. A band without any answer is taken at the model's
word, but never moved over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .settings import IdentitySettings

# Narrow near 1, where most links are and a small loss of precision weighs.
BANDS = np.array([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.92, 0.96, 0.98, 0.99, 0.995, 0.999])
_Z = 1.96  # 95 %


@dataclass(frozen=True)
class Threshold:
    """probability: from which two records are linked. precision of the links from there on, with its interval.

    labels: answers that counted. why: one line for people. Without enough answers precision and its ends are NaN.
    """

    probability: float
    is_moved: bool
    precision: float
    low: float
    high: float
    labels: int
    why: str


def wilson(share: float, count: float) -> tuple[float, float]:
    """95 % interval of a share seen among `count` (Wilson 1927); (0, 1) where nothing was seen."""
    if count <= 0:
        return 0.0, 1.0
    z2 = _Z * _Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def threshold_from_labels(pairs: Any, labels: Any, settings: IdentitySettings | None = None) -> Threshold:
    """The link threshold that people's answers bear out, else the one of the settings.

    `pairs` is the state's table (record_key_l, record_key_r, match_probability, is_conflict, levels), `labels` has
    decision, record_key_l and record_key_r, or is None. With fewer than `settings.least_labels` answers, or of one
    kind only, nothing moves. Down it moves to the lowest end of a band from which on the whole interval of the
    precision is at least `settings.least_precision`, over bands with answers only, and never into a band in which more
    pairs are wrong than right. Up it moves when the whole interval lies below that. Order of rows plays no part.
    """
    settings = settings or IdentitySettings()
    default = settings.link_probability
    if labels is None or len(labels) < settings.least_labels:  # before anything is looked at: most nights end here
        return _too_few(0 if labels is None else len(labels), settings)
    table, marked = _marked(_frame(pairs), _frame(labels))
    count = len(marked)
    kinds = marked.is_same.value_counts()
    if count < settings.least_labels or min(kinds.get(True, 0), kinds.get(False, 0)) < settings.least_labels_of_a_kind:
        return _too_few(count, settings)
    bands = _bands(table, marked, default)
    now = _precision(bands, default)
    if now[2] < settings.least_precision:
        found = _up(bands, default, settings.least_precision)
    else:
        found = _down(bands, default, settings.least_precision)
    share, low, high = _precision(bands, found)
    verb = "stays" if found == default else f"moves from {default:.2f} to"
    why = f"the threshold {verb} {found:.2f}: precision {share:.3f} ({low:.3f} to {high:.3f}) by {count} answers"
    return Threshold(found, found != default, share, low, high, count, why)


def _too_few(count: int, settings: IdentitySettings) -> Threshold:
    why = (
        f"{count} answers: the threshold stays {settings.link_probability:.2f} until there are {settings.least_labels}"
        f" about scored pairs, {settings.least_labels_of_a_kind} of each kind"
    )
    return Threshold(settings.link_probability, False, math.nan, math.nan, math.nan, count, why)


def _frame(table: Any) -> pd.DataFrame:
    return table.to_pandas() if isinstance(table, pa.Table) else table


def _marked(pairs: pd.DataFrame, labels: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(pairs that could be links, those of them with an answer, is_same)."""
    table = pairs[~pairs["is_conflict"].astype(bool)] if "is_conflict" in pairs else pairs
    table = table.assign(pattern=table.get("levels", ""))
    keys = ["record_key_l", "record_key_r"]
    low = np.minimum(labels[keys[0]].to_numpy(object), labels[keys[1]].to_numpy(object))
    high = np.maximum(labels[keys[0]].to_numpy(object), labels[keys[1]].to_numpy(object))
    told = pd.DataFrame({keys[0]: low, keys[1]: high, "is_same": (labels["decision"] == "same").to_numpy(bool)})
    told = told.astype({keys[0]: "str", keys[1]: "str"}).drop_duplicates(keys, keep="last")
    return table, table.astype({keys[0]: "str", keys[1]: "str"}).merge(told, on=keys)


def _bands(table: pd.DataFrame, marked: pd.DataFrame, default: float) -> pd.DataFrame:
    """Per band: start, pairs, answers, share of same (weighted), effective answers; the default is a start too."""
    starts = np.unique(np.r_[0.0, BANDS, default])
    table = table.assign(band=np.searchsorted(starts, table.match_probability, side="right") - 1)
    marked = marked.assign(band=np.searchsorted(starts, marked.match_probability, side="right") - 1)
    by_pattern = ["band", "pattern"]
    all_of = table.groupby(by_pattern).size().rename("there")
    told_of = marked.groupby(by_pattern).size().rename("told")
    marked = marked.join(all_of, on=by_pattern).join(told_of, on=by_pattern)
    weight = marked.there / marked.told
    marked = marked.assign(weight=weight, right=weight * marked.is_same, squared=weight**2)
    sums = marked.groupby("band").agg(answers=("weight", "size"), weight=("weight", "sum"), right=("right", "sum"),
                                      squared=("squared", "sum"))  # fmt: skip
    out = table.groupby("band").agg(pairs=("band", "size"), said=("match_probability", "mean")).join(sums)
    out = out.reindex(range(len(starts))).assign(start=starts)
    out = out.fillna({"pairs": 0, "answers": 0})
    out["effective"] = out.weight**2 / out.squared  # Kish 1965
    out["share"] = (out.right / out.weight).fillna(out.said)
    return out


def _precision(bands: pd.DataFrame, threshold: float) -> tuple[float, float, float]:
    """(share of right pairs among the links from `threshold` on, low end, high end)."""
    part = bands[(bands.start >= threshold - 1e-12) & (bands.pairs > 0)]
    if part.empty:
        return math.nan, 0.0, 1.0
    size = part.pairs / part.pairs.sum()
    share = float((size * part.share).sum())
    told = part.answers > 0
    # As many answers drawn at random from all these links would say as much (Kish's design effect).
    spread = float((size**2 / part.effective)[told].sum())
    return share, *wilson(share, 1 / spread if spread else 0.0)


def _down(bands: pd.DataFrame, default: float, least: float) -> float:
    found = default
    for row in bands[bands.start < default].iloc[::-1].itertuples():
        if row.pairs == 0:
            continue
        if row.answers == 0 or row.share < 0.5 or _precision(bands, row.start)[1] < least:
            break
        found = float(row.start)
    return found


def _up(bands: pd.DataFrame, default: float, least: float) -> float:
    higher = bands[bands.start > default].start
    reached = [float(start) for start in higher if _precision(bands, start)[0] >= least]
    return reached[0] if reached else default
