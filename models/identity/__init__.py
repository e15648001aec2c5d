"""Identity: which records of which systems are one person, and ids for them that last."""

from .assign import Assignment, assign_ids, last_known, night_events
from .explain import Explanation, explain
from .history import customer_on, empty_history, merged_into, update_history
from .impact import Impact, ImpactLimits, impact
from .measure import bcubed, breakdown, pairwise
from .settings import IdentitySettings
from .state import State
from .step import Resolution, resolve

__all__ = [
    "Assignment",
    "Explanation",
    "IdentitySettings",
    "Impact",
    "ImpactLimits",
    "Resolution",
    "State",
    "assign_ids",
    "bcubed",
    "breakdown",
    "customer_on",
    "empty_history",
    "explain",
    "impact",
    "last_known",
    "merged_into",
    "night_events",
    "pairwise",
    "resolve",
    "update_history",
]
