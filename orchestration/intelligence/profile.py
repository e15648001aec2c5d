"""One row per customer with everything that is known as of the run's day: what declared segments and personas read."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from orchestration.contracts import BEHAVIOUR_SEGMENTS, CHURN_SCORES, LIFETIME_VALUE
from orchestration.lake import Lake

_FACTS = {
    "view_360": "unified.customer_360",
    "lifecycle": "unified.customer_lifecycle",
    "groups": "unified.customer_groups",
    "features": "unified.customer_features",
}
# Scores of tonight, by where the lake keeps them; one that was not made is empty.
_SCORES = {
    "behaviour": ("behaviour_segments", BEHAVIOUR_SEGMENTS),
    "churn": ("churn_scores", CHURN_SCORES),
    "lifetime_value": ("lifetime_value", LIFETIME_VALUE),
}


def profile(warehouse: duckdb.DuckDBPyConnection, lake: Lake, as_of: date) -> pa.Table:
    """customer_id and the columns of `models.segments.PROFILE`, ordered by customer; what is not known is null."""
    from models.segments import PROFILE

    joins, known = [], {}
    for name, table in _FACTS.items():
        known[name] = {column for column, *_ in warehouse.sql(f"describe {table}").fetchall()}
        joins.append(f"left join (select * from {table} where as_of = $as_of) as {name} using (customer_id)")
    for name, (folder, contract) in _SCORES.items():
        scores = lake.read_table(f"intelligence/{folder}/{as_of}.parquet", contract)
        known[name] = set(scores.column_names)
        warehouse.register(f"scores_{name}", scores)
        joins.append(f"left join scores_{name} as {name} using (customer_id)")
    columns = [
        f"cast({f'{column.of}.{name}' if name in known[column.of] else 'null'} as {column.type}) as {name}"
        for name, column in PROFILE.items()
    ]
    query = (
        f"select people.customer_id, {', '.join(columns)}"
        f" from (select customer_id from unified.customer_groups where as_of = $as_of) as people {' '.join(joins)}"
        " order by people.customer_id"
    )
    return warehouse.sql(query, params={"as_of": as_of}).to_arrow_table()
