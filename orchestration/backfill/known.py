"""What was known as of a date, in the shape of a night: temporary views over the tables of a backfill.

Features are as of their own date anyway. Outcomes are emptied where their time had not ended by the date, so that a
model that forgot to look at the calendar still sees no future.
"""

from __future__ import annotations

import re
from datetime import date

import duckdb

from orchestration.intelligence.night import Inputs
from orchestration.lake import sql_identifier

# A night has its own date and nine earlier ones, so many days apart; see unified_feature_dates.
_APART_DAYS, _DATES = 28, 10
_WINDOW = re.compile(r"_next_(\d+)d(_|$)")
_OF_AS_OF = ("customer_id", "as_of", "is_active", "churn_known_after_days", "rhythm_window_days")


def hand_out(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> Inputs:
    """Make the views for one date; a next call replaces them."""
    dates = (
        f"as_of <= date '{as_of}' and (date '{as_of}' - as_of) % {_APART_DAYS} = 0"
        f" and date '{as_of}' - as_of < {_APART_DAYS * _DATES}"
    )
    warehouse.execute(f"create or replace temp view known_features as select * from backfill.features where {dates}")
    columns = warehouse.sql("select * from backfill.outcomes limit 0").columns
    known = ", ".join(f"{_ended(column, as_of)} as {sql_identifier(column)}" for column in columns)
    warehouse.execute(
        f"create or replace temp view known_outcomes as select {known} from backfill.outcomes where {dates}"
    )
    _hand_out_demand(warehouse, as_of)
    return Inputs(features="known_features", outcomes="known_outcomes", demand="known_demand")


def _hand_out_demand(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Weeks of categories: what was sold in those that had ended, and of those to come the declared calendar."""
    warehouse.execute(
        f"""
        create or replace temp view known_demand as
        with weeks as (select *, week_start + 6 > date '{as_of}' as lies_ahead from unified.category_weeks)
        select series_id, department, week_start, lies_ahead as is_future,
            case when not lies_ahead then units end as units, case when not lies_ahead then sales_usd end as sales_usd,
            case when lies_ahead then declared_closed_days else closed_days end as closed_days,
            holidays, holidays_next, week_of_month
        from weeks
        """
    )


def _ended(column: str, as_of: date) -> str:
    """The column as it was known: empty where its window had not ended."""
    name = sql_identifier(column)
    if column in _OF_AS_OF:
        return name
    window = _WINDOW.search(column)
    # Whatever else an outcome is (left or stayed) is known when churn is, by the own rhythm when that has passed too.
    churn = "churn_known_after_days"
    left = f"greatest({churn}, rhythm_window_days)" if column == "is_churned_rhythm" else churn
    days = window.group(1) if window else left
    return f"case when as_of + cast({days} as int) <= date '{as_of}' then {name} end"
