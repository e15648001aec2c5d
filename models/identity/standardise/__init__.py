"""Records in a form in which two spellings of one value are equal; originals are never changed.

One module per kind of value; a rule on values of that kind is written there and nowhere else in the pipeline.
"""

from .chinese import get_ready
from .features import SCHEMA, standardise
from .name_order import NameOrder

__all__ = ["SCHEMA", "NameOrder", "get_ready", "standardise"]
