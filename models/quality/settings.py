"""What is watched, and how far a night may stray from the nights before; each value with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class WatchSettings:
    """Thresholds of one entity. Measured on quiet and broken nights in tests/unit/models/test_quality_nights.py."""

    nights: int = 28
    """Earlier nights looked at: four of each weekday, and short enough to forget last season."""
    fewest_nights: int = 7
    """Below a whole week nothing is judged: a Sunday would be compared with weekdays."""
    deviations: float = 5.0
    """Width of the expected range, in robust standard deviations (1.4826 median absolute deviations). Elementary's
    default of 3 is for one test; some 600 numbers are judged a night, and at 3 two of them would be odd by chance."""
    smallest_change: float = 0.35
    """New rows may always stray so far, relatively: promotions and weather move trade by a third. Half is caught."""
    fewest_rows: int = 20
    """New or missing rows below this are never odd, so that tiny tables don't cry wolf."""
    shrinking: float = 0.05
    """Share of an entity's rows that may vanish overnight: some are deleted, a twentieth is a lost file."""
    rows_for_shares: int = 200
    """Rows needed before shares and quantiles of them say anything: at 200 a share of a half is known to 0.035."""
    smallest_share_change: float = 0.05
    """A null rate or other share may always move so far, absolutely."""
    smallest_relative_change: float = 0.2
    """Quantiles, lengths and distinct shares may always move so far, relatively; units, formats, mix-ups move more."""
    least_psi: float = 0.1
    """Population stability index below which a shift counts as none (Siddiqi, Credit Risk Scorecards, 2006: 0.1 is
    small, 0.25 is large). Above it, what chance alone gives in so few rows is allowed for: chi-square of B - 1 degrees
    times (1/n + 1/m) (Yurdakul and Naranjo, Statistical properties of the PSI, 2020)."""
    expected_in_a_category: int = 60
    """Categories expected less often tonight are taken together. At three times `anonymity` chance alone never makes a
    category fall below what is kept."""
    anonymity: int = 20
    """A category's share is kept only when so many rows have it (k-anonymity); what few people have stays unknown."""
    longest_category: int = 40
    """A longer value is no code."""
    exact_distinct: int = 200_000
    """Rows up to which different values are counted one by one; above, those of a fixed share of values (by hash)."""
    collapse: int = 50
    """Expected new rows from which on none at all is a collapse, which may be declared to stop the run."""


@dataclass(frozen=True)
class Watched:
    """How one entity is watched.

    Args:
        entity: conformed entity.
        time: column that says when a row came about; None when there is none.
        categories: columns of codes that tell nobody apart: only of these are values ever kept.
        ignored: columns that are not judged, with the reason.
        unusual_days: days whose row counts are not judged, with the reason (closed shops, a migration).
        recent_days: of a table too large to read whole every night, the last days that are, tonight's among them.
        blocks_on: collapses that stop the run: `no_new_rows`, `all_null`.
        settings: thresholds.
    """

    entity: str
    time: str | None = None
    categories: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)
    unusual_days: Mapping[date, str] = field(default_factory=dict)
    recent_days: int | None = None
    blocks_on: frozenset[str] = frozenset()
    settings: WatchSettings = field(default_factory=WatchSettings)
