"""A few numbers per customer and the logistic curve through them: what baselines are, and members of the blend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

Inputs = Callable[[pd.DataFrame], np.ndarray]


@dataclass(frozen=True)
class Logistic:
    """A fitted curve. `reads` names the feature that each input stands for; inputs makes them, (rows, inputs)."""

    name: str
    reads: tuple[str, ...]
    inputs: Inputs
    centre: np.ndarray
    scale: np.ndarray
    slopes: np.ndarray
    intercept: float

    def shares(self, features: pd.DataFrame) -> np.ndarray:
        """What each input adds to the log-odds of the average row it learnt from, `intercept`; (rows, inputs)."""
        if not len(self.slopes):
            return np.zeros((len(features), 0))
        return (self.inputs(features) - self.centre) / self.scale * self.slopes

    def log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Log-odds per row, each row on its own: added column by column, whatever the number of rows."""
        odds = np.full(len(features), self.intercept)
        for share in self.shares(features).T:
            odds = odds + share
        return odds

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Churn probability per row."""
        return 1 / (1 + np.exp(-self.log_odds(features)))


def fit_logistic(
    name: str,
    reads: tuple[str, ...],
    inputs: Inputs,
    rows: pd.DataFrame,
    target: np.ndarray,
    inverse_regularisation: float = 1.0,
) -> Logistic:
    """Ridge logistic regression on standardised inputs of rows that hold both outcomes."""
    from sklearn.linear_model import LogisticRegression

    values = inputs(rows)
    centre, scale = values.mean(axis=0), values.std(axis=0)
    scale[scale < 1e-12] = 1.0
    regression = LogisticRegression(solver="newton-cholesky", C=inverse_regularisation)
    fitted = regression.fit((values - centre) / scale, target)
    return Logistic(name, reads, inputs, centre, scale, fitted.coef_[0], float(fitted.intercept_[0]))
