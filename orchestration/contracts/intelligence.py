"""What the models say, as it is left in the lake."""

import pyarrow as pa

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
