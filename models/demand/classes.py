"""Classes of series by how regular and how even their demand is (Syntetos, Boylan and Croston 2005)."""

from __future__ import annotations

import numpy as np

from .settings import DemandSettings

CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "short", "new", "zero", "ended")
MODELLED = CLASSES[:4]


def classify(amounts: np.ndarray, settings: DemandSettings) -> np.ndarray:
    """Class of each node from its periods so far; `amounts` is (periods, nodes), NaN where unknown.

    zero: never sold. new, short: too few observed periods. ended: no sale for many times its usual interval.
    """
    known = ~np.isnan(amounts)
    sold = np.nan_to_num(amounts) > 0
    told, sales = known.sum(axis=0), sold.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(sales > 0, np.nansum(amounts, axis=0) / sales, 0.0)
        deviation = np.where(sold, amounts - mean, 0.0)
        variation = np.where(mean > 0, (deviation**2).sum(axis=0) / np.maximum(sales, 1) / mean**2, 0.0)
    since = (np.cumsum(known[::-1], axis=0)[::-1] * sold).astype("float64")  # periods known since each sale
    since = np.where(sold, since, np.inf).min(axis=0, initial=np.inf) - 1.0
    # Intervals of its life until the last sale: counting the silence itself would excuse it.
    usual = (told - np.where(np.isfinite(since), since, 0.0)) / np.maximum(sales, 1)
    often, even = told / np.maximum(sales, 1) < settings.interval_cut, variation < settings.variation_cut
    found = np.select([often & even, often, even], ["smooth", "erratic", "intermittent"], "lumpy").astype(object)
    found[told < settings.short_periods] = "short"
    found[told < settings.new_periods] = "new"
    gone = (since >= settings.ended_least) & (since >= settings.ended_intervals * usual)
    found[gone] = "ended"
    found[sales == 0] = "zero"
    return found
