"""Identity: which records of which systems are one person, and ids for them that last."""

from .assign import Assignment, assign_ids, last_known
from .history import empty_history, update_history
from .measure import bcubed, breakdown, pairwise
from .settings import IdentitySettings
from .state import State
from .step import Resolution, resolve

__all__ = [
    "Assignment",
    "IdentitySettings",
    "Resolution",
    "State",
    "assign_ids",
    "bcubed",
    "breakdown",
    "empty_history",
    "last_known",
    "pairwise",
    "resolve",
    "update_history",
]
