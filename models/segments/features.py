"""The numbers customers are grouped by: one row per customer at one as_of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .settings import SegmentSettings


@dataclass(frozen=True)
class Scaling:
    """Middle and width per column, learnt once; applying it to a row needs no other row."""

    columns: list[str]
    middle: np.ndarray
    width: np.ndarray
    weight: np.ndarray
    clip: float


def behaviour(features: pd.DataFrame, settings: SegmentSettings) -> pd.DataFrame:
    """Numeric behaviour columns, logs taken; a missing value is no behaviour, zero."""
    columns = [c for c in settings.columns if c in features.columns]
    if not columns:
        raise ValueError(f"no behaviour column found, expected some of: {', '.join(settings.columns)}")
    numbers = features[columns].apply(pd.to_numeric, errors="coerce").astype("float64")
    numbers = numbers.replace([np.inf, -np.inf], np.nan).fillna(0.0)
    logged = [c for c in columns if c in settings.logged]
    numbers[logged] = np.log1p(numbers[logged].clip(lower=0))
    return numbers


def learn_scaling(numbers: pd.DataFrame, settings: SegmentSettings) -> Scaling:
    """Median and interquartile range per column; a column without spread is left out.

    Where more than half the customers share one value (no coupon ever) the quartiles coincide, and
    the standard deviation takes their place.
    """
    quarter = numbers.quantile(0.75) - numbers.quantile(0.25)
    width = quarter.where(quarter > 1e-9, numbers.std(ddof=0))
    columns = [c for c in numbers.columns if width[c] > 1e-9]
    weight = np.array([settings.style_weight if c in settings.style_columns else 1.0 for c in columns])
    return Scaling(columns, numbers[columns].median().to_numpy(), width[columns].to_numpy(), weight, settings.clip)


def scale(numbers: pd.DataFrame, scaling: Scaling) -> np.ndarray:
    """Matrix of scaled and weighted behaviour (customers by columns), cut at the clip."""
    scaled = (numbers[scaling.columns].to_numpy() - scaling.middle) / scaling.width
    return np.clip(scaled, -scaling.clip, scaling.clip) * scaling.weight
