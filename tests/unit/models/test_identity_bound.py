"""Pairs left out before Splink scores: none that it would have kept."""

from __future__ import annotations

import importlib
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from models.identity.blocked_values import blocked_values, effective
from models.identity.scoring import Model, fit, score
from models.identity.scoring.bound import drop_hopeless, most_bits
from models.identity.scoring.comparison import Comparison
from models.identity.settings import IdentitySettings
from models.identity.standardise import standardise

pytestmark = pytest.mark.slow

SCORE = importlib.import_module("models.identity.scoring.score")
SETTINGS = IdentitySettings(threads=1)
ROWS = 240


def records() -> pa.Table:
    """People with two records each, a name in four shared by many, some values missing or with a slip."""
    rows = []
    for at in range(ROWS):
        person, again = divmod(at, 2)
        family = "smith" if person % 4 == 0 else f"{'bcdfgh'[person % 6]}ar{'lmnprst'[person % 7]}en"
        rows.append(
            {
                "record_key": f"k{at:03d}",
                "given": ["anna", "bruno", "clara", "dieter"][person % 4] if person % 9 or again else "",
                "family": family[:3] + family[4:] if again and person % 5 == 0 else family,
                "email": f"box{person}@example.org" if person % 3 else "",
                "phone": f"+1415555{1000 + person // 2:04d}" if (person + again) % 4 else "",
                "birth_date": f"19{50 + person % 40}-0{1 + person % 9}-1{(person + again * (person % 2)) % 10}",
                "city": ["Springfield", "Shelbyville", "Ogdenville"][person % 3],
                "street": f"{1 + person // 3} Oak Street" if person % 5 else "",
            }
        )
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def fitted() -> tuple[pa.Table, Model]:
    features = standardise(records())[0]
    features = effective(features, blocked_values(features))
    return features, fit(features, SETTINGS)


def told(features: pa.Table, model: Model, least: float, monkeypatch, *, leave_out: bool) -> tuple[pa.Table, int]:
    """(pairs from `least` on, how many Splink was asked about)."""
    asked = []

    def counting(connection: duckdb.DuckDBPyConnection, model: Model, least: float) -> None:
        if leave_out:
            drop_hopeless(connection, model, least)
        asked.append(connection.sql("select count(*) from candidates").fetchone()[0])

    monkeypatch.setattr(SCORE, "drop_hopeless", counting)
    return score(features, model, replace(SETTINGS, keep_probability=least)), asked[0]


@pytest.mark.parametrize("least", [1e-6, 0.05, 0.5, 0.999])
def test_the_pairs_kept_are_those_of_all_candidates(fitted, least, monkeypatch) -> None:
    features, model = fitted
    all_pairs, every = told(features, model, least, monkeypatch, leave_out=False)
    pairs, few = told(features, model, least, monkeypatch, leave_out=True)
    assert pairs.equals(all_pairs) and pairs.num_rows
    assert few < every


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_levels_are_worth(fitted, seed, monkeypatch) -> None:
    """Levels in any order of worth, and values rarer than the level's u."""
    features, model = fitted
    shares = np.random.default_rng(seed)

    def other(comparison: Comparison) -> Comparison:
        drawn = shares.choice([1e-7, 1e-3, 0.2, 0.9], (len(comparison.levels), 2)).tolist()
        return replace(
            comparison,
            levels=tuple(replace(one, m=m, u=u) for one, (m, u) in zip(comparison.levels, drawn, strict=True)),
        )

    strange = replace(model, comparisons=tuple(map(other, model.comparisons)), prior=float(shares.uniform(1e-6, 0.5)))
    all_pairs, _ = told(features, strange, 0.05, monkeypatch, leave_out=False)
    assert told(features, strange, 0.05, monkeypatch, leave_out=True)[0].equals(all_pairs)


def test_a_level_is_worth_the_most_with_the_rarest_value(fitted) -> None:
    _, model = fitted
    level = next(one for c in model.comparisons for one in c.levels if one.frequency == "name_key")
    rarest = replace(model, floors={**model.floors, "name_key": level.m / 1024})
    common = replace(rarest, frequencies=model.frequencies.slice(0, 0))
    assert most_bits(replace(level, u=level.m / 2), common) == pytest.approx(10.0)
    assert most_bits(replace(level, u=level.m / 2, frequency=None), rarest) == pytest.approx(1.0)
    seen = pa.table({"column": ["name_key"], "value": ["anna smith"], "frequency": [level.m / 4096]})
    assert most_bits(level, replace(rarest, frequencies=seen)) == pytest.approx(12.0)
