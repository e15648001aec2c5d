"""Churn: who will place no order in the next 28 days, judged out of time against recency alone."""

from .features import LeakedFutureError
from .settings import ChurnSettings
from .step import ChurnResult, run

__all__ = ["ChurnResult", "ChurnSettings", "LeakedFutureError", "run"]
