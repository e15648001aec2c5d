"""Which models serve: a model that fell below its baseline stands back until its backtest beats it again."""

from __future__ import annotations

from datetime import date

from orchestration.contracts import MODEL_STANDING
from orchestration.intelligence.kept import NIGHTLY, Kept
from orchestration.lake import Lake


def demotion(lake: Lake, subject: str, as_of: date, kept: Kept = NIGHTLY) -> str:
    """Why the baseline must serve in place of the model as of a date; empty when the model may serve.

    Decided by the scorecard, earlier in the same run, from predictions whose outcome was known by `as_of`.
    """
    rows = lake.read(kept.standing(subject, as_of), MODEL_STANDING)
    return str(rows["reason"].iloc[0]) if len(rows) and rows["is_demoted"].iloc[0] else ""
