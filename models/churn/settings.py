"""Settings of the churn model, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChurnSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # The outcome looks 28 days ahead, four whole weeks, so that every window has the same weekdays.
    horizon_days: int = 28

    # A customer silent for longer than 56 days has left already: asking whether they will leave is
    # no question. Must agree with the population of customer_outcomes.
    active_within_days: int = 56

    # Under 300 labelled rows or 30 of the rarer class (about ten events per effective parameter) the
    # splines memorise; the baseline is served instead.
    min_training_rows: int = 300
    min_class_rows: int = 30

    # Under ten of a class the judged AUC has a standard error near 0.1: too blunt to promote anything.
    min_judged_class_rows: int = 10

    # At risk means twice the usual rate: on the demo that picks about a sixth of customers, a list a
    # campaign can work through, and holds about half of those who leave.
    at_risk_lift: float = 2.0

    # Five spline knots give three bends per feature; more did not raise the out-of-time AUC (0.85).
    spline_knots: int = 5
    # Quantile steps of the rescaling to 0..1; it makes outliers harmless (spend is very skewed).
    quantiles: int = 100
    # Ridge strength of the logistic regression; 0.02 to 0.2 judged the same within noise.
    inverse_regularisation: float = 0.05

    # A single feature that sorts the outcome this well is the outcome in disguise.
    leak_auc: float = 0.99
    # Below this many rows per class a perfect ordering happens by luck.
    leak_min_class_rows: int = 50

    # Lift is reported for the tenth of customers with the highest score.
    lift_share: float = 0.10

    seed: int = 2017

    # Probabilities are stored to six places: below that is arithmetic noise between machines.
    decimals: int = 6
