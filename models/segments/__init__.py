"""Behavioural segments: groups of customers who buy alike, named by what sets them apart."""

from .settings import SegmentSettings
from .step import Segments, segment

__all__ = ["SegmentSettings", "Segments", "segment"]
