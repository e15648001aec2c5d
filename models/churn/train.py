"""Fit the churn model: additive members, so that each score can be taken apart into reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, SplineTransformer

from .baselines import ORDERS, RFM, logarithms
from .blend import BLENDS, LINEAR, SPLINES, Blend, chance
from .features import EXPECTED_ORDERS, STILL_BUYS, TARGET, design
from .logistic import Logistic, fit_logistic
from .settings import ChurnSettings

NAME = "blended logistic regression"

# What the log-linear member reads: buying alone, which every business knows.
_BUYING = (
    "recency_days",
    "tenure_days",
    "order_days_ever",
    "orders_28d",
    "orders_84d",
    "orders_364d",
    "spend_28d",
    "spend_84d",
    "spend_364d",
    "mean_gap_days",
    "gap_ratio",
    "longest_gap_days",
    "basket_usd",
)
# A straight line has no use for odds of more than a thousand to one.
_MOST_LOG_ODDS = 7.0


def _buying(features: pd.DataFrame) -> np.ndarray:
    return logarithms(features, _BUYING)


def _buying_and_history(features: pd.DataFrame) -> np.ndarray:
    history = features[[EXPECTED_ORDERS, STILL_BUYS]].to_numpy("float64")
    return np.column_stack([_buying(features), np.clip(history, -_MOST_LOG_ODDS, _MOST_LOG_ODDS)])


@dataclass(frozen=True)
class Splines:
    """A fitted pipeline with the columns it was fitted on; `typical` is the mean of its basis over these rows."""

    pipeline: Pipeline
    columns: list[str]
    typical: np.ndarray
    settings: ChurnSettings

    @property
    def reads(self) -> tuple[str, ...]:
        """The feature behind each column of `shares`."""
        return tuple(self.columns)

    @property
    def intercept(self) -> float:
        """Log-odds of the average row it learnt from."""
        last = self.pipeline[-1]
        return float(last.intercept_[0] + self.typical @ last.coef_[0])

    def shares(self, features: pd.DataFrame) -> np.ndarray:
        """What each column adds to `intercept`, (rows, columns): coefficients times spline basis."""
        basis = self.pipeline[:-1].transform(design(features, self.settings)[self.columns])
        weighed = (basis - self.typical) * self.pipeline[-1].coef_[0]
        return weighed.reshape(len(features), len(self.columns), -1).sum(axis=2)

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Log-odds per row."""
        basis = self.pipeline[:-1].transform(design(features, self.settings)[self.columns])
        return self.pipeline[-1].decision_function(basis)


@dataclass(frozen=True)
class ChurnModel:
    """Fitted members by name, and the blend of them that answers.

    Rows are given with the columns of `History.add` that the members were fitted with.
    """

    members: dict[str, Splines | Logistic]
    blend: Blend

    def told(self, features: pd.DataFrame) -> dict[str, np.ndarray]:
        """Log-odds by member."""
        return {name: member.log_odds(features) for name, member in self.members.items()}

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Log-odds per row, of the blend."""
        return self.blend.log_odds({name: self.members[name].log_odds(features) for name in self.blend.members})

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Churn probability per row."""
        return chance(self.log_odds(features))

    def blended(self, blend: Blend) -> ChurnModel:
        """The same members in another blend."""
        return replace(self, blend=blend)

    @property
    def reads(self) -> tuple[str, ...]:
        """The feature behind each column of `shares`; one is named once for each member that reads it."""
        return tuple(read for name in self.blend.members for read in self.members[name].reads)

    @property
    def intercept(self) -> float:
        """Log-odds that the shares are added to: of a customer who is average in everything."""
        names = self.blend.members
        return self.blend.shift + sum(self.members[name].intercept for name in names) / len(names)

    def shares(self, features: pd.DataFrame) -> np.ndarray:
        """What each of `reads` adds to `intercept`, (rows, reads): together exactly the log-odds that are served."""
        names = self.blend.members
        return np.column_stack([self.members[name].shares(features) / len(names) for name in names])


def make_pipeline(rows: int, settings: ChurnSettings) -> Pipeline:
    """Impute, rescale to quantiles, bend with splines, logistic regression.

    Judged as well as boosted trees on the same features of Complete Journey, and better on CDNOW.
    """
    rescale = QuantileTransformer(n_quantiles=min(settings.quantiles, rows), subsample=None, random_state=settings.seed)
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("rescale", rescale),
            ("bend", SplineTransformer(n_knots=settings.spline_knots, degree=2, include_bias=False)),
            ("classify", LogisticRegression(C=settings.inverse_regularisation, solver="newton-cholesky")),
        ]
    )


def _fit_splines(rows: pd.DataFrame, target: np.ndarray, settings: ChurnSettings) -> Splines | str:
    inputs = design(rows, settings)
    # A column without two different values teaches nothing (a source not connected yet).
    columns = [c for c in sorted(inputs.columns) if inputs[c].nunique(dropna=True) > 1]
    if not columns:
        return "no feature takes two different values"
    pipeline = make_pipeline(len(inputs), settings)
    basis = pipeline[:-1].fit_transform(inputs[columns])
    pipeline[-1].fit(basis, target)
    return Splines(pipeline, columns, basis.mean(axis=0), settings)


def fit(rows: pd.DataFrame, settings: ChurnSettings, baselines: list[Logistic]) -> ChurnModel | str:
    """Fit all members on labelled rows (features and `is_churned`); the reason in words where they are too few.

    baselines: fitted on the same rows; two of them are members too. The blend is the first that can be had.
    """
    target = rows[TARGET].to_numpy("int64")
    rarer = min(int(target.sum()), int(len(target) - target.sum()))
    if len(target) < settings.min_training_rows or rarer < settings.min_class_rows:
        return f"too little history ({len(target)} rows, {rarer} of the rarer outcome)"
    splines = _fit_splines(rows, target, settings)
    if isinstance(splines, str):
        return splines
    reads, inputs = _BUYING, _buying
    if EXPECTED_ORDERS in rows.columns:
        reads, inputs = (*_BUYING, EXPECTED_ORDERS, STILL_BUYS), _buying_and_history
    linear = fit_logistic(LINEAR, reads, inputs, rows, target, settings.linear_inverse_regularisation)
    plain = {one.name: one for one in baselines if one.name in (RFM, ORDERS)}
    members: dict[str, Splines | Logistic] = {SPLINES: splines, LINEAR: linear, **plain}
    return ChurnModel(members, Blend(next(names for names in BLENDS if members.keys() >= set(names))))
