"""The weeks of a backfill: one partition per week from Monday to Sunday, spoken for as of its Sunday."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import dagster as dg

# Older answers would teach nothing about today's models; a partition per week is cheap all the same.
_FIRST_MONDAY = "2010-01-04"
WEEKS = dg.WeeklyPartitionsDefinition(start_date=_FIRST_MONDAY, day_offset=1)
_TO_SUNDAY = timedelta(days=6)


def as_of(partition: str) -> date:
    """The date that a week's scores speak for."""
    return date.fromisoformat(partition) + _TO_SUNDAY


def partitions_between(first: date, last: date) -> list[str]:
    """The weeks whose Sunday lies between two dates, both included."""
    monday = first - _TO_SUNDAY
    monday += timedelta(days=-monday.weekday() % 7)
    weeks = []
    while monday + _TO_SUNDAY <= last:
        weeks.append(monday.isoformat())
        monday += timedelta(days=7)
    return weeks


def range_tags(weeks: list[str]) -> Mapping[str, str]:
    """The tags of one run over all of `weeks`."""
    return {
        "dagster/asset_partition_range_start": weeks[0],
        "dagster/asset_partition_range_end": weeks[-1],
    }


def dbt_variables(context: dg.AssetExecutionContext) -> Mapping[str, str]:
    """First and last date of the run's weeks, for dbt."""
    window = context.partition_key_range
    return {"backfill_from": as_of(window.start).isoformat(), "backfill_to": as_of(window.end).isoformat()}
