"""Figures that say how well churn was foreseen."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

HIGHER_IS_BETTER = {
    "auc": True,
    "pr_auc": True,
    "brier": False,
    "lift_at_10_percent": True,
    "calibration_gap": False,
}


def lift(target: np.ndarray, probability: np.ndarray, share: float) -> float:
    """Churn rate among the top `share` of scores over the churn rate of all; 1 is no better than chance.

    Ties at the cut count in proportion, so the figure does not depend on row order.
    """
    take = max(1, int(len(target) * share))
    cut = np.sort(probability)[::-1][take - 1]
    above, tied = probability > cut, probability == cut
    hits = target[above].sum() + target[tied].mean() * (take - above.sum())
    return float(hits / take / target.mean())


def measure(target: np.ndarray, probability: np.ndarray, lift_share: float) -> dict[str, float]:
    """AUC, PR-AUC, Brier score, lift and calibration gap of `probability` against 0/1 `target`.

    Needs both outcomes to occur. The calibration gap is |mean predicted - mean observed|.
    """
    return {
        "auc": float(roc_auc_score(target, probability)),
        "pr_auc": float(average_precision_score(target, probability)),
        "brier": float(brier_score_loss(target, probability)),
        "lift_at_10_percent": lift(target, probability, lift_share),
        "calibration_gap": float(abs(probability.mean() - target.mean())),
    }
