"""What the gate, the watch and the record of runs leave in the lake."""

import pyarrow as pa

QUARANTINE = pa.schema(
    [
        ("entity", pa.string()),
        ("record_key", pa.string()),
        ("rule", pa.string()),
        ("reason", pa.string()),
        ("severity", pa.string()),
        ("masked_value", pa.string()),
        ("first_seen", pa.date32()),
        ("last_seen", pa.date32()),
        ("is_current", pa.bool_()),
    ]
)
PROFILES = pa.schema(
    [
        ("as_of", pa.date32()),
        ("entity", pa.string()),
        ("rows_of", pa.string()),
        ("column_name", pa.string()),
        ("metric", pa.string()),
        ("category", pa.string()),
        ("value", pa.float64()),
    ]
)
SEEN_COLUMNS = pa.schema(
    [
        ("table_name", pa.string()),
        ("column_name", pa.string()),
        ("type", pa.string()),
        ("first_load_id", pa.string()),
        ("last_load_id", pa.string()),
    ]
)
DATA_QUALITY = pa.schema(
    [
        ("as_of", pa.date32()),
        ("entity", pa.string()),
        ("check_name", pa.string()),
        ("column_name", pa.string()),
        ("rows_of", pa.string()),
        ("value", pa.float64()),
        ("expected_low", pa.float64()),
        ("expected_high", pa.float64()),
        ("status", pa.string()),
        ("message", pa.string()),
    ]
)
PIPELINE_RUNS = pa.schema(
    [
        ("run_id", pa.string()),
        ("as_of", pa.date32()),
        ("started_at", pa.timestamp("us")),
        ("status", pa.string()),
        ("rows_pulled", pa.int64()),
        ("rows_staged", pa.int64()),
        ("rows_validated", pa.int64()),
        ("rows_quarantined", pa.int64()),
        ("customers", pa.int64()),
    ]
)
