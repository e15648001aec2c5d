"""The review queue as an asset, and the question it rests on: who is who by the state and the decisions in the lake."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa

from models.identity import Resolution
from models.identity.overrides import Overrides, no_overrides, read_overrides
from models.identity.review import review_queue
from models.identity.step import customers_of
from orchestration.contracts import IDENTITY_REVIEW_QUEUE
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.identity.answers import AnswersError, answered
from orchestration.identity.declaration import IdentityDeclaration
from orchestration.identity.published import read_published
from orchestration.identity.state import load_state
from orchestration.lake import Lake, replace_durably

QUEUE_SIZE = 100
_NO_NIGHT = "no pairs are kept of a night. Remedy: run the night (make run or make nightly)"
_SHOWN = 20
_NAMES = "select record_key, source_system, source_key from validated.customer_records order by record_key"
_FOR_PEOPLE = [
    "decision", "source_system_a", "source_key_a", "source_system_b", "source_key_b", "decided_by", "decided_on",
    "reason", "rank", "why", "match_probability", "evidence",
]  # fmt: skip


class NothingToReviewError(Exception):
    """There is no state of a night; one line that says what to do."""


@dataclass(frozen=True)
class Night:
    """Who is who by the last night's scores and today's decisions."""

    resolution: Resolution
    records: pa.Table
    overrides: Overrides

    def queue(self, size: int, revenue: dict[str, float] | None = None) -> pd.DataFrame:
        """The questions that teach most."""
        decisions = self.overrides.decisions
        return review_queue(self.resolution, size, decisions, records=self.records, revenue=revenue)


def load_night(lake: Lake, declared: IdentityDeclaration) -> Night:
    """The last night as the lake has it.

    Raises:
        NothingToReviewError: no night was resolved yet, or its state is not whole.
    """
    if not lake.data.warehouse.exists():
        raise NothingToReviewError(_NO_NIGHT)
    with lake.warehouse() as warehouse:
        records, as_of = warehouse.sql(_NAMES).to_arrow_table(), lake.as_of(warehouse)
    state, _ = load_state(lake, as_of, timedelta.max)
    if state is None or not state.pairs.num_rows:
        raise NothingToReviewError(_NO_NIGHT)
    path = declared.overrides_file(lake.data)
    there = path is not None and path.exists()
    overrides = read_overrides(path.read_bytes(), records) if there else no_overrides()
    return Night(customers_of(state, declared.settings(), overrides.decisions), records, overrides)


def sheet(lake: Lake, declared: IdentityDeclaration) -> Path:
    """Where the queue lies for people: beside the decisions, on the private side."""
    decisions = declared.overrides_file(lake.data)
    return (decisions.parent if decisions else lake.data.root) / "identity_to_review.csv"


def build_review_queue(declared: IdentityDeclaration) -> dg.AssetsDefinition:
    """The asset that asks."""

    @dg.asset(
        key=["identity", "review_queue"],
        group_name="identity",
        owners=["customer-data@example.com"],
        kinds={"python", "parquet"},
        deps=[dg.AssetKey(["identity", name]) for name in ("assignments", "features")],
        pool=WAREHOUSE_POOL,
    )
    def identity_review_queue(lake: Lake) -> dg.MaterializeResult:
        """Pairs of records whose answer would teach most, as a CSV to fill in; `make review` asks them one by one."""
        try:
            night = load_night(lake, declared)
        except NothingToReviewError:
            empty = IDENTITY_REVIEW_QUEUE.empty_table().to_pandas()
            lake.write("identity/review_queue.parquet", empty, IDENTITY_REVIEW_QUEUE)
            return dg.MaterializeResult(metadata={"dagster/row_count": 0, "questions": 0})
        queue = night.queue(QUEUE_SIZE, _revenue(lake))
        lake.write("identity/review_queue.parquet", queue, IDENTITY_REVIEW_QUEUE)
        threshold = night.resolution.threshold
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(queue),
                "questions": len(queue),
                "answered_so_far": len(night.overrides.decisions),
                "threshold_by_answers": threshold.why,
                "link_probability_by_answers": threshold.probability,
                "to_fill_in": write_sheet(sheet(lake, declared), queue),
                "first_questions": dg.MetadataValue.md(for_the_ui(queue.head(_SHOWN)).to_markdown(index=False)),
            }
        )

    return identity_review_queue


def for_the_ui(queue: pd.DataFrame) -> pd.DataFrame:
    """Questions without their records' own keys, of which some are card numbers or addresses; `rank` finds them."""
    return queue[["rank", "why", "source_system_a", "source_system_b", "match_probability", "evidence"]]


def write_sheet(path: Path, queue: pd.DataFrame) -> str:
    """Put the queue where people fill it in, unless it holds answers that nobody took yet; what was done, in words."""
    if path.exists():
        try:
            waiting = len(answered(path.read_bytes()))
        except AnswersError:  # begun, and not finished
            waiting = 1
        if waiting:
            return f"{path.name} was left as it is: it holds answers. Take them with make review TAKE={path.name}"
    unfinished = path.with_name(f".{path.name}.unfinished")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig") as file:
        queue[_FOR_PEOPLE].to_csv(file, index=False, lineterminator="\n")
    replace_durably(unfinished, path)
    return f"{path.name} in the data folder"


def _revenue(lake: Lake) -> dict[str, float]:
    """record_key -> money of its customer, as it was last published; empty before the first publication."""
    current = read_published(lake).current.to_pandas()
    if current.empty or "sales_usd" not in current:
        return {}
    money = current.groupby("customer_id")["sales_usd"].transform("sum").fillna(0.0)
    return dict(zip(current["record_key"], money.astype(float), strict=True))
