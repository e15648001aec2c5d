"""Settings of the demand forecast, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemandSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # daily, weekly (Mondays), monthly or quarterly (first days); empty: found from the dates.
    frequency: str = ""
    # Periods ahead; 0 is as many as are usual: 28 days, 8 weeks, 12 months, 8 quarters.
    horizon: int = 0
    # Periods read, the newest; 0: three years of days, five of weeks, twenty of months, thirty of quarters. Older ones
    # say nothing new, and time and memory stay bounded whatever date a broken row holds.
    most_periods: int = 0
    # What the first column of a hierarchy is called among the levels.
    bottom_level: str = "series"
    # A feature column of this name is money: it only weighs the errors of series against one another (as in M5).
    weight_column: str = "revenue"
    # A feature column of this name counts the days of a period that sell nothing (ahead: as declared). Models learn
    # from what a full period would have brought and forecast the share that is open, as calendars are adjusted for
    # (Bell and Hillmer 1983): a rare closed week is not learnt otherwise.
    closed_column: str = "closed_days"

    # Syntetos and Boylan (2005): more than 1.32 periods between sales is intermittent, a squared coefficient of
    # variation of the sizes over 0.49 is erratic.
    interval_cut: float = 1.32
    variation_cut: float = 0.49
    # Under four observed periods nothing can be said but their mean; under twelve no model can be told from another.
    new_periods: int = 4
    short_periods: int = 12
    # No sale for this many of its own mean intervals, and at least for so many periods: the series has ended.
    ended_intervals: float = 6.0
    ended_least: int = 13

    # More than ten times all that was seen before is an accident (a typing error, a bulk order), not demand:
    # the models learn from ten times. Counted once eight periods are known.
    spike_times: float = 10.0
    spike_after: int = 8
    # A sum is called observed while no more than a fifth of it had to be guessed for closed or sold-out members.
    most_imputed: float = 0.2

    # Rolling origins before tonight's: the older half only serves the first choice, the newer half is judged. Two
    # months of weeks each; a few series get more of them, up to half a year, until there are so many errors per
    # horizon, since intervals are read from them.
    half_origins: int = 8
    most_half_origins: int = 26
    wanted_errors: int = 1000
    # Choices are made and trees fitted anew after so many judged origins.
    refit_every: int = 8
    # Half of the periods must stay to learn from.
    most_judged_share: float = 0.5
    # An average is of so many of the best, at most.
    most_averaged: int = 4
    # A group of series chooses for itself when it has so many scaled errors; else all series of its class do.
    least_errors: int = 300
    # An accident (a bulk order) errs the same for every candidate, and by more than all else together: cut there.
    error_clip: float = 5.0
    # A steadier candidate is kept unless another's error is smaller by this share: differences below are chance. On
    # seven sets 0.5 to 1 % judged alike, and better than less or more.
    least_gain: float = 0.0075

    # Gradient boosting over all series.
    boosted: bool = True
    # Sixty-three steps per input cost a fifth less time than 255.
    trees: int = 120
    input_steps: int = 63
    learning_rate: float = 0.06
    leaves: int = 15
    least_leaf_rows: int = 40
    # Rows to learn from: bounds time at night (0.5 s of CPU per fit) and memory whatever the number of series.
    most_rows: int = 30_000
    least_rows: int = 400
    # A few series have little to tell: more rows of them are nearly copies of one another.
    node_rows: int = 300
    # Origins of training rows; with more of them the rows are nearly copies of one another.
    most_origins: int = 60
    # Distances from the level beyond these many spreads are one-off events.
    target_clip: float = 6.0

    # Errors per group and horizon from which a quantile is read; else horizons, then groups, are pooled.
    least_residuals: int = 120

    seed: int = 2017
    # Amounts are stored to three decimals: below that is arithmetic noise between machines.
    decimals: int = 3
