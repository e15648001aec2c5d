"""Settings of the churn model, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

# What the model learns from, where a shop has it. Age, income and household are left out: nobody should be treated
# worse for them.
FEATURES = (
    "recency_days",
    "tenure_days",
    "order_days_ever",
    "orders_28d",
    "orders_84d",
    "spend_28d",
    "spend_84d",
    "spend_prior_84d",
    "mean_gap_days",
    "gap_ratio",
    "longest_gap_days",
    "gap_deviation_days",
    "longest_gap_ratio",
    "recent_gap_days",
    "recent_gap_ratio",
    "basket_usd",
    "distinct_categories_84d",
    "discount_share_84d",
    "coupon_share_84d",
    "private_brand_share_84d",
    "weekend_share_84d",
    "web_sessions_28d",
    "web_sessions_84d",
    "tickets_84d",
    "complaints_84d",
    "calls_84d",
    "last_nps",
    "last_csat",
    "last_sentiment",
    "touches_84d",
    "open_rate_84d",
    "click_rate_84d",
)


@dataclass(frozen=True)
class ChurnSettings:
    """Values that a person may want to change; the code reads them from here only.

    What leaving means (window, rhythm or contract) is no setting of the model: the outcomes say it.
    """

    features: tuple[str, ...] = FEATURES

    # Under 300 labelled rows or 30 of the rarer class (about ten events per effective parameter) the
    # splines memorise; a baseline is served instead.
    min_training_rows: int = 300
    min_class_rows: int = 30
    # Some hundred coefficients are learnt: a thousand rows for each leave little to gain, and bound time and memory.
    max_training_rows: int = 120_000

    # Four months of judging even out a holiday; more would take history from the first fit.
    origins: int = 4
    # Under ten of a class the judged AUC has a standard error near 0.1: too blunt to promote anything.
    min_judged_class_rows: int = 10
    # A percentile interval needs some hundred draws.
    resamples: int = 100
    # The interval of more rows than this is narrower than anyone reads.
    max_resampled_rows: int = 40_000

    # At risk means twice the usual rate, where that is possible: on the demo that picks about a sixth of customers, a
    # list a campaign can work through, and holds about half of those who leave. Where most customers leave, twice the
    # rate does not exist, and a half says nothing: there the list is the tenth with the highest probability.
    at_risk_lift: float = 2.0
    at_risk_most: float = 0.5

    # Before the first judged date up to so many more say which blend of the members to judge.
    choosing_origins: int = 4

    # Three spline knots bend each feature once; five judged worse on earlier dates of both public sets.
    spline_knots: int = 3
    # Quantile steps of the rescaling to 0..1; it makes outliers harmless (spend is very skewed).
    quantiles: int = 100
    # Ridge strength of the logistic regression; 0.02 to 0.2 judged the same within noise.
    inverse_regularisation: float = 0.05
    # The same of the log-linear member, which has a tenth of the coefficients.
    linear_inverse_regularisation: float = 0.1

    # A person reads three reasons.
    reasons: int = 3
    # Customers are scored this many at a time, so that memory does not grow with them.
    batch_rows: int = 100_000

    seed: int = 2017

    # Probabilities are stored to six places: below that is arithmetic noise between machines.
    decimals: int = 6
