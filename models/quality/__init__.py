"""Table-level watching: each entity's profile of the night, judged against the nights before. Tables in, findings out.

Belongs here: what is measured, what is expected, what is odd. Does not belong here: rules about single rows (they
live with the entity in dbt), files and Dagster (`orchestration/validated/watch.py`).
"""

from models.quality.findings import Finding
from models.quality.judge import judge
from models.quality.profile import PROFILE_COLUMNS, newest, profile
from models.quality.settings import Watched, WatchSettings

__all__ = ["PROFILE_COLUMNS", "Finding", "WatchSettings", "Watched", "judge", "newest", "profile"]
