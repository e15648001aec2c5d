"""What the demand step says, as it is left in the lake."""

import pyarrow as pa

_AMOUNTS = ("forecast", "lower_80", "upper_80", "lower_95", "upper_95", "naive")
DEMAND_FORECAST = pa.schema(
    [
        ("frequency", pa.string()),
        ("level", pa.string()),
        ("series_id", pa.string()),
        ("as_of", pa.date32()),
        ("period_start", pa.date32()),
        ("horizon", pa.int64()),
        *((f"{name}_units", pa.float64()) for name in _AMOUNTS),
        ("model", pa.string()),
        ("reason", pa.string()),
        ("series_class", pa.string()),
    ]
)
DEMAND_LEDGER = pa.schema(
    [
        ("frequency", pa.string()),
        ("level", pa.string()),
        ("series_id", pa.string()),
        ("as_of", pa.date32()),
        ("series_class", pa.string()),
        ("first_choice", pa.string()),
        ("model", pa.string()),
        ("reason", pa.string()),
    ]
)
DEMAND_NOTES = pa.schema(
    [
        ("product_category", pa.string()),
        ("as_of", pa.date32()),
        ("forecast_units", pa.float64()),
        ("usual_units", pa.float64()),
        ("change_share", pa.float64()),
        ("level_change", pa.float64()),
        ("promoted_ahead", pa.float64()),
        ("promoted_recent", pa.float64()),
        ("price_change", pa.float64()),
        ("closed_days_ahead", pa.int64()),
        ("closed_days_recent", pa.int64()),
        ("holidays_ahead", pa.int64()),
        ("holidays_recent", pa.int64()),
        ("previous_as_of", pa.date32()),
        ("revision", pa.float64()),
        ("moved", pa.string()),
        ("note", pa.string()),
    ]
)
REPLENISHMENT = pa.schema(
    [
        ("product_id", pa.string()),
        ("store_id", pa.string()),
        ("as_of", pa.date32()),
        ("series_id", pa.string()),
        ("share", pa.float64()),
        ("on_hand_units", pa.float64()),
        ("on_order_units", pa.float64()),
        ("expected_units", pa.float64()),
        ("safety_units", pa.float64()),
        ("order_up_to_units", pa.float64()),
        ("reorder_quantity", pa.float64()),
        ("stock_out_date", pa.date32()),
        ("stock_out_early_date", pa.date32()),
        ("stock_out_probability", pa.float64()),
        ("reason", pa.string()),
    ]
)
