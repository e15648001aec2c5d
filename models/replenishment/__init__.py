"""Replenishment: when a shelf will be empty and how much to order, from stock, forecasts and service levels."""

from .settings import ReplenishmentSettings
from .step import COLUMNS, run

__all__ = ["COLUMNS", "ReplenishmentSettings", "run"]
