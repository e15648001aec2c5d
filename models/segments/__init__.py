"""Behavioural segments: groups of customers who buy alike, named by what sets them apart, the same every night."""

from .carry import Before
from .settings import SegmentSettings
from .state import from_state, state_table
from .step import Segments, segment

__all__ = ["Before", "SegmentSettings", "Segments", "from_state", "segment", "state_table"]
