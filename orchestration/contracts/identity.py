"""What identity leaves in the lake."""

import pyarrow as pa

ASSIGNMENTS = pa.schema(
    [
        ("record_key", pa.string()),
        ("customer_id", pa.string()),
        ("match_probability", pa.float64()),
        ("match_rule", pa.string()),
        ("cluster_size", pa.int64()),
    ]
)
IDENTITY_HISTORY = pa.schema(
    [
        ("record_key", pa.string()),
        ("customer_id", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)
IDENTITY_EVENTS = pa.schema(
    [
        ("as_of", pa.date32()),
        ("event", pa.string()),
        ("customer_id", pa.string()),
        ("other_customer_id", pa.string()),
        ("record_count", pa.int64()),
    ]
)
HOUSEHOLDS = pa.schema([("customer_id", pa.string()), ("household_id", pa.string())])
HOUSEHOLD_HISTORY = pa.schema(
    [
        ("customer_id", pa.string()),
        ("household_id", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)
IDENTITY_REDIRECTS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("current_customer_id", pa.string()),
        ("records", pa.int64()),
        ("is_main", pa.bool_()),
    ]
)
IDENTITY_REVIEW_QUEUE = pa.schema(
    [
        ("rank", pa.int64()),
        ("why", pa.string()),
        ("source_system_a", pa.string()),
        ("source_key_a", pa.string()),
        ("source_system_b", pa.string()),
        ("source_key_b", pa.string()),
        ("match_probability", pa.float64()),
        ("evidence", pa.string()),
        ("record_key_l", pa.string()),
        ("record_key_r", pa.string()),
    ]
)
REFUSED_LINKS = pa.schema(
    [
        ("record_key_l", pa.string()),
        ("record_key_r", pa.string()),
        ("match_probability", pa.float64()),
        ("reason", pa.string()),
    ]
)
OVERRIDE_PROBLEMS = pa.schema(
    [("line", pa.int64()), ("what", pa.string()), ("remedy", pa.string()), ("is_obeyed", pa.bool_())]
)
# The identity history as it was last published, with what a change of it would move: money per record, segment of
# the record's customer.
PUBLISHED_IDENTITY = pa.schema(
    [*IDENTITY_HISTORY, ("sales_usd", pa.decimal128(18, 2)), ("segment", pa.string())],
)
IDENTITY_IMPACT = pa.schema(
    [("as_of", pa.date32()), ("figure", pa.string()), ("value", pa.float64()), ("verdict", pa.string())]
)
IDENTITY_CHANGE = pa.schema(
    [("record_key", pa.string()), ("from_customer_id", pa.string()), ("to_customer_id", pa.string())]
)
