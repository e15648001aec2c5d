"""Identity by kind of record: where people are found well, and where not."""

import dagster as dg
import pandas as pd

from orchestration.contracts import HOUSEHOLDS, IDENTITY_QUALITY
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.grading.truth import tonights_truth
from orchestration.intelligence import plots
from orchestration.lake import Lake

_SHOWN = ["value", "records", "precision", "recall", "f1", "bcubed_f1"]


@dg.asset(
    key=["grading", "identity_quality"],
    group_name="grading",
    owners=["customer-data@example.com"],
    kinds={"python", "parquet"},
    deps=[dg.AssetKey(["identity", "assignments"])],
    pool=WAREHOUSE_POOL,
)
def identity_quality(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """How well people are found, pairwise and B-cubed: by source, language and kind of error, and by household.

    Made where there is a truth, as for the grades; by what else that truth says of its records.
    """
    from models.identity import measure

    known = tonights_truth(lake)
    if isinstance(known, str):
        context.log.info(f"identity is {known}")
        return dg.MaterializeResult(metadata={"identity": known})
    households = _households(known.current, lake)
    table = measure.breakdown(known.current, known.truth, households)
    frame = table.assign(as_of=known.as_of)
    lake.write(f"grading/identity_quality/{known.as_of}.parquet", frame, IDENTITY_QUALITY)
    metadata: dict[str, object] = {"dagster/row_count": len(frame)}
    for dimension, rows in table.groupby("dimension", sort=False):
        metadata[str(dimension)] = dg.MetadataValue.md(rows[_SHOWN].round(4).to_markdown(index=False))
        if dimension in ("error_kind", "source_pair"):
            metadata[f"{dimension} drawn"] = plots.bars(
                rows.set_index("value")[["precision", "recall"]], "share of pairs", str(dimension).replace("_", " ")
            )
    return dg.MaterializeResult(metadata=metadata)


def _households(current: pd.DataFrame, lake: Lake) -> pd.DataFrame | None:
    """record_key and household_id as found; a customer without one is a household alone. None before there are any."""
    path = "identity/households.parquet"
    if not (lake.data.lake / path).exists():
        return None
    found = current.merge(lake.read(path, HOUSEHOLDS)[["customer_id", "household_id"]], on="customer_id", how="left")
    return found.assign(household_id=found["household_id"].fillna(found["customer_id"]))[["record_key", "household_id"]]
