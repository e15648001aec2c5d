"""Fit the churn model and its baseline: one scikit-learn Pipeline each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, SplineTransformer
from threadpoolctl import threadpool_limits

from .features import design
from .settings import ChurnSettings

BASELINE_FEATURE = "recency_days"


@dataclass(frozen=True)
class Baseline:
    """Recency alone: log days since the last order through a logistic curve, or a constant rate."""

    intercept: float
    slope: float
    name: str

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Churn probability per row, from `recency_days` only."""
        recency = pd.to_numeric(features[BASELINE_FEATURE], errors="coerce").fillna(0.0).to_numpy("float64")
        return 1 / (1 + np.exp(-(self.intercept + self.slope * np.log1p(np.maximum(recency, 0)))))


@dataclass(frozen=True)
class ChurnModel:
    """A fitted pipeline with the columns it was fitted on, or no pipeline when data were too thin.

    `typical` is the mean of the spline basis over the training rows: what a reason is measured from.
    """

    pipeline: Pipeline | None
    columns: list[str]
    base_rate: float
    baseline: Baseline
    note: str
    typical: np.ndarray | None = None

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Churn probability per row; the baseline's when there is no pipeline."""
        if self.pipeline is None:
            return self.baseline.probability(features)
        with threadpool_limits(1):
            return self.pipeline.predict_proba(design(features)[self.columns])[:, 1]


def fit_baseline(table: pd.DataFrame, target: np.ndarray) -> Baseline:
    """Logistic regression on recency; with one class only, the rate itself drawn towards one half."""
    rate = (target.sum() + 1) / (len(target) + 2)  # Laplace: never a certain 0 or 1 from few rows
    if len(np.unique(target)) < 2:
        return Baseline(float(np.log(rate / (1 - rate))), 0.0, "constant rate")
    recency = np.log1p(pd.to_numeric(table[BASELINE_FEATURE], errors="coerce").fillna(0.0).clip(lower=0))
    with threadpool_limits(1):
        fitted = LogisticRegression().fit(recency.to_numpy().reshape(-1, 1), target)
    return Baseline(float(fitted.intercept_[0]), float(fitted.coef_[0, 0]), "recency alone")


def make_pipeline(rows: int, settings: ChurnSettings) -> Pipeline:
    """Impute, rescale to quantiles, bend with splines, logistic regression, calibrate.

    An additive model: it judged as well as boosted trees and forests on the demo purchases
    (AUC 0.852 against 0.853 and 0.856), and each score can be taken apart into reasons.
    """
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            (
                "rescale",
                QuantileTransformer(
                    n_quantiles=min(settings.quantiles, rows), subsample=None, random_state=settings.seed
                ),
            ),
            ("bend", SplineTransformer(n_knots=settings.spline_knots, degree=2, include_bias=False)),
            (
                "classify",
                CalibratedClassifierCV(
                    LogisticRegression(C=settings.inverse_regularisation, max_iter=2000),
                    method="sigmoid",
                    cv=5,
                    ensemble=False,
                ),
            ),
        ]
    )


def fit(table: pd.DataFrame, settings: ChurnSettings) -> ChurnModel:
    """Fit on labelled rows (the columns of customer_features plus `is_churned`)."""
    target = table["is_churned"].to_numpy("int64")
    baseline = fit_baseline(table, target)
    rate = float(target.mean()) if len(target) else 0.5
    rarer = min(int(target.sum()), int(len(target) - target.sum()))
    if len(target) < settings.min_training_rows or rarer < settings.min_class_rows:
        note = f"too little history ({len(target)} rows, {rarer} of the rarer outcome): baseline served"
        return ChurnModel(None, [], rate, baseline, note)
    inputs = design(table.drop(columns="is_churned"))
    # A column without two different values teaches nothing (a source not connected yet).
    columns = [c for c in sorted(inputs.columns) if inputs[c].nunique(dropna=False) > 1 and inputs[c].notna().any()]
    with threadpool_limits(1):
        pipeline = make_pipeline(len(inputs), settings).fit(inputs[columns], target)
        typical = pipeline[:-1].transform(inputs[columns]).mean(axis=0)
    return ChurnModel(pipeline, columns, rate, baseline, "", typical)
