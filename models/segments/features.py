"""The numbers customers are grouped by: one row per customer at one as_of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .settings import SegmentSettings


@dataclass(frozen=True)
class Scaling:
    """The distribution of each column as it was learnt; applying it to a row needs no other row.

    values, ranks: per column, points of the distribution and the share of customers below them. A customer is
    where they stand among all (0 to 1), so that one outlier moves nobody and every column counts alike.
    weight: how much each column counts.
    """

    columns: list[str]
    values: list[np.ndarray]
    ranks: list[np.ndarray]
    weight: np.ndarray


def behaviour(features: pd.DataFrame, settings: SegmentSettings) -> pd.DataFrame:
    """Numeric behaviour columns; a missing value is no behaviour, zero.

    Raises:
        ValueError: none of the columns is there.
    """
    columns = [c for c in settings.columns if c in features.columns]
    if not columns:
        raise ValueError(f"no behaviour column found, expected some of: {', '.join(settings.columns)}")
    numbers = features[columns].apply(pd.to_numeric, errors="coerce").astype("float64")
    return numbers.replace([np.inf, -np.inf], np.nan).fillna(0.0)


def learn_scaling(numbers: pd.DataFrame, settings: SegmentSettings) -> Scaling:
    """Where each value stands among all; a column with one value only is left out.

    Customers who share a value (no coupon ever) all stand in the middle of the places they take together.
    """
    columns = [c for c in numbers.columns if numbers[c].nunique() > 1]
    values, ranks = [], []
    for column in columns:
        places = np.linspace(0.0, 1.0, settings.quantiles + 1)
        # the nearest value, not one between two: an interpolated one would depend on the last bit
        points = np.quantile(numbers[column].to_numpy(), places, method="nearest")
        known, place_of = np.unique(points, return_inverse=True)
        values.append(known)
        ranks.append(np.bincount(place_of, weights=places) / np.bincount(place_of))
    weight = np.array([settings.style_weight if c in settings.style_columns else 1.0 for c in columns])
    return Scaling(columns, values, ranks, weight)


def scale(numbers: pd.DataFrame, scaling: Scaling) -> np.ndarray:
    """Matrix of weighted places (customers by columns), each from 0 to the column's weight."""
    places = [
        np.interp(numbers[column].to_numpy(), known, rank)
        for column, known, rank in zip(scaling.columns, scaling.values, scaling.ranks, strict=True)
    ]
    return np.column_stack(places) * scaling.weight if places else np.zeros((len(numbers), 1))
