"""What was learnt, frozen: which comparisons with which m and u, which blocks, how frequent which value."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from .comparison import Comparison, Level

FREQUENCY_SCHEMA = pa.schema([("column", pa.string()), ("value", pa.string()), ("frequency", pa.float64())])
WORDS_SCHEMA = pa.schema([("column", pa.string()), ("value", pa.string())])
OVERSIZED_SCHEMA = pa.schema([("rule", pa.string()), ("key", pa.string())])


@dataclass(frozen=True)
class Model:
    """Everything a pair's score depends on besides its two records.

    prior: probability that two random records are one person. contradictions_hold: two given
    names, or a generation between birth dates, are never one person. blocking: names of the chosen rules in
    order; rules: column tuples of the deterministic rules that proved themselves, first is strongest.
    frequencies (column, value, frequency): share of *other* people's records with the value.
    common_words (column, value): words so common that they are no slip of another.
    oversized (rule, key): blocks left out because they were too big when the model was fitted.
    floors: frequency of a value never seen, per column. trained_on: counts, for the reader.
    """

    comparisons: tuple[Comparison, ...]
    prior: float
    contradictions_hold: bool
    blocking: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]
    floors: dict[str, float]
    frequencies: pa.Table
    common_words: pa.Table
    oversized: pa.Table
    trained_on: dict[str, Any]

    def to_json(self) -> str:
        """All but the tables; the same model gives the same text."""
        body = {
            "comparisons": [asdict(c) for c in self.comparisons],
            "prior": self.prior,
            "contradictions_hold": self.contradictions_hold,
            "blocking": list(self.blocking),
            "rules": [list(rule) for rule in self.rules],
            "floors": self.floors,
            "trained_on": self.trained_on,
        }
        return json.dumps(body, sort_keys=True, ensure_ascii=False)

    @cached_property
    def fingerprint(self) -> str:
        """Changes with anything that could change a score."""
        digest = hashlib.sha256(self.to_json().encode())
        for table in (self.frequencies, self.common_words, self.oversized):
            for column in table.columns:
                digest.update(json.dumps(column.to_pylist(), ensure_ascii=False).encode())
        return digest.hexdigest()[:16]

    def to_tables(self) -> dict[str, pa.Table]:
        """Arrow tables to store: model (one row of JSON), frequencies, oversized."""
        text = pa.table({"json": pa.array([self.to_json()], pa.string())})
        return {
            "model": text,
            "frequencies": self.frequencies,
            "common_words": self.common_words,
            "oversized": self.oversized,
        }

    def disagreement(self, name: str) -> float:
        """How often one person's records disagree in a comparison altogether; 0.0 where it is not compared."""
        return next((c.levels[-1].m for c in self.comparisons if c.name == name), 0.0)

    @classmethod
    def from_tables(cls, tables: dict[str, pa.Table]) -> Model:
        """The model that `to_tables` took apart."""
        body = json.loads(tables["model"].column("json")[0].as_py())
        comparisons = tuple(
            Comparison(
                c["name"], tuple(c["columns"]), c["unknown"], tuple(Level(**level) for level in c["levels"])
            )
            for c in body["comparisons"]
        )  # fmt: skip
        return cls(
            comparisons,
            body["prior"],
            body["contradictions_hold"],
            tuple(body["blocking"]),
            tuple(tuple(rule) for rule in body["rules"]),
            body["floors"],
            tables["frequencies"].cast(FREQUENCY_SCHEMA).combine_chunks(),
            tables["common_words"].cast(WORDS_SCHEMA).combine_chunks(),
            tables["oversized"].cast(OVERSIZED_SCHEMA).combine_chunks(),
            body["trained_on"],
        )

    def splink_settings(self) -> dict[str, Any]:
        """The settings that make a Splink linker score as this model does (its charts and waterfalls too)."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "row_id",
            "probability_two_random_records_match": self.prior,
            "comparisons": [_splink_comparison(c) for c in self.comparisons],
            "blocking_rules_to_generate_predictions": [],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": False,
        }


def _splink_comparison(comparison: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
    ]
    for level in comparison.levels:
        entry = {
            "sql_condition": level.sql or "ELSE",
            "label_for_charts": level.label,
            "m_probability": level.m,
            "u_probability": level.u,
        }
        if level.frequency:
            # The level's own u is what the frequency stands in for; levels need not be equalities of that column.
            entry |= {"tf_adjustment_column": level.frequency, "disable_tf_exact_match_detection": True}
        levels.append(entry)
    return {"output_column_name": comparison.name, "comparison_levels": levels}
