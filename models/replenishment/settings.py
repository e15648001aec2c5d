"""Settings of replenishment, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReplenishmentSettings:
    """Values that a person may want to change; the code reads them from here only."""

    # Half a year: no forecast of eight weeks says more of what lies beyond it than "as in its last weeks".
    most_days: int = 182
    # Weeks at the end of the forecast whose mean goes on after it.
    carried_weeks: int = 4

    # Where the stock's own row says nothing: an order a week, and one cycle in twenty may end empty.
    service_level: float = 0.95
    review_days: int = 7

    # "May be empty from": one case in ten, as the 80 % interval of the forecast has it.
    early_level: float = 0.90

    # Above so many units the negative binomial is as good as normal, and its quantiles take long to find.
    normal_from_units: float = 1000.0

    # Rows worked on at once: 20,000 rows times half a year of days are 30 MB a table.
    rows_at_once: int = 20_000
    decimals: int = 3
