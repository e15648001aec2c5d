"""Demand: any table of series, days to quarters, forecast with intervals and sums that add up; judged out of time."""

from .settings import DemandSettings
from .step import DemandResult, run

__all__ = ["DemandResult", "DemandSettings", "run"]
