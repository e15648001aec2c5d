"""How right it was, as it is left in the lake."""

import pyarrow as pa

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
