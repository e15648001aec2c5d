"""Pictures of demand for the UI: what was sold and what is expected, with its intervals; shelves empty soon."""

from __future__ import annotations

import dagster as dg
import duckdb
import pandas as pd

from orchestration.intelligence import plots

# The last half year: more of it squeezes the weeks to come.
_SHOWN_WEEKS = 26
_DEPARTMENTS = 6


def pictures(warehouse: duckdb.DuckDBPyConnection, forecast: pd.DataFrame) -> dict[str, dg.MarkdownMetadataValue]:
    """The total as a fan, and the largest departments beside one another."""
    sold = warehouse.sql(
        "select department, week_start, sum(units) as units from unified.category_weeks where not is_future"
        " group by all order by all"
    ).df()
    weekly = forecast[forecast["frequency"] == "week"]
    if sold.empty or weekly.empty:
        return {}
    newest = sorted(sold["week_start"].unique())[-_SHOWN_WEEKS:]
    sold = sold[sold["week_start"].isin(newest)]
    largest = sold.groupby("department")["units"].sum().sort_values(ascending=False, kind="stable").index[:_DEPARTMENTS]
    total = sold.groupby("week_start")["units"].sum()
    fans = {"total": (total, weekly[weekly["level"] == "total"])}
    by_department = {
        str(name): (
            sold[sold["department"] == name].set_index("week_start")["units"],
            weekly[(weekly["level"] == "department") & (weekly["series_id"] == name)],
        )
        for name in largest
    }
    return {
        "total": plots.fans(fans, "units a week, sold and expected"),
        "departments": plots.fans(by_department, "the largest departments, units a week"),
    }


def empty_soon(table: pd.DataFrame, days: int = 28) -> dg.MarkdownMetadataValue:
    """How many shelves are expected to be empty on each of the coming days."""
    when = pd.to_datetime(table["stock_out_date"].dropna())
    until = (when - pd.to_datetime(table["as_of"].iloc[0])).dt.days if len(table) else pd.Series(dtype="int64")
    counts = until[until <= days].value_counts().reindex(range(1, days + 1), fill_value=0)
    return plots.columns(counts, "days from now", "shelves expected empty from that day")
