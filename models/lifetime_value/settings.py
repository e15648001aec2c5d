"""Settings of lifetime value, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LifetimeValueSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # A month for the next campaign, a quarter for a budget, a year for what a customer may cost to win.
    horizons_days: tuple[int, ...] = (30, 90, 365)

    # Intervals hold the middle 80 %: of ten customers one is below and one above. Wider ones of single customers'
    # money say little more than "anything may happen".
    interval_share: float = 0.80

    # Past days that models learn from and are judged on are four whole weeks apart: the same weekday each, and far
    # enough that a customer's next origin holds new purchases.
    step_days: int = 28
    # Judged on up to three origins (one could be a holiday), learnt from up to six before each: half a year.
    judged_origins: int = 3
    training_origins: int = 6
    # Challenger and rates need eight weeks of purchases behind an origin; two such origins at least to learn from.
    min_history_days: int = 56
    min_training_origins: int = 2
    min_training_rows: int = 300
    # Under 20 customers with a second purchase the four parameters are guesses.
    min_repeat_customers: int = 20
    # Under 50 customers an average error is noise.
    min_judged_customers: int = 50

    # Parameters and trees are learnt from at most so many customers, chosen by a hash of their id. On a million
    # generated customers 20,000 give each parameter to one per cent.
    sample_customers: int = 20_000

    # A rate needs at least four weeks: one basket on the first day is not one basket every day.
    min_rate_days: int = 28

    # A candidate must be at least this near to the true total, or nearer than every baseline: a total wrong by more
    # than a tenth is of no use for a budget, however well single customers are told apart.
    tolerated_bias: float = 0.10

    # Forty small trees: 30 to 80, of 6 to 12 leaves, judged the same within half a per cent.
    trees: int = 40
    learning_rate: float = 0.10
    leaves: int = 8
    min_leaf_rows: int = 150
    # Inputs are cut at quantiles; 200 steps lose nothing that eight leaves could use.
    input_steps: int = 200

    # Rows scored at once: bounds memory, changes no score.
    batch_rows: int = 200_000

    # The top tenth is what a campaign for the best customers would address.
    top_share: float = 0.10

    seed: int = 2017
    # Money to the cent is below the noise of any forecast; counts and probabilities to six places.
    decimals: int = 6
    money_decimals: int = 2
