"""Demand: series of any table, days to quarters, forecast with intervals and sums that add up; judged by rolling origin."""

from .settings import DemandSettings
from .step import DemandResult, run

__all__ = ["DemandResult", "DemandSettings", "run"]
