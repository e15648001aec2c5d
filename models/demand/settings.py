"""Settings of the demand forecast, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemandSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # Four weeks ahead: the time a store needs to order, and what a promotion plan covers.
    horizon_weeks: int = 4

    # A series needs eight complete weeks before its level and spread mean anything.
    min_history_weeks: int = 8
    # Weeks in the level of a series. Twelve judged 0.3 % better than eight: one promotion moves it less.
    level_weeks: int = 12

    # Fewer training rows than this and the trees are fitting noise; the four-week mean is served.
    min_training_rows: int = 400

    # Rolling origin: the model is judged at every weekly origin of the last 16 weeks whose four
    # weeks are over, refitted every four weeks. Sixteen origins cover a quarter and more; beyond
    # that too little is left to train on in one year of data.
    judged_origins: int = 16
    refit_every_weeks: int = 4

    # 150 small trees: 60 judged 0.3 % worse, 300 the same and twice as slow. Absolute error because
    # weekly units have rare large jumps (promotions) that a squared error would chase.
    trees: int = 150
    learning_rate: float = 0.05
    leaves: int = 15
    min_leaf_rows: int = 200
    # Distances from the level beyond these many spreads are one-off events, not demand.
    target_clip: float = 5.0
    input_clip: float = 20.0
    # A lag that fewer than half the rows know (a year ago, in the first year) is left out.
    min_known_share: float = 0.5

    # Middle 80 % of the out-of-time errors: what a planner needs, and stable with some hundred errors.
    lower_quantile: float = 0.10
    upper_quantile: float = 0.90

    seed: int = 2017
    # Units are stored to three decimals: below that is arithmetic noise between machines.
    decimals: int = 3
