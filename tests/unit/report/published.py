"""Published databases for tests: tables as the marts' contracts promise them, with a few rows or none."""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import yaml

from orchestration.paths import DBT_PROJECT_DIR

DAY = date(2017, 12, 31)
# What a text column holds where any word would not do: the pages ask for these.
_TEXTS = {
    ("metrics", "dimension"): ["company"],
    ("metrics", "period"): ["month", "week"],
    ("pipeline_runs", "status"): ["published"],
    ("data_quality", "status"): ["warn"],
    ("demand_forecast", "frequency"): ["week"],
    ("demand_forecast", "level"): ["total", "department", "product_category"],
    ("demand_history", "frequency"): ["week"],
    ("demand_history", "level"): ["total", "department", "product_category"],
    ("identity_quality", "dimension"): ["all"],
    ("model_scorecard", "dimension"): ["all"],
    ("model_scorecard", "metric"): ["auc"],
    ("model_calibration", "subject"): ["churn"],
    ("model_calibration", "dimension"): ["tenth"],
    ("model_standing", "origin"): ["night"],
    ("recommendations", "kind"): ["new_product"],
    ("customer_segment_history", "kind"): ["lifecycle_stage", "behaviour_segment"],
    ("next_best_actions", "action"): ["call", "write"],
    ("next_best_actions", "department"): ["sales", "marketing", "service"],
    ("next_best_actions", "channel"): ["phone", "email"],
    ("next_best_actions", "withheld_action"): ["call", "write"],
    ("next_best_actions", "withheld_because"): ["no channel with consent"],
    ("next_best_action_rules", "action"): ["call", "write", *(f"action {number}" for number in range(3, 99))],
    ("next_best_action_rules", "department"): ["sales", "marketing", "service"],
}


@cache
def contracts() -> dict[str, dict[str, str]]:
    """Columns and types by mart, as their contracts say."""
    found = {}
    for path in sorted((DBT_PROJECT_DIR / "models/marts").glob("_marts__*.yml")):
        for model in yaml.safe_load(path.read_text("utf-8")).get("models", []):
            found[model["name"]] = {column["name"]: column["data_type"] for column in model["columns"]}
    return found


def published(path: Path, rows: int, text: str = "ordinary", leave_out: tuple[str, ...] = ()) -> Path:
    """A published file with `rows` rows in every mart but those in `leave_out`; texts hold `text`."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for table, columns in contracts().items():
            if table in leave_out:
                continue
            typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"create table marts.{table} ({typed})")
            if rows:
                given = [
                    _value(table, name, kind, number, text) for number in range(rows) for name, kind in columns.items()
                ]
                marks = ", ".join(f"({', '.join('?' for _ in columns)})" for _ in range(rows))
                connection.execute(f"insert into marts.{table} values {marks}", given)
        if rows and "metric_definitions" not in leave_out:
            definitions(connection)
    return path


def definitions(connection: duckdb.DuckDBPyConnection) -> None:
    """One definition of each metric, as the pages ask for them by name."""
    connection.execute("delete from marts.metric_definitions")
    names = [name for name, kind in contracts()["metrics"].items() if kind not in ("varchar", "date", "boolean")]
    connection.executemany(
        "insert into marts.metric_definitions values (?, ?, 'USD', 'higher', 'a', 'b', ?)",
        [[name, "Revenue", "Revenue per order."] for name in names],
    )


def choices(table: str, name: str) -> list[str]:
    """What a text column may hold; nothing where any word will do."""
    return _TEXTS.get((table, name), [])


def _value(table: str, name: str, kind: str, number: int, text: str) -> object:
    if kind == "date":
        return DAY - timedelta(days=7 * number) if name in ("week_start", "period_start") else DAY
    if kind == "timestamp":
        return datetime(2017, 12, 31, 12) - timedelta(hours=number)
    if kind == "boolean":
        return True
    if name == "horizon_days":
        return 28
    if kind == "bigint":
        return number + 1
    if kind == "double" or kind.startswith("decimal"):
        return round((number + 1) / 16, 4)
    if name.endswith("customer_id"):
        return f"C{number}"
    named = choices(table, name)
    return named[number % len(named)] if named else f"{text} {number}"
