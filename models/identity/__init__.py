"""Identity: which records of which systems are one person, and ids for them that last."""

from .assign import Assignment, assign_ids, last_known, night_events
from .explain import Explanation, explain
from .history import customer_on, empty_history, merged_into, update_history
from .impact import Impact, ImpactLimits, impact
from .labels import Threshold, threshold_from_labels
from .measure import bcubed, breakdown, pairwise
from .overrides import Overrides, OverridesError, read_overrides
from .review import review_queue
from .settings import IdentitySettings
from .state import State
from .step import Resolution, customers_of, resolve

__all__ = [
    "Assignment",
    "Explanation",
    "IdentitySettings",
    "Impact",
    "ImpactLimits",
    "Overrides",
    "OverridesError",
    "Resolution",
    "State",
    "Threshold",
    "assign_ids",
    "bcubed",
    "breakdown",
    "customer_on",
    "customers_of",
    "empty_history",
    "explain",
    "impact",
    "last_known",
    "merged_into",
    "night_events",
    "pairwise",
    "read_overrides",
    "resolve",
    "review_queue",
    "threshold_from_labels",
    "update_history",
]
