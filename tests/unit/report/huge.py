"""A published database as large as one wishes, made by the database itself: columns and types as the contracts say."""

from pathlib import Path

import duckdb

from tests.unit.report.published import DAY, choices, contracts, definitions

CATEGORIES, DEPARTMENTS = 5_000, 40
# Rows by table; every other table has a few. 200,000 products in 5,000 categories, in stock in some stores.
ROWS = {
    **{"products": 200_000, "replenishment": 300_000, "stores": 3_000, "orders": 100_000, "order_lines": 300_000},
    **{"demand_notes": CATEGORIES, "demand_forecast": 9 * CATEGORIES, "demand_history": 52 * CATEGORIES},
    **{"demand_ledger": 200_000, "customer_interests": 200_000, "recommendations": 300_000, "customers": 50_000},
    **{"churn_warnings": 20_000, "churn_scores": 50_000, "lifetime_value": 50_000, "customer_segments": 50_000},
    **{"campaign_performance": 3_000, "support_cases": 50_000, "data_quality": 20_000, "grades": 5_000},
    **{"next_best_actions": 50_000, "custom_segments": 50_000},
}
FEW = 200
_SERIES = f"(i % {CATEGORIES})"
# How many different values a text column has; 8 where nothing is said, as models, stages and segments have.
_DISTINCT = {
    **dict.fromkeys(("product_category", "series_id", "category"), CATEGORIES),
    **{"department": DEPARTMENTS, "city": 500, "metric": 20},
    **dict.fromkeys(("reason", "reasons", "note", "message", "product_type", "campaign_id", "column_name"), 100_000),
    **dict.fromkeys(("product_id", "order_id", "order_line_id", "store_id", "segment"), 1_000_000),
}


def published_huge(path: Path) -> Path:
    """A published file with `ROWS` in its tables."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for table, columns in contracts().items():
            values = ", ".join(
                f'cast({_value(table, name, kind)} as {kind}) as "{name}"' for name, kind in columns.items()
            )
            rows = ROWS.get(table, FEW)
            connection.execute(f"create table marts.{table} as select {values} from range({rows}) as rows(i)")
        definitions(connection)
    return path


def _value(table: str, name: str, kind: str) -> str:
    if kind == "date":
        weeks = "(i % 60)" if name in ("week_start", "period_start") else "0"
        return f"date '{DAY}' - cast(7 * {weeks} as integer)"
    if kind == "timestamp":
        return f"timestamp '{DAY} 12:00:00' - i * interval 1 minute"
    if kind == "boolean":
        return "true"
    if name == "horizon_days":
        return "28"
    if kind == "bigint":
        return "i + 1"
    if kind == "double" or kind.startswith("decimal"):
        return "round(((i * 7919) % 1000) / 1024, 4)"
    if name.endswith("customer_id"):
        return "'C' || i"
    if name == "level":  # one total, the departments, and the rest categories
        rest = f"case when {_SERIES} <= {DEPARTMENTS} then 'department' else 'product_category' end"
        return f"case when {_SERIES} = 0 then 'total' else {rest} end"
    if named := choices(table, name):
        return f"([{', '.join(repr(choice) for choice in named)}])[1 + i % {len(named)}]"
    return f"'{name} ' || (i % {_DISTINCT.get(name, 8)})"
