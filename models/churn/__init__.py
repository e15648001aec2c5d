"""Churn: who will leave, as the business defines it, and what it would cost; judged out of time beside baselines."""

from ..leaks import LeakedFutureError
from .settings import ChurnSettings
from .step import ChurnResult, Scorer, run

__all__ = ["ChurnResult", "ChurnSettings", "LeakedFutureError", "Scorer", "run"]
