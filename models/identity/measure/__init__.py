"""How well people were found, against a truth: pairwise and B-cubed precision, recall and F1, also by kind of record.

Nothing here takes part in resolving; it only counts afterwards, and never lists pairs of records.
"""

from .agreement import bcubed, pairwise
from .breakdown import QUALITY_COLUMNS, breakdown

__all__ = ["QUALITY_COLUMNS", "bcubed", "breakdown", "pairwise"]
