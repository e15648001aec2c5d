"""Lifetime value: what each customer is expected to buy in the days to come, with intervals and a ledger of why."""

from .settings import LifetimeValueSettings
from .step import LifetimeValueResult, run

__all__ = ["LifetimeValueResult", "LifetimeValueSettings", "run"]
