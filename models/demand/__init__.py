"""Demand: weekly units four weeks ahead, judged by rolling origin against naive forecasts."""

from .settings import DemandSettings
from .step import DemandResult, run

__all__ = ["DemandResult", "DemandSettings", "run"]
