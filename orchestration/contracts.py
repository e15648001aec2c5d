"""Columns of the Parquet tables that Python steps leave in the lake, as dbt declares them as sources."""

from __future__ import annotations

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
BEHAVIOUR_SEGMENTS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("as_of", pa.date32()),
        ("behaviour_segment_id", pa.int64()),
        ("behaviour_segment", pa.string()),
    ]
)
# The behavioural groups themselves, one row per segment and column, for the next night to carry on.
BEHAVIOUR_SEGMENT_STATE = pa.schema(
    [
        ("place", pa.int64()),
        ("behaviour_segment_id", pa.int64()),
        ("behaviour_segment", pa.string()),
        ("words", pa.list_(pa.string())),
        ("column_name", pa.string()),
        ("column_place", pa.int64()),
        ("centre", pa.float64()),
        ("weight", pa.float64()),
        ("values", pa.list_(pa.float64())),
        ("ranks", pa.list_(pa.float64())),
        ("next_id", pa.int64()),
        ("drawn_on", pa.date32()),
        ("silhouette", pa.float64()),
        ("stability", pa.float64()),
        ("looseness", pa.float64()),
    ]
)
SEGMENT_PERSONAS = pa.schema(
    [
        ("as_of", pa.date32()),
        ("behaviour_segment_id", pa.int64()),
        ("behaviour_segment", pa.string()),
        ("customers", pa.int64()),
        ("customer_share", pa.float64()),
        ("sales_84d_usd", pa.float64()),
        ("sales_share", pa.float64()),
        ("sales_per_customer_usd", pa.float64()),
        ("basket_usd", pa.float64()),
        ("lines_per_basket", pa.float64()),
        ("orders_per_customer", pa.float64()),
        ("churn_probability", pa.float64()),
        ("expected_spend_365d_usd", pa.float64()),
        ("evidence", pa.string()),
        ("typical_basket", pa.string()),
        ("reasons_to_contact", pa.string()),
        ("card", pa.string()),
    ]
)
CUSTOM_SEGMENTS = pa.schema(
    [
        ("segment", pa.string()),
        ("customer_id", pa.string()),
        ("as_of", pa.date32()),
        ("priority", pa.int64()),
        ("place", pa.int64()),
    ]
)
SEGMENT_OVERLAP = pa.schema(
    [
        ("segment", pa.string()),
        ("other_segment", pa.string()),
        ("as_of", pa.date32()),
        ("customers", pa.int64()),
        ("other_customers", pa.int64()),
        ("customers_in_both", pa.int64()),
        ("all_customers", pa.int64()),
    ]
)
CHURN_SCORES = pa.schema(
    [
        ("customer_id", pa.string()),
        ("as_of", pa.date32()),
        ("model", pa.string()),
        ("churn_probability", pa.float64()),
        ("baseline_probability", pa.float64()),
        ("is_at_risk", pa.bool_()),
        ("expected_spend_usd", pa.float64()),
        ("expected_loss_usd", pa.float64()),
        ("reason", pa.string()),
        ("reasons", pa.string()),
    ]
)
CHURN_BACKTEST = pa.schema(
    [
        ("as_of", pa.date32()),
        ("model", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("lead_lower", pa.float64()),
        ("lead_upper", pa.float64()),
        ("origins", pa.int64()),
        ("population", pa.int64()),
    ]
)
LIFETIME_VALUE = pa.schema(
    [
        ("customer_id", pa.string()),
        ("as_of", pa.date32()),
        ("model", pa.string()),
        ("probability_alive", pa.float64()),
        ("expected_basket_usd", pa.float64()),
        *(
            column
            for span in ("30d", "90d", "365d")
            for column in (
                (f"model_{span}", pa.string()),
                (f"expected_purchases_{span}", pa.float64()),
                (f"lower_purchases_{span}", pa.float64()),
                (f"upper_purchases_{span}", pa.float64()),
                (f"expected_spend_{span}_usd", pa.float64()),
                (f"lower_spend_{span}_usd", pa.float64()),
                (f"upper_spend_{span}_usd", pa.float64()),
                (f"baseline_spend_{span}_usd", pa.float64()),
            )
        ),
        ("reason", pa.string()),
    ]
)
DEMAND_FORECAST = pa.schema(
    [
        ("series_id", pa.string()),
        ("as_of", pa.date32()),
        ("week_start", pa.date32()),
        ("horizon_weeks", pa.int64()),
        ("forecast_units", pa.float64()),
        ("lower_units", pa.float64()),
        ("upper_units", pa.float64()),
        ("naive_units", pa.float64()),
        ("served_by", pa.string()),
    ]
)
# Words that repeat over millions of rows are kept once; a reader of Parquet sees plain text.
_WORDS = pa.dictionary(pa.int32(), pa.string())
RECOMMENDATIONS = pa.schema(
    [
        ("customer_id", _WORDS),
        ("as_of", pa.date32()),
        ("kind", _WORDS),
        ("rank", pa.int64()),
        ("product_id", _WORDS),
        ("score", pa.float64()),
        ("model", _WORDS),
        ("reason", _WORDS),
        ("times_bought", pa.int64()),
        ("usual_gap_days", pa.int64()),
        ("days_since_last", pa.int64()),
    ]
)
GRADES = pa.schema(
    [
        ("subject", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("baseline", pa.string()),
        ("baseline_value", pa.float64()),
        ("as_of", pa.date32()),
        ("evaluated_from", pa.date32()),
        ("evaluated_to", pa.date32()),
        ("population", pa.int64()),
    ]
)
IDENTITY_QUALITY = pa.schema(
    [
        ("as_of", pa.date32()),
        ("dimension", pa.string()),
        ("value", pa.string()),
        ("records", pa.int64()),
        ("true_pairs", pa.int64()),
        ("found_pairs", pa.int64()),
        ("right_pairs", pa.int64()),
        ("precision", pa.float64()),
        ("recall", pa.float64()),
        ("f1", pa.float64()),
        ("bcubed_precision", pa.float64()),
        ("bcubed_recall", pa.float64()),
        ("bcubed_f1", pa.float64()),
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
# Who serves for a subject as of a date: its model, or the baseline in its place since a date and why.
MODEL_STANDING = pa.schema(
    [
        ("subject", pa.string()),
        ("as_of", pa.date32()),
        ("origin", pa.string()),
        ("is_demoted", pa.bool_()),
        ("since", pa.date32()),
        ("reason", pa.string()),
    ]
)
DUE_PREDICTIONS = pa.schema(
    [
        ("subject", pa.string()),
        ("task", pa.string()),
        ("as_of", pa.date32()),
        ("origin", pa.string()),
        ("horizon_days", pa.int64()),
    ]
)
# Past answers beside what happened: one figure of one task, date, origin and group of customers.
SCORECARD = pa.schema(
    [
        ("subject", pa.string()),
        ("task", pa.string()),
        ("as_of", pa.date32()),
        ("origin", pa.string()),
        ("horizon_days", pa.int64()),
        ("matured_on", pa.date32()),
        ("model", pa.string()),
        ("dimension", pa.string()),
        ("member", pa.string()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("baseline", pa.string()),
        ("baseline_value", pa.float64()),
        ("population", pa.int64()),
    ]
)
SCORECARD_BINS = pa.schema(
    [
        ("subject", pa.string()),
        ("task", pa.string()),
        ("as_of", pa.date32()),
        ("origin", pa.string()),
        ("horizon_days", pa.int64()),
        ("matured_on", pa.date32()),
        ("dimension", pa.string()),
        ("member", pa.string()),
        ("customers", pa.int64()),
        ("predicted", pa.float64()),
        ("actual", pa.float64()),
    ]
)
MODEL_DRIFT = pa.schema(
    [
        ("subject", pa.string()),
        ("as_of", pa.date32()),
        ("column_name", pa.string()),
        ("compared_with", pa.date32()),
        ("psi", pa.float64()),
        ("verdict", pa.string()),
    ]
)
