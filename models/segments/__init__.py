"""Behavioural segments: groups of customers who buy alike, named by what sets them apart, the same every night."""

from .carry import Before
from .custom import CustomSegment, CustomSegments, custom_segments, declared
from .personas import personas
from .profile import PROFILE
from .settings import SegmentSettings
from .state import from_state, state_table
from .step import Segments, segment

__all__ = [
    "PROFILE",
    "Before",
    "CustomSegment",
    "CustomSegments",
    "SegmentSettings",
    "Segments",
    "custom_segments",
    "declared",
    "from_state",
    "personas",
    "segment",
    "state_table",
]
