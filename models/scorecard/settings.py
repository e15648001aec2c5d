"""Settings of the scorecard, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScorecardSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # A group is judged from 50 customers on: below, a calibration gap of 0.1 is within chance.
    min_group: int = 50
    # Figures that rank need both outcomes ten times; under that an AUC has a standard error near 0.1.
    min_group_class: int = 10
    # 200 resamples place the ends of a 95 % interval to about a tenth of its width.
    resamples: int = 200
    level: float = 0.95
    # Bins of predicted against actual, of equal count.
    bins: int = 10

    # Lists are judged on so many customers at most (the same ones every night, by a hash of their id): beyond, the
    # interval is narrower than any decision needs, and only time is spent.
    most_list_customers: int = 50_000

    # A model is looked at over its nights of four weeks: as long as an outcome takes, so one strange week has no say.
    demote_days: int = 28
    # Fewer matured nights than three say little, however bad they are.
    demote_nights: int = 3
    # It comes back when its backtest beat the baseline on so many nights in a row: one good night may be luck.
    return_nights: int = 3

    # Drift: tenths of the reference; an index of 0.1 is usually called moderate, of 0.25 a shift.
    drift_bins: int = 10
    drift_moderate: float = 0.10
    drift_large: float = 0.25
    # A column that moved by exactly the days between for so many customers counts days. Not for all: a first order may
    # come to light later. Recency moves so only where nearly nobody buys any more, and then tells as little.
    drift_clock_share: float = 0.99

    seed: int = 2017
    decimals: int = 6
