"""What a person sees of an identity night in the UI: counts, rules, sizes, alarms. No value that names anybody."""

from __future__ import annotations

from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import pyarrow as pa

from models.identity.overrides import Overrides, to_table
from orchestration.intelligence.plots import histogram
from orchestration.validated.masking import masked

_SHOWN_VALUES = 20
_SHOWN_PROBLEMS = 50


def about_assignments(resolution: Any, assignment: Any, about_state: str) -> dict[str, Any]:
    """Customers, records per customer, what was scored again and why, records by rule, alarms, blocked values."""
    current = assignment.current
    customers = current["customer_id"].nunique()
    sizes = current.groupby("customer_id").size()
    by_rule = current["match_rule"].value_counts().sort_index()
    by_reason = resolution.refused["reason"].value_counts().sort_index()
    metadata: dict[str, Any] = {
        "dagster/row_count": len(current),
        "customers": customers,
        "records_per_customer": round(len(current) / max(customers, 1), 2),
        "largest_customer_records": int(sizes.max()) if customers else 0,
        "households": int(resolution.households["household"].nunique()),
        "state": about_state,
        "worked_out": "; ".join(resolution.reasons) or "all of it",
        "records_by_rule": dg.MetadataValue.md(by_rule.to_frame("records").to_markdown()),
        "refused_pairs": dg.MetadataValue.md(by_reason.to_frame("pairs").to_markdown()),
        "alarms": dg.MetadataValue.md("\n".join(f"- {alarm}" for alarm in resolution.alarms) or "none"),
        "blocked_values": dg.MetadataValue.md(masked_blocked(resolution.state.blocked).to_markdown(index=False)),
    }
    if customers:
        metadata["sizes"] = histogram(sizes, "records of a customer", "customers")
    return metadata


def about_events(assignment: Any) -> dict[str, Any]:
    """How many customers were created, merged, split or vanished tonight."""
    counts = assignment.events["event"].value_counts()
    return {
        "dagster/row_count": len(assignment.events),
        "tonight": {str(kind): int(count) for kind, count in counts.items()},
    }


def about_overrides(overrides: Overrides) -> dict[str, Any]:
    """How many decisions of people are obeyed, and a line for each row of their file that is not."""
    table = to_table(overrides.problems[:_SHOWN_PROBLEMS])
    return {
        "dagster/row_count": len(overrides.problems),
        "in_short": overrides.in_short(),
        "decisions_obeyed": len(overrides.decisions),
        "rows_not_obeyed": overrides.not_obeyed,
        "problems": dg.MetadataValue.md(table.to_markdown(index=False) if len(table) else "none"),
    }


def masked_blocked(blocked: pa.Table) -> pd.DataFrame:
    """Values that name nobody, as shapes: the widest shared first."""
    with duckdb.connect(":memory:") as connection:
        connection.register("blocked", blocked)
        return connection.sql(
            f"select kind, {masked('customer_records', 'value', 'VARCHAR')} as value, records, people, reason"
            f" from blocked order by records desc, kind, value limit {_SHOWN_VALUES}"
        ).df()
