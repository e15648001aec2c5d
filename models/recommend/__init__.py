"""Recommendations: the next basket and the next new product of each customer, judged out of time against what sells
and against the customer's own habits."""

from .settings import RecommendSettings
from .step import SCHEMA, RecommendResult, run

__all__ = ["SCHEMA", "RecommendResult", "RecommendSettings", "run"]
